"use client";

import { Button } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { setSearchParams } from "#components/ui/url-state.ts";
import { EmptyRuns } from "../empty-runs.tsx";
import type { TableState } from "./table-state.ts";

/** Why the table is empty, and what to do about it. */
export function NoRuns({
  project,
  state,
  misread,
  experiment,
}: {
  project: string;
  state: TableState;
  misread: boolean;
  experiment: string | null;
}) {
  if (misread) return <EmptyState>Correct the filter to see runs again.</EmptyState>;
  if (state.filter !== "")
    return (
      <EmptyState
        action={
          <Button size="sm" onClick={() => setSearchParams({ filter: null })}>
            Clear the filter
          </Button>
        }
      >
        No run matches the filter.
      </EmptyState>
    );
  if (state.view === "DELETED_ONLY") return <EmptyState>No deleted run here.</EmptyState>;
  return <EmptyRuns project={project} experiment={experiment} />;
}
