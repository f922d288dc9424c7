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
  hidden,
  experiment,
}: {
  project: string;
  state: TableState;
  misread: boolean;
  /** The reader hid runs that might stand here. */
  hidden: boolean;
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
  if (hidden && !state.hidden)
    return (
      <EmptyState
        action={
          <Button size="sm" onClick={() => setSearchParams({ hidden: "1" })}>
            Show hidden runs
          </Button>
        }
      >
        All runs here are hidden, by you and for you alone.
      </EmptyState>
    );
  return <EmptyRuns project={project} experiment={experiment} />;
}
