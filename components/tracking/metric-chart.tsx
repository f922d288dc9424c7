"use client";

import { useQuery } from "@tanstack/react-query";
import { Pin, PinOff } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { formatNumber, plural } from "#components/ui/format.ts";
import { IconButton } from "#components/ui/icon-button.tsx";
import { BarList, BAR_ROW } from "#components/ui/charts/bar-list.tsx";
import { ChartFrame, type ChartTable } from "#components/ui/charts/chart-frame.tsx";
import { LinesPlot } from "#components/ui/charts/lines-plot.tsx";
import { xText } from "#components/ui/charts/palette.ts";
import { type ChartSettings, showRange } from "./chart-settings.ts";
import { type Axis, hasSteps, linesOf, type NamedRun, pointsFor, refined, stepsWithin, xsOf } from "./metric-lines.ts";
import { drawable, metricCell, metricText } from "./parts/metric-text.ts";
import { partQuery, seriesQuery } from "./compare-queries.ts";
import type { Series } from "./fetch-series.ts";
import { PairedChart } from "./paired-chart.tsx";
import type { RunViews } from "./run-views.ts";

const HEIGHT = 220;
const AXIS_WORDS = { step: "Step", time: "Time", relative: "Seconds since start" } as const;

interface MetricChartProps {
  readonly project: string;
  readonly metric: string;
  /** All compared runs: what the server is asked for does not change when one is hidden. */
  readonly runs: readonly NamedRun[];
  readonly views: RunViews;
  readonly settings: ChartSettings;
  readonly live: boolean;
  readonly onPin: () => void;
}

/** Whether the element has come near the window; once it has, it stays so. */
function useSeen(): [(element: HTMLElement | null) => void, boolean] {
  const [seen, setSeen] = useState(false);
  const observer = useRef<IntersectionObserver | null>(null);
  const watch = useCallback((element: HTMLElement | null) => {
    observer.current?.disconnect();
    observer.current = null;
    if (element === null) return;
    const next = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          setSeen(true);
          next.disconnect();
        }
      },
      { rootMargin: "120px" },
    );
    next.observe(element);
    observer.current = next;
  }, []);
  useEffect(() => () => observer.current?.disconnect(), []);
  return [watch, seen];
}

/** One metric of the runs: lines where it has a history, bars where every run logged it once. It asks for nothing before it comes into view. */
export function MetricChart(props: MetricChartProps) {
  const [watch, seen] = useSeen();
  const { by } = props.settings;
  return (
    <div ref={watch} className="min-w-0" data-metric={props.metric}>
      {seen ? (
        by === null ? (
          <SeenChart {...props} />
        ) : (
          <PairedChart {...props} by={by} actions={<PinMetric {...props} />} />
        )
      ) : (
        <div className="rounded-md border bg-surface" style={{ height: HEIGHT + 76 }} />
      )}
    </div>
  );
}

/** Pins a chart to the top of the page. */
function PinMetric({ metric, settings, onPin }: MetricChartProps) {
  const pinned = settings.pinned.includes(metric);
  return (
    <IconButton
      size="sm"
      label={pinned ? `Unpin: ${metric}` : `Pin to the top: ${metric}`}
      aria-pressed={pinned}
      className={pinned ? "" : "opacity-60"}
      icon={pinned ? <PinOff aria-hidden /> : <Pin aria-hidden />}
      onClick={onPin}
    />
  );
}

function SeenChart(props: MetricChartProps) {
  const { project, metric, runs, views, settings, live } = props;
  const ids = useMemo(() => runs.map((run) => run.id), [runs]);
  const points = pointsFor(runs.length);
  const every = live ? 5000 : false;
  const query = useQuery({ ...seriesQuery(project, ids, points, metric), refetchInterval: every });
  const whole = query.data;
  const single = whole !== undefined && whole.every((series) => series.total < 2);
  const axis: Axis = whole !== undefined && settings.axis === "step" && !hasSteps(whole) ? "relative" : settings.axis;
  const thinned = whole?.some((series) => series.steps.length < series.total) === true;
  const steps = useMemo(
    () =>
      whole === undefined || !thinned || settings.range === null ? null : stepsWithin(whole, axis, settings.range),
    [whole, thinned, axis, settings.range],
  );
  const part = useQuery({ ...partQuery(project, ids, points, metric, steps), refetchInterval: every });
  const all = useMemo(
    () => (whole === undefined ? [] : steps === null || part.data === undefined ? whole : refined(whole, part.data)),
    [whole, steps, part.data],
  );
  const lines = useMemo(
    () =>
      linesOf(views.shown, all, {
        axis,
        xScale: settings.xScale,
        smoothing: settings.smoothing,
        strokeOf: views.strokeOf,
        dimmed: views.dimmed,
        bold: views.bold,
      }).map((line) => (settings.raw ? line : { ...line, raw: undefined })),
    [views, all, axis, settings.xScale, settings.smoothing, settings.raw],
  );

  const actions = <PinMetric {...props} />;
  if (query.error && whole === undefined)
    return <ErrorNote title={metric} error={query.error} onRetry={() => void query.refetch()} />;
  if (single) return <SingleValues metric={metric} views={views} all={whole} actions={actions} />;
  const kind = axis === "relative" ? "number" : axis;
  const word = AXIS_WORDS[axis];
  return (
    <ChartFrame
      title={metric}
      actions={actions}
      nothing={whole !== undefined && lines.every((line) => line.xs.length === 0)}
      empty={views.shown.length === 0 ? "All runs are hidden." : "None of the shown runs has a value here."}
      names={lines
        .filter((line) => line.dim !== true)
        .map(({ name, stroke }) => ({ name, color: stroke.color, dash: stroke.dash }))}
      table={() => tableOf(views.shown, all, lines, axis, settings)}
      footnote={noteOf(all, axis, settings, part.isFetching && steps !== null)}
      height={HEIGHT}
    >
      {(height) =>
        whole === undefined ? (
          <div className="bone w-full" style={{ height }} />
        ) : (
          <LinesPlot
            label={`${metric} by ${word.toLowerCase()}`}
            height={height}
            lines={lines}
            xKind={kind}
            xScale={settings.xScale}
            yScale={settings.yScale}
            range={settings.range}
            onRange={showRange}
            leaveOutliers={settings.leaveOutliers}
            syncKey={`metrics-${axis}`}
            digits={4}
            xWord={(x) => `${word} ${xText(axis === "step" ? Math.round(x) : x, kind)}`}
          />
        )
      }
    </ChartFrame>
  );
}

/** A metric that every run logged once: a bar each, the greatest first. */
function SingleValues({
  metric,
  views,
  all,
  actions,
}: {
  metric: string;
  views: RunViews;
  all: readonly Series[];
  actions: React.ReactNode;
}) {
  const values = new Map(
    all.flatMap(({ runId, values: [first] }) => (first === undefined ? [] : [[runId, first] as const])),
  );
  const items = views.shown
    .flatMap((run) => {
      const value = values.get(run.id);
      return value === undefined ? [] : [{ ...run, logged: value, value: drawable(value), text: metricText(value) }];
    })
    // What is no number or an infinity has no bar, but its row; NaN comes last.
    .sort((a, b) => (b.logged ?? -Infinity) - (a.logged ?? -Infinity) || a.name.localeCompare(b.name));
  const without = views.shown.length - items.length;
  return (
    <BarList
      title={metric}
      actions={actions}
      height={HEIGHT}
      items={items.map((run) => ({
        id: run.id,
        label: run.name,
        value: run.value,
        text: run.text,
        color: views.strokeOf(run.id).color,
        dim: views.dimmed(run.id),
      }))}
      empty={views.shown.length === 0 ? "All runs are hidden." : "None of the shown runs has a value here."}
      footnote={[
        all.length < 2 ? "One value" : "One value per run",
        items.length * BAR_ROW > HEIGHT ? `${formatNumber(items.length)} runs, the list scrolls` : "",
        without > 0 ? `${plural(without, "run")} without a value` : "",
      ]
        .filter(Boolean)
        .join(" · ")}
    />
  );
}

/** The values drawn, a row each: what a CSV of a chart is good for. */
function tableOf(
  runs: readonly NamedRun[],
  all: readonly Series[],
  lines: ReturnType<typeof linesOf>,
  axis: Axis,
  { smoothing, range }: ChartSettings,
): ChartTable {
  const [from, to] = range ?? [-Infinity, Infinity];
  if (smoothing > 0)
    return {
      columns: ["Run", AXIS_WORDS[axis], "Value", "Smoothed"],
      rows: lines.flatMap((line) =>
        line.xs.flatMap((x, i) =>
          x < from || x > to
            ? []
            : [[line.name, axis === "time" ? new Date(x) : x, (line.raw ?? line.ys)[i], line.ys[i]]],
        ),
      ),
    };
  const name = new Map(runs.map((run) => [run.id, run.name]));
  return {
    columns: ["Run", "Step", "Time", "Value"],
    rows: all.flatMap((series) => {
      const own = name.get(series.runId);
      if (own === undefined) return [];
      const { steps, times, values } = series;
      return xsOf(axis, series).flatMap((x, i) =>
        x < from || x > to ? [] : [[own, steps[i], new Date(times[i] ?? 0), metricCell(values[i])]],
      );
    }),
  };
}

/** What a reader has to know about the drawing: thinned out, smoothed, not finite, not shown. */
function noteOf(all: readonly Series[], axis: Axis, settings: ChartSettings, finer: boolean): string | undefined {
  const total = all.reduce((sum, one) => sum + one.total, 0);
  const drawn = all.reduce((sum, one) => sum + one.steps.length, 0);
  const gaps = all.reduce((sum, one) => sum + one.values.filter((value) => drawable(value) === null).length, 0);
  const notes = [
    axis !== settings.axis ? "logged without steps: by seconds since start" : "",
    drawn < total ? `${formatNumber(drawn)} of ${formatNumber(total)} values, the extremes of every stretch kept` : "",
    settings.smoothing > 0 ? `smoothed ${settings.smoothing} over the values drawn` : "",
    gaps > 0 ? `${formatNumber(gaps)} not finite` : "",
    finer ? "reading finer" : "",
  ].filter(Boolean);
  return notes.length === 0 ? undefined : notes.join(" · ");
}
