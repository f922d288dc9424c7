import type { CanvasLine } from "#components/ui/charts/canvas-lines.ts";
import type { Range, ScaleKind } from "#components/ui/charts/axis-scale.ts";
import { smooth } from "#components/ui/charts/smoothing.ts";
import type { Stroke } from "#components/ui/charts/palette.ts";
import type { PairedSeriesDto } from "#server/tracking/contract.ts";
import type { Series } from "./fetch-series.ts";
import { drawable } from "./parts/metric-text.ts";

export type Axis = "step" | "time" | "relative";

export interface NamedRun {
  readonly id: string;
  readonly name: string;
}

/** The x of each value: its step, its time in ms since 1970, or the seconds since the first value of the run. */
export function xsOf(axis: Axis, { steps, times }: Series): readonly number[] {
  if (axis === "step") return steps;
  if (axis === "time") return times;
  const start = times.reduce((least, time) => Math.min(least, time), Infinity);
  return times.map((time) => (time - start) / 1000);
}

/** Whether the steps tell the values apart; a script that logs without a step leaves all at 0. */
export function hasSteps(all: readonly Series[]): boolean {
  return all.every(({ total, steps }) => total < 2 || steps.some((step) => step !== steps[0]));
}

/** The steps of the values within a range of x, as the server is asked for them; null when no value lies there. */
export function stepsWithin(
  all: readonly Series[],
  axis: Axis,
  [from, to]: Range,
): { from: number; to: number } | null {
  if (axis === "step") return { from: Math.floor(from), to: Math.ceil(to) };
  let [low, high] = [Infinity, -Infinity];
  for (const series of all) {
    const { steps } = series;
    xsOf(axis, series).forEach((x, i) => {
      if (x < from || x > to) return;
      const step = steps[i] ?? 0;
      // One kept value more on each side: between two kept ones lie those that were left out.
      low = Math.min(low, steps[i - 1] ?? step, step);
      high = Math.max(high, steps[i + 1] ?? step, step);
    });
  }
  return high < low ? null : { from: low, to: high };
}

/** The histories with what was asked for again of a part put in the place of that part. */
export function refined(whole: readonly Series[], part: readonly Series[]): Series[] {
  const parts = new Map(part.map((series) => [series.runId, series]));
  return whole.map((series) => {
    const inner = parts.get(series.runId);
    const last = (inner?.steps.length ?? 0) - 1;
    if (inner === undefined || last < 0) return series;
    const isBefore = (i: number) => order(series, i, inner, 0) < 0;
    const isBehind = (i: number) => order(series, i, inner, last) > 0;
    const mixed = <T>(of: (one: Series) => readonly T[]): T[] => [
      ...of(series).filter((_, i) => isBefore(i)),
      ...of(inner),
      ...of(series).filter((_, i) => isBehind(i)),
    ];
    return { ...series, steps: mixed((s) => s.steps), times: mixed((s) => s.times), values: mixed((s) => s.values) };
  });
}

/** Below 0 when value i of a comes before value k of b, by step and time. */
const order = (a: Series, i: number, b: Series, k: number): number =>
  (a.steps[i] ?? 0) - (b.steps[k] ?? 0) || (a.times[i] ?? 0) - (b.times[k] ?? 0);

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
  all: readonly Series[],
  options: LineOptions & { readonly axis: Axis },
): CanvasLine[] {
  const byRun = new Map(all.map((series) => [series.runId, series]));
  return runs.flatMap((run) => {
    const series = byRun.get(run.id);
    if (series === undefined) return [];
    return [lineOf(run, ...ascending(xsOf(options.axis, series), series.values.map(drawable)), options)];
  });
}

type Xs = readonly number[];
type Ys = readonly (number | null)[];

/** Both lists in the order of x. A history is in the order of its steps, and mostly in that of its times. */
function ascending(xs: Xs, ys: Ys): [Xs, Ys] {
  if (xs.every((x, i) => i === 0 || x >= (xs[i - 1] ?? x))) return [xs, ys];
  const places = xs.map((_, i) => i).sort((a, b) => (xs[a] ?? 0) - (xs[b] ?? 0));
  return [places.map((i) => xs[i] ?? 0), places.map((i) => ys[i] ?? null)];
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
        points.map(({ x }) => x),
        points.map(({ value }) => drawable(value)),
        options,
      ),
    ];
  });
}

/** One line through points in the order of x. On a logarithmic axis it begins above 0. */
function lineOf(run: NamedRun, allXs: Xs, allYs: Ys, options: LineOptions): CanvasLine {
  const positive = options.xScale === "linear" ? 0 : allXs.findIndex((x) => x > 0);
  const from = positive < 0 ? allXs.length : positive;
  const [xs, ys] = from === 0 ? [allXs, allYs] : [allXs.slice(from), allYs.slice(from)];
  return {
    id: run.id,
    name: run.name,
    stroke: options.strokeOf(run.id),
    xs,
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
