"use client";

import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { diffBetweenQuery } from "../queries.ts";

// Monaco needs a browser, and a page that shows no difference should not carry its weight.
const DiffView = dynamic(() => import("../diff-view.tsx").then((module) => module.DiffView), {
  ssr: false,
  loading: () => <Skeleton className="h-full" />,
});

interface FileDiffProps {
  readonly project: string;
  readonly path: string;
  /** Commits in full: what lies between two never changes, so the answer is kept. */
  readonly from: string;
  readonly to: string;
  /** Both texts in one column instead of beside each other. */
  readonly unified?: boolean;
  /** Pixels. */
  readonly height: number;
}

/** What differs in one file between two commits, line by line. */
export function FileDiff({ project, path, from, to, unified = false, height }: FileDiffProps) {
  const query = useQuery(diffBetweenQuery(project, from, to, path));
  if (query.isPending)
    return (
      <div style={{ height }}>
        <Skeleton className="h-full" />
      </div>
    );
  if (query.isError) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  const { binary, before, after } = query.data;
  if (binary) return <EmptyState>The file is not text, so there is nothing to compare line by line.</EmptyState>;
  return (
    <div style={{ height }}>
      <DiffView path={path} before={before ?? ""} after={after ?? ""} unified={unified} />
    </div>
  );
}
