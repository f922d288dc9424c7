"use client";

import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { api } from "#components/ui/api.ts";
import { cn } from "#components/ui/cn.ts";
import { Textarea } from "#components/ui/input.tsx";
import type { MemberDto } from "#server/identity/contract.ts";

const MOST = 6;

/** What is being typed after an @ before the caret; null when none is. */
function typedMention(text: string, caret: number): string | null {
  return /(?:^|[^\w@/.-])@([a-z0-9._-]*)$/i.exec(text.slice(0, caret))?.[1] ?? null;
}

/** A text field for Markdown with a look at the result, and with the project's members offered after an @. */
export function NoteEditor({
  project,
  text,
  onText,
  preview,
}: {
  project: string;
  text: string;
  onText: (text: string) => void;
  preview: ReactNode;
}) {
  const id = useId();
  const [shown, setShown] = useState<"write" | "preview">("write");
  const [caret, setCaret] = useState(text.length);
  const [at, setAt] = useState(0);
  const [closed, setClosed] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const next = useRef<number | null>(null);
  const typed = closed ? null : typedMention(text, caret);
  const members = useQuery({
    queryKey: [project, "projects", "members"],
    queryFn: ({ signal }) => api<MemberDto[]>(`/api/v1/projects/${encodeURIComponent(project)}/members`, { signal }),
    enabled: typed !== null,
    staleTime: 60_000,
  });
  const wanted = typed?.toLowerCase() ?? "";
  const offered =
    typed === null
      ? []
      : (members.data ?? [])
          .filter(({ handle, name }) => handle.toLowerCase().startsWith(wanted) || name.toLowerCase().includes(wanted))
          .slice(0, MOST);
  const chosen = Math.min(at, offered.length - 1);

  useEffect(() => {
    if (next.current === null || !field.current) return;
    field.current.focus();
    field.current.setSelectionRange(next.current, next.current);
    next.current = null;
  }, [text]);

  const take = (member: MemberDto): void => {
    const from = caret - wanted.length;
    next.current = from + member.handle.length + 1;
    setCaret(next.current);
    onText(`${text.slice(0, from)}${member.handle} ${text.slice(caret)}`);
    setClosed(true);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (offered.length === 0) return;
    const member = offered[chosen];
    if (event.key === "ArrowDown") setAt((chosen + 1) % offered.length);
    else if (event.key === "ArrowUp") setAt((chosen + offered.length - 1) % offered.length);
    else if ((event.key === "Enter" || event.key === "Tab") && member) take(member);
    else if (event.key === "Escape") setClosed(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div>
      <div role="group" aria-label="Write or preview" className="mb-1.5 flex gap-0.5">
        {(["write", "preview"] as const).map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={shown === one}
            onClick={() => setShown(one)}
            className={cn(
              "h-7 rounded-md px-2.5 text-xs",
              shown === one ? "bg-raised font-medium" : "text-muted hover:text-text",
            )}
          >
            {one === "write" ? "Write" : "Preview"}
          </button>
        ))}
      </div>
      {shown === "preview" ? (
        <div className="min-h-40 rounded-md border p-3">
          {text.trim() === "" ? <span className="text-sm text-muted">Nothing to see yet.</span> : preview}
        </div>
      ) : (
        <div className="relative">
          <Textarea
            ref={field}
            mono
            rows={Math.min(20, Math.max(8, text.split("\n").length + 1))}
            value={text}
            autoFocus
            aria-label="Note"
            aria-controls={offered.length > 0 ? `${id}-members` : undefined}
            aria-activedescendant={offered.length > 0 ? `${id}-${chosen}` : undefined}
            aria-autocomplete="list"
            placeholder="What was tried, what came of it, what next"
            onKeyDown={onKey}
            onChange={(event) => {
              setClosed(false);
              setAt(0);
              setCaret(event.target.selectionStart);
              onText(event.target.value);
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          />
          {offered.length > 0 ? (
            <ul
              id={`${id}-members`}
              role="listbox"
              aria-label="Members"
              className="absolute bottom-1 left-1 z-20 w-72 rounded-md border bg-surface p-1 shadow-float"
            >
              {offered.map((member, i) => (
                <li
                  key={member.userId}
                  id={`${id}-${i}`}
                  role="option"
                  aria-selected={i === chosen}
                  // The field must keep the focus: a click would take it before it counts.
                  onMouseDown={(event) => {
                    event.preventDefault();
                    take(member);
                  }}
                  className={cn(
                    "flex h-7 cursor-pointer items-center gap-2 rounded-sm px-2 text-sm",
                    i === chosen && "bg-raised",
                  )}
                >
                  <span className="truncate">{member.name}</span>
                  <span className="ml-auto truncate text-xs text-muted">@{member.handle}</span>
                </li>
              ))}
            </ul>
          ) : null}
        </div>
      )}
    </div>
  );
}
