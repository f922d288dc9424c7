"use client";

import { useQuery } from "@tanstack/react-query";
import type { CommitDetail } from "#server/code/contract.ts";
import { Hash } from "#components/ui/copy.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { SkeletonTable } from "#components/ui/skeleton.tsx";
import { Time } from "#components/ui/values.tsx";
import { DiffView } from "./diff-view.tsx";
import { StatusMark } from "./parts/status-mark.tsx";
import { commitDiffQuery, commitQuery, historyQuery } from "./queries.ts";

export interface ShownCommit {
  readonly commit: string;
  readonly path: string | null;
}

/** Commits of the branch, newest first. */
export function HistoryPanel({
  project,
  branch,
  shown,
  onShow,
}: {
  project: string;
  branch: string;
  shown: ShownCommit | null;
  onShow: (shown: ShownCommit) => void;
}) {
  const query = useQuery(historyQuery(project, branch));
  if (query.isPending) return <SkeletonTable rows={8} columns={2} />;
  if (query.isError) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <ol className="h-full overflow-auto py-1" aria-label="Commits">
      {query.data.commits.map((commit) => (
        <li key={commit.sha}>
          <button
            type="button"
            aria-current={shown?.commit === commit.sha}
            className="flex w-full flex-col gap-0.5 px-3 py-1.5 text-left hover:bg-raised aria-[current=true]:bg-raised"
            onClick={() => {
              onShow({ commit: commit.sha, path: null });
            }}
          >
            <span className="w-full truncate">{commit.subject}</span>
            <span className="text-2xs text-muted">
              <span className="font-mono">{commit.sha.slice(0, 8)}</span> {commit.author}, <Time at={commit.at} />
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}

/** One commit: its message, its files, and the difference of the chosen file. */
export function CommitView({
  project,
  shown,
  onShow,
}: {
  project: string;
  shown: ShownCommit;
  onShow: (shown: ShownCommit) => void;
}) {
  const query = useQuery(commitQuery(project, shown.commit));
  if (query.isPending) return <p className="p-4 text-muted">Reading the commit …</p>;
  if (query.isError) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  const commit = query.data;
  const path = shown.path ?? commit.files[0]?.path ?? null;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="border-b px-4 py-3">
        <h2 className="text-base font-medium">{commit.subject}</h2>
        {commit.body ? <p className="mt-1 whitespace-pre-wrap text-muted">{commit.body}</p> : null}
        <p className="mt-1 flex items-center gap-2 text-xs text-muted">
          <Hash value={commit.sha} /> {commit.author}, <Time at={commit.at} />
        </p>
        <ul className="mt-2 flex max-h-32 flex-wrap gap-x-4 gap-y-1 overflow-auto text-xs" aria-label="Changed files">
          {commit.files.map((file) => (
            <li key={file.path}>
              <button
                type="button"
                aria-current={file.path === path}
                className="flex items-center gap-1.5 aria-[current=true]:font-medium aria-[current=true]:underline"
                onClick={() => {
                  onShow({ commit: commit.sha, path: file.path });
                }}
              >
                <StatusMark status={file.status} /> {file.path}{" "}
                <span className="text-muted tabular-nums">
                  {file.additions === null ? "" : `+${file.additions} −${file.deletions ?? 0}`}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </header>
      <div className="min-h-0 flex-1">
        {path ? (
          <CommitDiff project={project} commit={commit} path={path} />
        ) : (
          <EmptyState>This commit changes no file.</EmptyState>
        )}
      </div>
    </div>
  );
}

function CommitDiff({ project, commit, path }: { project: string; commit: CommitDetail; path: string }) {
  const from = commit.files.find((file) => file.path === path)?.from ?? null;
  const query = useQuery(commitDiffQuery(project, commit.sha, path, from));
  if (query.isPending) return <p className="p-4 text-muted">Comparing …</p>;
  if (query.isError) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.binary)
    return <EmptyState>The file is not text, so there is nothing to compare line by line.</EmptyState>;
  return <DiffView path={path} before={query.data.before ?? ""} after={query.data.after ?? ""} />;
}
