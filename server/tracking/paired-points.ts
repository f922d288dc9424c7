import { INFINITE } from "./contract.ts";
import { pointAt, type Point, type Points } from "./points.ts";

/** A value of one metric at the place that another metric gives it. */
export interface PairedPoint extends Point {
  /** Of the other metric, at the same step; finite. */
  readonly x: number;
}

export interface Pairs {
  /** By x, then step; of one x and step in the order of time. */
  readonly points: readonly PairedPoint[];
  /** Values of the metric, and of the other, whose step the other has not (or not as often). */
  readonly alone: number;
  readonly aloneOfX: number;
  /** Pairs whose x is NaN or infinite: they have no place. */
  readonly unplaced: number;
}

/** Where the points of the step at `from` end. */
function endOfStep({ steps }: Points, from: number): number {
  let end = from;
  while (end < steps.length && steps[end] === steps[from]) end += 1;
  return end;
}

const hasPlace = (x: number): boolean => !Number.isNaN(x) && Math.abs(x) < INFINITE;

/**
 * The values of `ys` over those of `xs` at the same step; both in the order of a history. Where a step was logged several times, as by a run that was
 * resumed, the last meets the last, the one before the one before; what is over has no partner.
 */
export function pairPoints(xs: Points, ys: Points): Pairs {
  const points: PairedPoint[] = [];
  let [i, j, paired, unplaced] = [0, 0, 0, 0];
  while (i < xs.steps.length && j < ys.steps.length) {
    const step = (xs.steps[i] ?? 0) - (ys.steps[j] ?? 0);
    if (step < 0) i = endOfStep(xs, i);
    else if (step > 0) j = endOfStep(ys, j);
    else {
      const [endX, endY] = [endOfStep(xs, i), endOfStep(ys, j)];
      const n = Math.min(endX - i, endY - j);
      paired += n;
      for (let k = n; k > 0; k -= 1) {
        const x = xs.values[endX - k] ?? NaN;
        if (hasPlace(x)) points.push({ ...pointAt(ys, endY - k), x });
        else unplaced += 1;
      }
      [i, j] = [endX, endY];
    }
  }
  // Whatever grows with the steps, as samples seen do, is in order already.
  if (points.some((point, k) => k > 0 && point.x < (points[k - 1]?.x ?? 0))) points.sort((a, b) => a.x - b.x);
  return { points, alone: ys.steps.length - paired, aloneOfX: xs.steps.length - paired, unplaced };
}

/** The pairs within a range of x with one more on each side, so that a line runs on beyond the edge. */
export function pairsWithin(points: readonly PairedPoint[], from: number, to: number): readonly PairedPoint[] {
  const first = points.findIndex(({ x }) => x >= from);
  if (first < 0) return points.slice(-1);
  const beyond = points.findIndex(({ x }) => x > to);
  return points.slice(Math.max(0, first - 1), beyond < 0 ? points.length : beyond + 1);
}

/**
 * At most `most` pairs (4 or more) in the order of x: the first and the last, and of stretches of about equal length the least and the greatest value,
 * so that a spike stays; NaN stays only where a stretch has nothing else. What fits comes whole.
 */
export function thinnedPairs(points: readonly PairedPoint[], most: number): readonly PairedPoint[] {
  if (points.length <= most) return points;
  const kept = new Set([0, points.length - 1]);
  const pieces = Math.max(1, Math.floor((most - 2) / 2));
  for (let piece = 0; piece < pieces; piece += 1) {
    const from = Math.floor((piece * points.length) / pieces);
    const end = Math.floor(((piece + 1) * points.length) / pieces);
    let [low, high] = [from, from];
    for (let k = from; k < end; k += 1) {
      const value = points[k]?.value ?? NaN;
      if (Number.isNaN(value)) continue;
      const [least, greatest] = [points[low]?.value ?? NaN, points[high]?.value ?? NaN];
      if (Number.isNaN(least) || value < least) low = k;
      if (Number.isNaN(greatest) || value > greatest) high = k;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b).flatMap((k) => points[k] ?? []);
}
