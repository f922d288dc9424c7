"use client";

import { useQuery } from "@tanstack/react-query";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { FilterBar, useFilters } from "#components/ui/filter-bar.tsx";
import { Time } from "#components/ui/values.tsx";
import { RUN_STATUSES, type RunPage, type RunSummary } from "#server/pipelines/contract.ts";
import { humanise } from "#components/ui/format.ts";
import { DurationAgainstMedian } from "./parts/duration-against-median.tsx";
import { PipelineStatus } from "./parts/step-status.tsx";
import { triggerText } from "./parts/trigger-text.ts";
import { runListQuery } from "./queries.ts";

const columns: Column<RunSummary>[] = [
  {
    id: "number",
    header: "Run",
    value: (r) => r.number,
    cell: (r) => <span className="font-medium">{r.number}</span>,
    width: 70,
    grow: 0,
  },
  {
    id: "status",
    header: "State",
    value: (r) => r.status,
    cell: (r) => <PipelineStatus status={r.status} />,
    width: 120,
    grow: 0,
  },
  { id: "pipeline", header: "Pipeline", value: (r) => r.pipeline, width: 170, grow: 1 },
  {
    id: "steps",
    header: "Steps",
    value: (r) => r.steps.done / Math.max(1, r.steps.total),
    cell: (r) => (
      <span data-number>
        {r.steps.done} of {r.steps.total}
      </span>
    ),
    search: false,
    width: 90,
    grow: 0,
  },
  {
    id: "trigger",
    header: "Started by",
    value: (r) => triggerText(r.trigger, r.createdBy),
    width: 180,
    grow: 1,
  },
  {
    id: "commit",
    header: "Commit",
    value: (r) => `${r.branch} ${r.commit}`,
    cell: (r) => (
      <span className="truncate">
        {r.branch} <code className="text-2xs text-muted">{r.commit.slice(0, 10)}</code>
      </span>
    ),
    width: 170,
    grow: 1,
  },
  {
    id: "created",
    header: "Created",
    value: (r) => r.createdAt,
    cell: (r) => <Time at={r.createdAt} />,
    width: 130,
    grow: 0,
  },
  {
    id: "duration",
    header: "Took / median",
    value: (r) => r.durationMs,
    cell: (r) => <DurationAgainstMedian {...r} />,
    search: false,
    width: 150,
    grow: 0,
    description: "Duration, and the median of the last 20 runs that succeeded",
  },
  { id: "error", header: "Reason", value: (r) => r.error ?? "", width: 220, grow: 2 },
];

/** The newest runs of all pipelines. */
export function RunTable({ project, initial }: { project: string; initial: RunPage }) {
  const runs = useQuery({ ...runListQuery(project), initialData: initial });
  const { status } = useFilters(["status"]);
  const wanted = new Set(status.split(",").filter(Boolean));
  const rows = runs.data.runs.filter((run) => wanted.size === 0 || wanted.has(run.status));
  return (
    <DataTable
      label="Pipeline runs"
      rows={rows}
      columns={columns}
      rowId={(r) => r.id}
      rowHref={(r) => `/p/${project}/pipelines/runs/${r.number}`}
      search="Search runs"
      filters={
        <FilterBar
          filters={[
            {
              param: "status",
              label: "State",
              multiple: true,
              options: RUN_STATUSES.map((value) => ({ value, label: humanise(value) })),
            },
          ]}
        />
      }
      sort={{ id: "number", desc: true }}
      error={runs.error}
      onRetry={() => void runs.refetch()}
      empty={
        <EmptyState>
          {runs.data.total === 0 ? "No pipeline has run yet. Press Run to start the first." : "No run matches."}
        </EmptyState>
      }
      maxHeight="60vh"
    />
  );
}
