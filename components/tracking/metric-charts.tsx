"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { SearchInput } from "#components/ui/search-input.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import { LineSeries } from "#components/ui/charts/line-series.tsx";
import type { MetricSeriesDto } from "#server/tracking/contract.ts";
import { drawable } from "./parts/metric-text.ts";
import { seriesQuery } from "./queries.ts";

/** A chart per metric beyond this many would only be scrolled past. */
const CHARTS = 30;
const POINTS = 400;

export type Axis = "step" | "time" | "relative";
const AXES = [
  { value: "step", label: "by step" },
  { value: "relative", label: "by seconds since start" },
  { value: "time", label: "by time" },
] as const;

export interface NamedRun {
  readonly id: string;
  readonly name: string;
}

function xOf(axis: Axis, start: number, point: { step: number; timestamp: number }): number {
  if (axis === "step") return point.step;
  return axis === "time" ? point.timestamp : (point.timestamp - start) / 1000;
}

/** The histories of some runs' metrics, a chart per metric; those with one value only are left to the table. */
export function MetricCharts({
  project,
  runs,
  live,
}: {
  project: string;
  runs: readonly NamedRun[];
  /** A run among them still goes: look again from time to time. */
  live: boolean;
}) {
  const ids = useMemo(() => runs.map((run) => run.id), [runs]);
  const query = useQuery({ ...seriesQuery(project, ids, POINTS), refetchInterval: live ? 5000 : false });
  const [axisText, setAxis] = useUrlState("x", "step");
  const [wanted, setWanted] = useUrlState("metric");
  const axis: Axis = axisText === "time" || axisText === "relative" ? axisText : "step";
  const charts = useMemo(() => byMetric(query.data ?? []), [query.data]);
  const shown = charts.filter(({ key }) => key.toLowerCase().includes(wanted.toLowerCase()));

  if (query.isPending) return <Skeleton className="h-60 w-full" />;
  if (query.error && charts.length === 0) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  if (charts.length === 0)
    return (
      <EmptyState>
        No metric has a history yet. Log one with a step: mlflow.log_metric(&quot;loss&quot;, 0.3, step=epoch).
      </EmptyState>
    );
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput placeholder="Search metrics" value={wanted} onValueChange={setWanted} />
        <Select aria-label="Horizontal axis" className="w-52" value={axis} onValueChange={setAxis} options={AXES} />
        <span className="text-xs text-muted">
          {shown.length > CHARTS ? `The first ${CHARTS} of ${shown.length} metrics` : `${shown.length} metrics`}
        </span>
      </div>
      <div className="grid gap-3 lg:grid-cols-2">
        {shown.slice(0, CHARTS).map(({ key, series }) => (
          <MetricChart key={key} name={key} series={series} runs={runs} axis={axis} />
        ))}
      </div>
    </div>
  );
}

/** The series of each metric that at least one run logged more than once. */
function byMetric(all: readonly MetricSeriesDto[]): { key: string; series: MetricSeriesDto[] }[] {
  const groups = new Map<string, MetricSeriesDto[]>();
  for (const one of all) groups.set(one.key, [...(groups.get(one.key) ?? []), one]);
  return [...groups]
    .filter(([, series]) => series.some((one) => one.total > 1))
    .map(([key, series]) => ({ key, series }))
    .sort((a, b) => a.key.localeCompare(b.key));
}

function MetricChart({
  name,
  series,
  runs,
  axis,
}: {
  name: string;
  series: readonly MetricSeriesDto[];
  runs: readonly NamedRun[];
  axis: Axis;
}) {
  const lines = useMemo(
    () =>
      runs.flatMap((run) => {
        const found = series.find((one) => one.runId === run.id);
        if (!found) return [];
        const start = Math.min(...found.points.map((point) => point.timestamp));
        const points = found.points.map((point) => ({ x: xOf(axis, start, point), y: drawable(point.value) }));
        return [{ id: run.id, name: run.name, points: points.sort((a, b) => a.x - b.x) }];
      }),
    [runs, series, axis],
  );
  const total = series.reduce((sum, one) => sum + one.total, 0);
  const drawn = series.reduce((sum, one) => sum + one.points.length, 0);
  const gaps = series.reduce((sum, one) => sum + one.points.filter((p) => drawable(p.value) === null).length, 0);
  const notes = [
    drawn < total
      ? `${formatNumber(drawn)} of ${formatNumber(total)} values; the extremes of every stretch are kept`
      : "",
    gaps > 0 ? `${formatNumber(gaps)} not finite` : "",
  ].filter(Boolean);
  return (
    <LineSeries
      title={name}
      series={lines}
      xKind={axis === "relative" ? "number" : axis}
      {...(axis === "relative" ? { xLabel: "Seconds since start" } : {})}
      digits={4}
      {...(notes.length > 0 ? { footnote: notes.join(" · ") } : {})}
    />
  );
}
