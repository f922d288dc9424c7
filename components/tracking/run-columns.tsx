"use client";

import { CornerDownRight } from "lucide-react";
import type { ReactNode } from "react";
import { shortId } from "#components/ui/format.ts";
import { Link } from "#components/ui/link.tsx";
import { Elapsed, Time } from "#components/ui/values.tsx";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { metricText } from "./parts/metric-text.ts";
import { RunStatusBadge } from "./parts/run-status.tsx";

/** A column of the runs table. */
export interface RunColumn {
  /** name, status…, or metrics.<key>, params.<key>, tags.<key>. */
  readonly id: string;
  readonly group: "Attributes" | "Metrics" | "Parameters" | "Tags";
  readonly header: string;
  readonly width: number;
  readonly numeric: boolean;
  /** What it means, on hover of the head. */
  readonly description?: string;
  readonly cell: (run: RunSummaryDto) => ReactNode;
}

/** Links inside a row that itself leads somewhere. */
const inner = (event: { stopPropagation: () => void }): void => event.stopPropagation();

const datasetText = (run: RunSummaryDto): string =>
  run.datasets.length > 0
    ? run.datasets.map((d) => `${d.name} v${d.version}`).join(", ")
    : run.inputs.map((i) => i.name).join(", ");

type Fixed = Omit<RunColumn, "id" | "group" | "numeric" | "cell"> & {
  readonly numeric?: boolean;
  readonly cell: (run: RunSummaryDto, project: string) => ReactNode;
};

const FIXED: Readonly<Record<string, Fixed>> = {
  name: {
    header: "Name",
    width: 196,
    cell: (r, project) => (
      <span className="flex min-w-0 items-center gap-1.5 font-medium">
        {r.parentRunId === null ? null : (
          <CornerDownRight className="size-3.5 shrink-0 text-muted" aria-label="Nested run" />
        )}
        <Link
          href={`/p/${project}/experiments/runs/${r.id}`}
          tabIndex={-1}
          prefetch={false}
          onClick={inner}
          className="truncate hover:underline hover:underline-offset-2"
        >
          {r.name}
        </Link>
      </span>
    ),
  },
  status: { header: "Status", width: 110, cell: (r) => <RunStatusBadge status={r.status} /> },
  started: { header: "Started", width: 96, cell: (r) => <Time at={r.startTime} /> },
  duration: {
    header: "Duration",
    width: 96,
    numeric: true,
    // A client may finish a run without saying when.
    cell: (r) => (r.status !== "RUNNING" && r.endTime === null ? "–" : <Elapsed from={r.startTime} to={r.endTime} />),
  },
  experiment: { header: "Experiment", width: 140, cell: (r) => r.experimentName },
  dataset: {
    header: "Dataset",
    width: 124,
    description: "The dataset version of the pipeline step, else the datasets that the script logged",
    cell: (r, project) => <DatasetLinks project={project} run={r} />,
  },
  commit: {
    header: "Commit",
    width: 96,
    cell: (r) => (r.commit === null ? "–" : <span className="font-mono">{shortId(r.commit)}</span>),
  },
  pipeline: {
    header: "Pipeline",
    width: 130,
    cell: (r, project) =>
      r.pipeline === null ? (
        "–"
      ) : r.pipeline.number === null ? (
        r.pipeline.step
      ) : (
        <Link
          href={`/p/${project}/pipelines/runs/${r.pipeline.number}`}
          onClick={inner}
          tabIndex={-1}
          className="truncate underline decoration-line-strong underline-offset-2 hover:decoration-current"
        >
          #{r.pipeline.number} {r.pipeline.step}
        </Link>
      ),
  },
  user: { header: "User", width: 100, cell: (r) => r.createdBy ?? (r.userName || "–") },
};

/** The columns that every run has. */
export const FIXED_COLUMNS: readonly string[] = Object.keys(FIXED);

function DatasetLinks({ project, run }: { project: string; run: RunSummaryDto }) {
  if (run.datasets.length === 0) return <span className="truncate">{datasetText(run) || "–"}</span>;
  return (
    <span className="truncate">
      {run.datasets.map((d, i) => (
        <span key={d.versionId}>
          {i > 0 ? ", " : ""}
          <Link
            href={`/p/${project}/data/${encodeURIComponent(d.name)}?version=${d.version}`}
            onClick={inner}
            tabIndex={-1}
            className="underline decoration-line-strong underline-offset-2 hover:decoration-current"
          >
            {d.name} v{d.version}
          </Link>
        </span>
      ))}
    </span>
  );
}

const GROUPS = { metrics: "Metrics", params: "Parameters", tags: "Tags" } as const;
const widthOf = (header: string): number => Math.min(200, Math.max(96, header.length * 7 + 36));

/** The column of an id; null for one that there is not. */
export function runColumn(project: string, id: string): RunColumn | null {
  const fixed = FIXED[id];
  if (fixed) {
    const { cell, numeric = false, ...rest } = fixed;
    return { ...rest, id, numeric, group: "Attributes", cell: (run) => cell(run, project) };
  }
  const match = /^(metrics|params|tags)\.(.+)$/s.exec(id);
  if (!match) return null;
  const kind = match[1] as keyof typeof GROUPS;
  const key = match[2] ?? "";
  const base = { id, group: GROUPS[kind], header: key, width: widthOf(key) };
  if (kind === "metrics")
    return {
      ...base,
      numeric: true,
      description: `Metric ${key}, latest value`,
      cell: (run) => metricText(run.metrics[key]),
    };
  return {
    ...base,
    numeric: false,
    description: kind === "params" ? `Parameter ${key}` : `Tag ${key}`,
    cell: (run) => (
      <span className="truncate font-mono text-xs">
        {(kind === "params" ? run.params[key] : run.tags?.[key]) ?? "–"}
      </span>
    ),
  };
}
