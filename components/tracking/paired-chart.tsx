"use client";

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { ChartFrame, type ChartTable } from "#components/ui/charts/chart-frame.tsx";
import { LinesPlot } from "#components/ui/charts/lines-plot.tsx";
import { xText } from "#components/ui/charts/palette.ts";
import type { PairedSeriesDto } from "#server/tracking/contract.ts";
import { type ChartSettings, showRange } from "./chart-settings.ts";
import { pairsQuery } from "./compare-queries.ts";
import { linesOfPairs, type NamedRun, pointsFor } from "./metric-lines.ts";
import { drawable, metricCell } from "./parts/metric-text.ts";
import type { RunViews } from "./run-views.ts";

const HEIGHT = 220;

interface PairedChartProps {
  readonly project: string;
  readonly metric: string;
  /** The metric that gives x. */
  readonly by: string;
  readonly runs: readonly NamedRun[];
  readonly views: RunViews;
  readonly settings: ChartSettings;
  readonly live: boolean;
  readonly actions: ReactNode;
}

/** One metric over another: the values that a run has of both at the same step. */
export function PairedChart({ project, metric, by, runs, views, settings, live, actions }: PairedChartProps) {
  const ids = useMemo(() => runs.map((run) => run.id), [runs]);
  const points = pointsFor(runs.length);
  const x = settings.range === null ? null : { from: settings.range[0], to: settings.range[1] };
  const query = useQuery({
    ...pairsQuery(project, ids, { key: metric, by, points, x }),
    refetchInterval: live ? 5000 : false,
  });
  // Of hidden runs nothing is drawn, so nothing of them is counted either.
  const all = useMemo(() => {
    const shown = new Set(views.shown.map((run) => run.id));
    return query.data?.filter((series) => shown.has(series.runId));
  }, [query.data, views.shown]);
  const lines = useMemo(
    () =>
      linesOfPairs(views.shown, all ?? [], {
        xScale: settings.xScale,
        smoothing: settings.smoothing,
        strokeOf: views.strokeOf,
        dimmed: views.dimmed,
        bold: views.bold,
      }).map((line) => (settings.raw ? line : { ...line, raw: undefined })),
    [views, all, settings.xScale, settings.smoothing, settings.raw],
  );
  if (query.error && all === undefined)
    return <ErrorNote title={metric} error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <ChartFrame
      title={metric}
      actions={actions}
      nothing={all !== undefined && lines.every((line) => line.xs.length === 0)}
      empty={
        views.shown.length === 0 ? "All runs are hidden." : `No shown run has ${metric} and ${by} at the same step.`
      }
      names={lines
        .filter((line) => line.dim !== true)
        .map(({ name, stroke }) => ({ name, color: stroke.color, dash: stroke.dash }))}
      table={() => tableOfPairs(views.shown, all ?? [], by, metric)}
      footnote={all === undefined ? undefined : noteOfPairs(all, metric, by, settings, query.isFetching && x !== null)}
      height={HEIGHT}
    >
      {(height) =>
        all === undefined ? (
          <div className="bone w-full" style={{ height }} />
        ) : (
          <LinesPlot
            label={`${metric} by ${by}`}
            height={height}
            lines={lines}
            xKind="number"
            xScale={settings.xScale}
            yScale={settings.yScale}
            range={settings.range}
            onRange={showRange}
            leaveOutliers={settings.leaveOutliers}
            syncKey={`metrics-by-${by}`}
            digits={4}
            xWord={(at) => `${by} ${xText(at, "number")}`}
          />
        )
      }
    </ChartFrame>
  );
}

/** The pairs drawn, a row each. */
function tableOfPairs(
  runs: readonly NamedRun[],
  all: readonly PairedSeriesDto[],
  by: string,
  metric: string,
): ChartTable {
  const byRun = new Map(all.map((series) => [series.runId, series]));
  return {
    columns: ["Run", "Step", by, metric],
    rows: runs.flatMap((run) =>
      (byRun.get(run.id)?.points ?? []).map((point) => [run.name, point.step, point.x, metricCell(point.value)]),
    ),
  };
}

/** What a reader has to know of the pairing: what had no partner, no place or no finite value, and what was thinned out. */
export function noteOfPairs(
  all: readonly PairedSeriesDto[],
  metric: string,
  by: string,
  { smoothing }: Pick<ChartSettings, "smoothing">,
  finer: boolean,
): string {
  const sum = (of: (series: PairedSeriesDto) => number): number => all.reduce((total, one) => total + of(one), 0);
  const [total, drawn] = [sum((one) => one.total), sum((one) => one.points.length)];
  const [alone, aloneOfX] = [sum((one) => one.alone), sum((one) => one.aloneOfX)];
  const unplaced = sum((one) => one.unplaced);
  const gaps = sum((one) => one.points.filter((point) => drawable(point.value) === null).length);
  return [
    `by ${by} at the same step`,
    drawn < total ? `${formatNumber(drawn)} of ${formatNumber(total)} pairs, the extremes of every stretch kept` : "",
    alone + aloneOfX > 0
      ? `without partner: ${formatNumber(alone)} of ${metric}, ${formatNumber(aloneOfX)} of ${by}`
      : "every value has its partner",
    unplaced > 0 ? `${formatNumber(unplaced)} where ${by} is not finite` : "",
    gaps > 0 ? `${formatNumber(gaps)} where ${metric} is not finite` : "",
    smoothing > 0 ? `smoothed ${smoothing} over the values drawn` : "",
    finer ? "reading finer" : "",
  ]
    .filter(Boolean)
    .join(" · ");
}
