"use client";

import { CircleAlert, CloudOff, X } from "lucide-react";
import { cn } from "#components/ui/cn.ts";
import { IconButton } from "#components/ui/icon-button.tsx";
import type { Buffer } from "./buffers.ts";

const WORDS: Readonly<Record<Buffer["state"], string>> = {
  saved: "saved",
  dirty: "not saved yet",
  saving: "saving",
  failed: "could not be saved",
  conflict: "in conflict",
};

function Mark({ state }: { state: Buffer["state"] }) {
  if (state === "conflict") return <CircleAlert className="size-3.5 text-bad" aria-hidden />;
  if (state === "failed") return <CloudOff className="size-3.5 text-warn" aria-hidden />;
  return state === "saved" ? null : <span className="size-1.5 rounded-full bg-text" aria-hidden />;
}

/** The open files. The mark says whether a file's text is stored. */
export function TabBar({
  buffers,
  active,
  onSelect,
  onClose,
}: {
  buffers: readonly Buffer[];
  active: string | null;
  onSelect: (path: string) => void;
  onClose: (path: string) => void;
}) {
  return (
    <ul className="flex h-9 shrink-0 overflow-x-auto border-b bg-bg" aria-label="Open files">
      {buffers.map((buffer) => (
        <li
          key={buffer.path}
          className={cn(
            "flex items-center gap-1 border-r pr-1 pl-3",
            active === buffer.path ? "bg-surface" : "text-muted",
          )}
        >
          <button
            type="button"
            aria-current={active === buffer.path}
            title={`${buffer.path}: ${WORDS[buffer.state]}`}
            className="flex h-full items-center gap-1.5 whitespace-nowrap"
            onClick={() => {
              onSelect(buffer.path);
            }}
          >
            {buffer.path.split("/").at(-1)}
            <Mark state={buffer.state} />
            <span className="sr-only">{WORDS[buffer.state]}</span>
          </button>
          <IconButton
            label={`Close ${buffer.path}`}
            icon={<X aria-hidden />}
            size="sm"
            onClick={() => {
              onClose(buffer.path);
            }}
          />
        </li>
      ))}
    </ul>
  );
}
