"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { GitCommitVertical, Undo2 } from "lucide-react";
import { useState } from "react";
import type { WorkspaceDto } from "#server/code/contract.ts";
import { Button } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Textarea } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Checkbox } from "#components/ui/toggle.tsx";
import { DiffView } from "./diff-view.tsx";
import { StatusMark } from "./parts/status-mark.tsx";
import { draft, draftDiffQuery } from "./queries.ts";

interface Props {
  readonly project: string;
  readonly workspace: WorkspaceDto;
  /** Stores every open file first; false when one could not be stored. */
  readonly saveAll: () => Promise<boolean>;
  readonly onChanged: () => void;
  readonly onShow: (path: string) => void;
  readonly shown: string | null;
}

/** What differs from the last commit, and the way to publish it. */
export function ChangesPanel({ project, workspace, saveAll, onChanged, onShow, shown }: Props) {
  const { branch, changes } = workspace;
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [message, setMessage] = useState("");
  const chosen = changes.map((change) => change.path).filter((path) => !left.has(path));
  const commit = useMutation({
    mutationFn: async () => {
      if (!(await saveAll())) throw new Error("A file could not be saved yet; look at the tabs, then commit again.");
      return await draft.commit(project, branch, message, chosen);
    },
    onSuccess: ({ commit: sha }) => {
      setMessage("");
      setLeft(new Set());
      toast.success(`Committed ${sha.slice(0, 8)} to ${branch}`);
      onChanged();
    },
  });
  if (changes.length === 0)
    return (
      <EmptyState>
        Nothing differs from the last commit. What you type is saved to your workspace by itself; a commit publishes it.
      </EmptyState>
    );
  return (
    <form
      className="flex h-full min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        commit.mutate();
      }}
    >
      <ul className="min-h-0 flex-1 overflow-auto py-1" aria-label="Changed files">
        {changes.map((change) => (
          <li
            key={change.path}
            className={`group flex h-8 items-center gap-1 px-2 hover:bg-raised ${shown === change.path ? "bg-raised" : ""}`}
          >
            <Checkbox
              label={<span className="sr-only">Commit {change.path}</span>}
              checked={!left.has(change.path)}
              onCheckedChange={(on) => {
                setLeft(
                  (before) =>
                    new Set(on ? [...before].filter((path) => path !== change.path) : [...before, change.path]),
                );
              }}
            />
            <button
              type="button"
              className="min-w-0 flex-1 truncate text-left"
              title={change.path}
              onClick={() => {
                onShow(change.path);
              }}
            >
              {change.path}
            </button>
            <StatusMark status={change.status} />
            <ConfirmDialog
              title={`Discard your changes to ${change.path}?`}
              touches={
                change.status === "added"
                  ? "The new file is removed from your workspace."
                  : "The file goes back to the last commit in your workspace. What others see does not change."
              }
              action="Discard"
              danger
              onConfirm={async () => {
                await draft.discard(project, branch, [change.path]);
                onChanged();
              }}
              trigger={<IconButton label={`Discard ${change.path}`} icon={<Undo2 aria-hidden />} size="sm" />}
            />
          </li>
        ))}
      </ul>
      <div className="flex flex-col gap-2 border-t p-2">
        <Field label="Message" hint="What changes and why; the first line is the title.">
          <Textarea
            rows={3}
            value={message}
            onChange={(event) => {
              setMessage(event.target.value);
            }}
          />
        </Field>
        <FormError error={commit.error} />
        <Button
          type="submit"
          variant="primary"
          icon={<GitCommitVertical aria-hidden />}
          disabled={message.trim() === "" || chosen.length === 0}
          loading={commit.isPending}
        >
          Commit {chosen.length} {chosen.length === 1 ? "file" : "files"} to {branch}
        </Button>
      </div>
    </form>
  );
}

/** One changed file against the last commit. */
export function DraftDiff({ project, branch, path }: { project: string; branch: string; path: string }) {
  const query = useQuery(draftDiffQuery(project, branch, path));
  if (query.isPending) return <p className="p-4 text-muted">Comparing …</p>;
  if (query.isError) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.binary)
    return <EmptyState>The file is not text, so there is nothing to compare line by line.</EmptyState>;
  return <DiffView path={path} before={query.data.before ?? ""} after={query.data.after ?? ""} />;
}
