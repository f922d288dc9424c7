import { splitScores } from "./auc.ts";
import { sortFloats } from "./sort-floats.ts";

/** A point of a ROC or precision-recall curve: rows with at least this score count as positive. `threshold` is null where no row does. */
export type CurvePoint = { readonly x: number; readonly y: number; readonly threshold: number | null };

export type ScoreCurves = {
  readonly positives: number;
  readonly negatives: number;
  /** x = false-positive rate, y = true-positive rate, from (0, 0) to (1, 1); empty when a class is absent. */
  readonly roc: readonly CurvePoint[];
  /** x = recall, y = precision, by falling recall to (0, 1); empty without a positive row. */
  readonly precisionRecall: readonly CurvePoint[];
  /** Σ (Rᵢ − Rᵢ₋₁)·Pᵢ over falling thresholds (scikit-learn `average_precision_score`), of all rows; null without a positive row. */
  readonly averagePrecision: number | null;
};

/** More than a chart has pixels for. */
const POINTS = 400;

/**
 * Both curves of scores against outcomes (scikit-learn `roc_curve`, `precision_recall_curve`), computed from every distinct score and then thinned out to
 * at most `points` points by {@link thinned}. Errors as in {@link splitScores}.
 */
export function scoreCurves(
  actual: ArrayLike<number | boolean>,
  scores: ArrayLike<number>,
  points: number = POINTS,
): ScoreCurves {
  const split = splitScores(actual, scores);
  const positives = sortFloats(split.positives);
  const negatives = sortFloats(split.negatives);
  const [m, k] = [positives.length, negatives.length];
  const steps = countSteps(positives, negatives);
  const thresholds = new Float64Array(steps);
  const rates = {
    fpr: new Float64Array(steps + 1),
    tpr: new Float64Array(steps + 1),
    precision: new Float64Array(steps),
  };
  let averagePrecision = 0;
  let i = m - 1;
  let j = k - 1;
  let [tp, fp, before] = [0, 0, 0];
  for (let step = 0; step < steps; step++) {
    const score = Math.max(positives[i] ?? -Infinity, negatives[j] ?? -Infinity);
    while (i >= 0 && positives[i] === score) {
      i--;
      tp++;
    }
    while (j >= 0 && negatives[j] === score) {
      j--;
      fp++;
    }
    thresholds[step] = score;
    rates.fpr[step + 1] = fp / k;
    rates.tpr[step + 1] = tp / m;
    const precision = tp / (tp + fp);
    rates.precision[step] = precision;
    averagePrecision += (tp / m - before) * precision;
    before = tp / m;
  }
  const point = (x: number | undefined, y: number | undefined, threshold: number | undefined): CurvePoint => ({
    x: x ?? 0,
    y: y ?? 0,
    threshold: threshold ?? null,
  });
  const roc =
    m === 0 || k === 0
      ? []
      : thinned(rates.fpr, rates.tpr, points).map((at) => point(rates.fpr[at], rates.tpr[at], thresholds[at - 1]));
  // By falling recall; what scikit-learn appends, precision 1 at recall 0, comes last.
  const recall = rates.tpr.subarray(1);
  const precisionRecall =
    m === 0
      ? []
      : [
          ...thinned(recall, rates.precision, points - 1)
            .reverse()
            .map((at) => point(recall[at], rates.precision[at], thresholds[at])),
          { x: 0, y: 1, threshold: null },
        ];
  return { positives: m, negatives: k, roc, precisionRecall, averagePrecision: m === 0 ? null : averagePrecision };
}

function countSteps(positives: Float64Array, negatives: Float64Array): number {
  let steps = 0;
  let i = 0;
  let j = 0;
  while (i < positives.length || j < negatives.length) {
    const score = Math.min(positives[i] ?? Infinity, negatives[j] ?? Infinity);
    // An infinite score would never be passed by the comparison below.
    if (score === Infinity) return steps + 1;
    while (positives[i] === score) i++;
    while (negatives[j] === score) j++;
    steps++;
  }
  return steps;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  /** The point between them that lies farthest from their line. */
  readonly at: number;
  readonly distance: number;
}

/** Least distance from its line at which a point is kept: a thousandth of a pixel of a large chart. */
const FLAT = 1e-6;

/**
 * The indices of at most `most` points that keep a line's shape: its ends, then again and again the point that is farthest from what is drawn so far
 * (Douglas & Peucker 1973, refined from coarse to fine). Points on a straight stretch are dropped even below the limit. Ascending; O(n log n) for curves.
 */
export function thinned(xs: ArrayLike<number>, ys: ArrayLike<number>, most: number): number[] {
  const n = Math.min(xs.length, ys.length);
  if (n <= 2) return Array.from({ length: n }, (_, i) => i);
  const kept = [0, n - 1];
  const stretches = [farthest(xs, ys, 0, n - 1)];
  while (kept.length < most) {
    let widest = 0;
    for (let i = 1; i < stretches.length; i++)
      if ((stretches[i]?.distance ?? 0) > (stretches[widest]?.distance ?? 0)) widest = i;
    const stretch = stretches[widest];
    if (!stretch || stretch.distance <= FLAT) break;
    kept.push(stretch.at);
    stretches[widest] = farthest(xs, ys, stretch.from, stretch.at);
    stretches.push(farthest(xs, ys, stretch.at, stretch.to));
  }
  return kept.sort((a, b) => a - b);
}

function farthest(xs: ArrayLike<number>, ys: ArrayLike<number>, from: number, to: number): Stretch {
  const [x0, y0] = [xs[from] ?? 0, ys[from] ?? 0];
  const [dx, dy] = [(xs[to] ?? 0) - x0, (ys[to] ?? 0) - y0];
  const length = Math.hypot(dx, dy);
  let [at, distance] = [from, 0];
  for (let i = from + 1; i < to; i++) {
    const [px, py] = [(xs[i] ?? 0) - x0, (ys[i] ?? 0) - y0];
    const away = length === 0 ? Math.hypot(px, py) : Math.abs(px * dy - py * dx) / length;
    if (away > distance) [at, distance] = [i, away];
  }
  return { from, to, at, distance };
}
