import type { CanvasLine } from "#components/ui/charts/canvas-lines.ts";
import type { Range, ScaleKind } from "#components/ui/charts/axis-scale.ts";
import { smooth } from "#components/ui/charts/smoothing.ts";
import type { Stroke } from "#components/ui/charts/palette.ts";
import type { MetricSeriesDto, PairedSeriesDto } from "#server/tracking/contract.ts";
import { drawable } from "./parts/metric-text.ts";

export type Axis = "step" | "time" | "relative";

export interface NamedRun {
  readonly id: string;
  readonly name: string;
}

type Point = MetricSeriesDto["points"][number];

/** The x of a point: its step, its time in ms since 1970, or the seconds since the first value of the run. */
function xOf(axis: Axis, start: number, point: Point): number {
  if (axis === "step") return point.step;
  return axis === "time" ? point.timestamp : (point.timestamp - start) / 1000;
}

const startOf = (series: MetricSeriesDto): number =>
  series.points.reduce((least, point) => Math.min(least, point.timestamp), Infinity);

/** Whether the steps tell the values apart; a script that logs without a step leaves all at 0. */
export function hasSteps(all: readonly MetricSeriesDto[]): boolean {
  return all.every((series) => series.total < 2 || series.points.some((p) => p.step !== series.points[0]?.step));
}

/** The steps of the values within a range of x, as the server is asked for them; null when no value lies there. */
export function stepsWithin(
  all: readonly MetricSeriesDto[],
  axis: Axis,
  [from, to]: Range,
): { from: number; to: number } | null {
  if (axis === "step") return { from: Math.floor(from), to: Math.ceil(to) };
  let [low, high] = [Infinity, -Infinity];
  for (const series of all) {
    const start = startOf(series);
    series.points.forEach((point, i) => {
      const x = xOf(axis, start, point);
      if (x < from || x > to) return;
      // One kept value more on each side: between two kept ones lie those that were left out.
      low = Math.min(low, series.points[i - 1]?.step ?? point.step, point.step);
      high = Math.max(high, series.points[i + 1]?.step ?? point.step, point.step);
    });
  }
  return high < low ? null : { from: low, to: high };
}

/** The histories with what was asked for again of a part put in the place of that part. */
export function refined(whole: readonly MetricSeriesDto[], part: readonly MetricSeriesDto[]): MetricSeriesDto[] {
  const parts = new Map(part.map((series) => [series.runId, series]));
  return whole.map((series) => {
    const inner = parts.get(series.runId)?.points ?? [];
    const [first, last] = [inner[0], inner.at(-1)];
    if (first === undefined || last === undefined) return series;
    const before = series.points.filter((p) => after(first, p));
    const behind = series.points.filter((p) => after(p, last));
    return { ...series, points: [...before, ...inner, ...behind] };
  });
}

const after = (a: Point, b: Point): boolean => (a.step === b.step ? a.timestamp > b.timestamp : a.step > b.step);

export interface LineOptions {
  readonly xScale: ScaleKind;
  /** In [0, 1): weight of the moving average; 0 for none. */
  readonly smoothing: number;
  readonly strokeOf: (run: string) => Stroke;
  readonly dimmed: (run: string) => boolean;
  readonly bold: (run: string) => boolean;
}

/** The histories as lines, in the order of the runs. */
export function linesOf(
  runs: readonly NamedRun[],
  all: readonly MetricSeriesDto[],
  options: LineOptions & { readonly axis: Axis },
): CanvasLine[] {
  const byRun = new Map(all.map((series) => [series.runId, series]));
  return runs.flatMap((run) => {
    const series = byRun.get(run.id);
    if (series === undefined) return [];
    const start = startOf(series);
    const points = series.points
      .map((point) => ({ x: xOf(options.axis, start, point), y: drawable(point.value) }))
      .sort((a, b) => a.x - b.x);
    return [lineOf(run, points, options)];
  });
}

/** The pairs of two metrics as lines, in the order of the runs; the server has put them in the order of x. */
export function linesOfPairs(
  runs: readonly NamedRun[],
  all: readonly PairedSeriesDto[],
  options: LineOptions,
): CanvasLine[] {
  const byRun = new Map(all.map((series) => [series.runId, series]));
  return runs.flatMap((run) => {
    const points = byRun.get(run.id)?.points;
    if (points === undefined) return [];
    return [
      lineOf(
        run,
        points.map(({ x, value }) => ({ x, y: drawable(value) })),
        options,
      ),
    ];
  });
}

/** One line through points in the order of x. */
function lineOf(
  run: NamedRun,
  points: readonly { readonly x: number; readonly y: number | null }[],
  options: LineOptions,
): CanvasLine {
  const placed = options.xScale === "linear" ? points : points.filter(({ x }) => x > 0);
  const ys = placed.map(({ y }) => y);
  return {
    id: run.id,
    name: run.name,
    stroke: options.strokeOf(run.id),
    xs: placed.map(({ x }) => x),
    ys: options.smoothing > 0 ? smooth(ys, options.smoothing) : ys,
    ...(options.smoothing > 0 ? { raw: ys } : {}),
    dim: options.dimmed(run.id),
    bold: options.bold(run.id),
  };
}

/** "train/loss" belongs to "train"; a name without a slash to no section. */
export const sectionOf = (metric: string): string =>
  metric.includes("/") ? metric.slice(0, metric.lastIndexOf("/")) : "";

/** A filter as the reader typed it: a regular expression without regard to case, or plain text where it is none. */
export function nameFilter(text: string): { readonly test: (name: string) => boolean; readonly broken: boolean } {
  const plain = text.toLowerCase();
  try {
    const pattern = new RegExp(text, "i");
    return { test: (name) => pattern.test(name), broken: false };
  } catch {
    return { test: (name) => name.toLowerCase().includes(plain), broken: true };
  }
}

/** How many values per line are worth asking for: as many as a chart of usual width shows, fewer when the lines are many. */
export function pointsFor(runs: number): number {
  return runs <= 10 ? 1000 : runs <= 30 ? 400 : 200;
}
