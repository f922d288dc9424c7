"use client";

import { CornerDownRight } from "lucide-react";
import Link from "next/link";
import { type Column } from "#components/ui/data-table/data-table.tsx";
import { shortId } from "#components/ui/format.ts";
import { Elapsed, Time } from "#components/ui/values.tsx";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { drawable, metricText } from "./parts/metric-text.ts";
import { RunStatusBadge } from "./parts/run-status.tsx";

/** How many parameters and metrics are columns before the reader chooses. */
const SHOWN = 5;

/** Links inside a row that itself leads somewhere. */
const inner = (event: { stopPropagation: () => void }): void => event.stopPropagation();

const duration = (run: RunSummaryDto): number => (run.endTime ?? Date.now()) - run.startTime;
const datasetText = (run: RunSummaryDto): string =>
  run.datasets.length > 0
    ? run.datasets.map((d) => `${d.name} v${d.version}`).join(", ")
    : run.inputs.map((i) => i.name).join(", ");

function fixedColumns(): Column<RunSummaryDto>[] {
  return [
    {
      id: "name",
      header: "Name",
      value: (r) => r.name,
      cell: (r) => (
        <span className="flex min-w-0 items-center gap-1.5 font-medium">
          {r.parentRunId === null ? null : (
            <CornerDownRight className="size-3.5 shrink-0 text-muted" aria-label="Nested run" />
          )}
          <span className="truncate">{r.name}</span>
        </span>
      ),
      width: 180,
      grow: 1,
    },
    {
      id: "status",
      header: "Status",
      value: (r) => r.status,
      cell: (r) => <RunStatusBadge status={r.status} />,
      width: 110,
      grow: 0,
    },
    {
      id: "started",
      header: "Started",
      value: (r) => r.startTime,
      cell: (r) => <Time at={r.startTime} />,
      width: 112,
      grow: 0,
      search: false,
    },
    {
      id: "duration",
      header: "Duration",
      value: duration,
      cell: (r) => <Elapsed from={r.startTime} to={r.status === "RUNNING" ? null : (r.endTime ?? r.startTime)} />,
      numeric: true,
      width: 88,
      grow: 0,
      search: false,
    },
  ];
}

/** Where runs come from. A column in which these runs have nothing waits in the column picker. */
function lineageColumns(project: string, runs: readonly RunSummaryDto[]): Column<RunSummaryDto>[] {
  const columns: Column<RunSummaryDto>[] = [
    {
      id: "dataset",
      header: "Dataset",
      value: datasetText,
      cell: (r) => <DatasetLinks project={project} run={r} />,
      width: 130,
      grow: 0,
      description: "The dataset version of the pipeline step, else the datasets that the script logged",
    },
    {
      id: "commit",
      header: "Commit",
      value: (r) => r.commit,
      cell: (r) => (r.commit === null ? "–" : <span className="font-mono">{shortId(r.commit)}</span>),
      width: 90,
      grow: 0,
    },
    {
      id: "pipeline",
      header: "Pipeline",
      value: (r) => (r.pipeline ? `${r.pipeline.name ?? "run"} #${r.pipeline.number ?? ""} ${r.pipeline.step}` : null),
      cell: (r) =>
        r.pipeline === null ? (
          "–"
        ) : r.pipeline.number === null ? (
          r.pipeline.step
        ) : (
          <Link
            href={`/p/${project}/pipelines/runs/${r.pipeline.number}`}
            onClick={inner}
            className="truncate underline decoration-line-strong underline-offset-2 hover:decoration-current"
          >
            #{r.pipeline.number} {r.pipeline.step}
          </Link>
        ),
      width: 120,
      grow: 0,
    },
    { id: "user", header: "User", value: (r) => r.createdBy ?? r.userName, width: 90, grow: 0 },
  ];
  return columns.map((column) => ({ ...column, hidden: !runs.some((run) => (column.value(run) ?? "") !== "") }));
}

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
            className="underline decoration-line-strong underline-offset-2 hover:decoration-current"
          >
            {d.name} v{d.version}
          </Link>
        </span>
      ))}
    </span>
  );
}

/** Names by how many runs have them, the most frequent first; of equally frequent ones those whose values differ. */
function byUse(
  runs: readonly RunSummaryDto[],
  of: (run: RunSummaryDto) => Readonly<Record<string, unknown>>,
): string[] {
  const uses = new Map<string, { count: number; values: Set<unknown> }>();
  for (const run of runs)
    for (const [name, value] of Object.entries(of(run))) {
      const use = uses.get(name) ?? { count: 0, values: new Set() };
      use.count++;
      use.values.add(value);
      uses.set(name, use);
    }
  const differs = (values: ReadonlySet<unknown>) => (values.size > 1 ? 1 : 0);
  return [...uses]
    .sort(([a, x], [b, y]) => differs(y.values) - differs(x.values) || y.count - x.count || a.localeCompare(b))
    .map(([name]) => name);
}

/** Names of metrics and parameters in these runs, as a filter writes them. */
export function loggedNames(runs: readonly RunSummaryDto[]): string[] {
  const quoted = (name: string) => (/^[\w./:-]+$/.test(name) ? name : `\`${name}\``);
  return [
    ...byUse(runs, (r) => r.metrics).map((name) => `metrics.${quoted(name)}`),
    ...byUse(runs, (r) => r.params).map((name) => `params.${quoted(name)}`),
  ];
}

/** The columns of the runs table: what every run has, the metrics and parameters that these runs logged, of which the first are shown, and where they come from. */
export function runColumns(project: string, runs: readonly RunSummaryDto[]): Column<RunSummaryDto>[] {
  const metrics = byUse(runs, (r) => r.metrics).map(
    (name, i): Column<RunSummaryDto> => ({
      id: `metric:${name}`,
      header: name,
      value: (r) => drawable(r.metrics[name]),
      cell: (r) => metricText(r.metrics[name]),
      numeric: true,
      width: Math.min(180, Math.max(96, name.length * 7 + 36)),
      hidden: i >= SHOWN,
      search: false,
      description: `Metric ${name}, latest value`,
    }),
  );
  const params = byUse(runs, (r) => r.params).map(
    (name, i): Column<RunSummaryDto> => ({
      id: `param:${name}`,
      header: name,
      value: (r) => {
        const text = r.params[name];
        return text !== undefined && text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
      },
      cell: (r) => <span className="truncate font-mono text-xs">{r.params[name] ?? "–"}</span>,
      width: Math.min(180, Math.max(96, name.length * 7 + 36)),
      grow: 0.5,
      hidden: i >= SHOWN,
      description: `Parameter ${name}`,
    }),
  );
  return [...fixedColumns(), ...metrics, ...params, ...lineageColumns(project, runs)];
}
