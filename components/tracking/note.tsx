"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { NotebookPen, Pencil } from "lucide-react";
import { useState } from "react";
import { api, ApiError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { plural } from "#components/ui/format.ts";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { toast } from "#components/ui/toast.tsx";
import { LIMITS, type NoteDto, type NoteOwner } from "#server/tracking/contract.ts";
import { NoteEditor } from "./note-editor.tsx";
import { Markdown } from "./parts/markdown.tsx";

/** The note on one run. */
export function RunNotes({
  project,
  run,
  text,
  writable,
}: {
  project: string;
  run: string;
  text: string;
  writable: boolean;
}) {
  return <Note key={run} project={project} owner={{ kind: "run", id: run }} text={text} writable={writable} />;
}

/** The note on one experiment, asked for by itself. */
export function ExperimentNotes({ project, number, writable }: { project: string; number: number; writable: boolean }) {
  const owner = { kind: "experiment" as const, number };
  const query = useQuery({
    queryKey: [project, "runs", "note", number],
    queryFn: ({ signal }) => api<NoteDto>(noteAddress(project, owner), { signal }),
  });
  if (!query.data) return null;
  return (
    <Note
      key={number}
      project={project}
      owner={owner}
      text={query.data.text}
      writable={writable}
      onSaved={() => void query.refetch()}
    />
  );
}

function noteAddress(project: string, owner: NoteOwner): string {
  const at = owner.kind === "run" ? `runs/${encodeURIComponent(owner.id)}` : `experiments/${owner.number}`;
  return `/api/v1/projects/${encodeURIComponent(project)}/${at}/note`;
}

const draftKey = (project: string, owner: NoteOwner): string =>
  `touchstone-note-${project}-${owner.kind}-${owner.kind === "run" ? owner.id : owner.number}`;

/** What somebody wrote and did not save, with the text that they started from. */
interface Draft {
  readonly text: string;
  readonly before: string;
}

function storedDraft(key: string): Draft | null {
  try {
    const found: unknown = JSON.parse(window.localStorage.getItem(key) ?? "null");
    return typeof found === "object" && found !== null && "text" in found && "before" in found
      ? (found as Draft)
      : null;
  } catch {
    return null;
  }
}

function storeDraft(key: string, draft: Draft | null): void {
  try {
    if (draft === null || draft.text === draft.before) window.localStorage.removeItem(key);
    else window.localStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // A browser that stores nothing keeps the text as long as the page stands.
  }
}

function Note({
  project,
  owner,
  text,
  writable,
  onSaved,
}: {
  project: string;
  owner: NoteOwner;
  text: string;
  writable: boolean;
  onSaved?: () => void;
}) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const key = draftKey(project, owner);
  const edit = (): void => setDraft(storedDraft(key) ?? { text, before: text });
  const done = (): void => {
    storeDraft(key, null);
    setDraft(null);
  };
  if (draft)
    return (
      <Card title="Note" className="mb-4">
        <Editing
          project={project}
          owner={owner}
          draft={draft}
          onDraft={(next) => {
            storeDraft(key, next);
            setDraft(next);
          }}
          onDone={() => {
            done();
            onSaved?.();
          }}
          onCancel={done}
        />
      </Card>
    );
  if (text === "")
    return writable ? (
      <div className="mb-3">
        <Button size="sm" variant="ghost" icon={<NotebookPen aria-hidden />} onClick={edit}>
          Add a note
        </Button>
      </div>
    ) : null;
  return (
    <Card
      title="Note"
      className="mb-4"
      actions={
        writable ? (
          <Button size="sm" variant="ghost" icon={<Pencil aria-hidden />} onClick={edit}>
            Edit
          </Button>
        ) : undefined
      }
    >
      <div className="max-h-[50vh] overflow-auto">
        <NoteText text={text} />
      </div>
    </Card>
  );
}

export function NoteText({ text }: { text: string }) {
  return (
    <Markdown
      text={text}
      mention={(handle) => <span className="rounded-sm bg-raised px-1 font-medium">@{handle}</span>}
    />
  );
}

function Editing({
  project,
  owner,
  draft,
  onDraft,
  onDone,
  onCancel,
}: {
  project: string;
  owner: NoteOwner;
  draft: Draft;
  onDraft: (draft: Draft) => void;
  onDone: () => void;
  onCancel: () => void;
}) {
  const [theirs, setTheirs] = useState<string | null>(null);
  const address = noteAddress(project, owner);
  const save = useMutation({
    mutationFn: (body: Draft) => api<NoteDto>(address, { method: "PUT", body }),
    onSuccess: (note) => {
      toast.success(
        "Note saved",
        note.told.length > 0
          ? { detail: `${plural(note.told.length, "person", "people")} told: ${note.told.join(", ")}` }
          : {},
      );
      onDone();
      refreshPage();
    },
    onError: async (error) => {
      if (!(error instanceof ApiError) || error.code !== "stale") return;
      setTheirs((await api<NoteDto>(address)).text);
    },
  });
  const limit = owner.kind === "run" ? LIMITS.tagValue : LIMITS.experimentTagValue;
  const tooLong = draft.text.length > limit;
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(draft);
      }}
    >
      {theirs === null ? null : (
        <Behind
          theirs={theirs}
          onMine={() => {
            setTheirs(null);
            onDraft({ ...draft, before: theirs });
            save.mutate({ ...draft, before: theirs });
          }}
          onTheirs={onDone}
          onBoth={() => {
            setTheirs(null);
            save.reset();
            onDraft({ text: `${theirs}\n\n${draft.text}`, before: theirs });
          }}
        />
      )}
      <NoteEditor
        project={project}
        text={draft.text}
        onText={(text) => onDraft({ ...draft, text })}
        preview={<NoteText text={draft.text} />}
      />
      <FormError error={theirs === null ? save.error : null} />
      <div className="flex items-center justify-end gap-2">
        <span className={`mr-auto text-xs ${tooLong ? "text-bad" : "text-muted"}`}>
          Markdown. @name tells a member.{" "}
          {draft.text.length > limit * 0.8
            ? `${draft.text.length.toLocaleString("en")} of ${limit.toLocaleString("en")} characters`
            : ""}
        </span>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" loading={save.isPending} disabled={tooLong || theirs !== null}>
          Save note
        </Button>
      </div>
    </form>
  );
}

/** Somebody else saved in between: their text stands beside the writer's, and the writer says what becomes of both. */
function Behind({
  theirs,
  onMine,
  onTheirs,
  onBoth,
}: {
  theirs: string;
  onMine: () => void;
  onTheirs: () => void;
  onBoth: () => void;
}) {
  return (
    <div role="alert" className="space-y-2 rounded-md border border-line-strong bg-warn-soft p-3">
      <p className="text-sm">Somebody changed this note while you were writing. Your text is below; theirs is:</p>
      <div className="max-h-48 overflow-auto rounded-sm bg-surface p-2">
        {theirs === "" ? (
          <span className="text-sm text-muted">(they removed the note)</span>
        ) : (
          <NoteText text={theirs} />
        )}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={onBoth}>
          Edit both together
        </Button>
        <Button size="sm" onClick={onMine}>
          Save mine in its place
        </Button>
        <Button size="sm" onClick={onTheirs}>
          Keep theirs
        </Button>
      </div>
    </div>
  );
}
