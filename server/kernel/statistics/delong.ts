import { normalSf } from "./distributions.ts";
import { type Interval, criticalValue } from "./intervals.ts";
import { placements, splitScores } from "./auc.ts";
import { sortFloats } from "./sort-floats.ts";

/** AUC with the variance of DeLong, DeLong & Clarke-Pearson (1988). */
export type AucEstimate = {
  readonly auc: number;
  readonly variance: number;
  /** auc ± z·√variance, cut to [0, 1]. With perfect separation the variance is 0 and the interval a point: say so beside it. */
  readonly interval: Interval;
};

/** Both AUCs on the same rows. Differences are challenger − champion. */
export type AucComparison = {
  readonly n: number;
  readonly positives: number;
  readonly negatives: number;
  readonly champion: AucEstimate;
  readonly challenger: AucEstimate;
  readonly covariance: number;
  readonly difference: number;
  readonly standardError: number;
  /** difference/standardError; 0 when both are 0. */
  readonly z: number;
  /** One-sided p of H₀ "not better than the champion". */
  readonly pSuperior: number;
  /** One-sided p of H₀ "worse than the champion by the margin or more". */
  readonly pNonInferior: number;
  /** Two-sided at level 1 − 2·alpha, so that each bound alone is one-sided at alpha. Cut to [−1, 1]. */
  readonly interval: Interval;
  /**
   * True when the AUCs differ but the data hold no variance (both models separate or tie without exception, in a tiny or odd set). The normal
   * approximation says nothing there: p is 1 and the interval [−1, 1], so that no verdict follows.
   */
  readonly degenerate: boolean;
};

/** A model's placements: its AUC, and one number per positive and per negative row whose variances make the variance of the AUC. */
type Components = { readonly auc: number; readonly positive: Float64Array; readonly negative: Float64Array };

function components(actual: ArrayLike<number | boolean>, scores: ArrayLike<number>): Components {
  const { positives, negatives } = splitScores(actual, scores);
  const positive = placements(positives, sortFloats(negatives));
  const mirrored = placements(negatives, sortFloats(positives));
  return { auc: mean(positive), positive, negative: mirrored.map((value) => 1 - value) };
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Sample covariance (divisor n − 1). */
function covariance(a: Float64Array, b: Float64Array): number {
  const meanA = mean(a);
  const meanB = mean(b);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - meanA) * ((b[i] as number) - meanB);
  return sum / (a.length - 1);
}

function crossVariance(a: Components, b: Components): number {
  return (
    covariance(a.positive, b.positive) / a.positive.length + covariance(a.negative, b.negative) / a.negative.length
  );
}

function estimate(parts: Components, level: number): AucEstimate {
  const variance = crossVariance(parts, parts);
  const half = criticalValue(level) * Math.sqrt(variance);
  return {
    auc: parts.auc,
    variance,
    interval: { low: Math.max(0, parts.auc - half), high: Math.min(1, parts.auc + half), level },
  };
}

function enough(parts: Components): boolean {
  return parts.positive.length >= 2 && parts.negative.length >= 2;
}

/** AUC of one model with DeLong's interval; null with fewer than two rows of either class. Errors as in {@link splitScores}. */
export function aucInterval(
  actual: ArrayLike<number | boolean>,
  scores: ArrayLike<number>,
  level = 0.95,
): AucEstimate | null {
  const parts = components(actual, scores);
  return enough(parts) ? estimate(parts, level) : null;
}

/**
 * Compares two models' AUC on the same rows: z = (A₁−A₂)/√(S₁₁+S₂₂−2S₁₂) with S = cov(V₁₀)/m + cov(V₀₁)/k (DeLong 1988), placements in O(n log n)
 * (Sun & Xu 2014). S₁₁+S₂₂−2S₁₂ is computed as the variance of the placements' differences, so two nearly equal models keep their digits.
 * `actual` is 1 or true for a positive row. `alpha` (0 to ½) is one-sided, `margin` ≥ 0 the accepted loss of AUC.
 * Null with fewer than two rows of either class. Errors as in {@link splitScores}.
 */
export function compareAuc(
  actual: ArrayLike<number | boolean>,
  champion: ArrayLike<number>,
  challenger: ArrayLike<number>,
  { alpha = 0.05, margin = 0 }: { readonly alpha?: number; readonly margin?: number } = {},
): AucComparison | null {
  if (!(alpha > 0 && alpha < 0.5)) throw new RangeError(`a one-sided alpha is between 0 and 0.5, not ${alpha}`);
  if (!(margin >= 0 && margin <= 1)) throw new RangeError(`a margin of AUC is between 0 and 1, not ${margin}`);
  const first = components(actual, champion);
  const second = components(actual, challenger);
  if (!enough(first)) return null;
  const level = 1 - 2 * alpha;
  const gap: Components = {
    auc: second.auc - first.auc,
    positive: second.positive.map((value, i) => value - (first.positive[i] as number)),
    negative: second.negative.map((value, i) => value - (first.negative[i] as number)),
  };
  const standardError = Math.sqrt(Math.max(0, crossVariance(gap, gap)));
  // Two models that rank all rows alike differ by rounding at most.
  const same = Math.abs(gap.auc) < 1e-14;
  const degenerate = standardError < 1e-14 && !same;
  const half = criticalValue(level) * standardError;
  return {
    n: actual.length,
    positives: first.positive.length,
    negatives: first.negative.length,
    champion: estimate(first, level),
    challenger: estimate(second, level),
    covariance: crossVariance(first, second),
    difference: gap.auc,
    standardError,
    z: degenerate || same ? 0 : gap.auc / standardError,
    pSuperior: degenerate ? 1 : tail(gap.auc, standardError),
    pNonInferior: degenerate ? 1 : tail(gap.auc + margin, standardError),
    interval: degenerate
      ? { low: -1, high: 1, level }
      : { low: Math.max(-1, gap.auc - half), high: Math.min(1, gap.auc + half), level },
    degenerate,
  };
}

/** P(Z ≥ distance/error). With no error at all, a distance above 0 is certain; 0 or less shows nothing. */
function tail(distance: number, error: number): number {
  if (error < 1e-14) return distance > 1e-14 ? 0 : distance < -1e-14 ? 1 : 0.5;
  return normalSf(distance / error);
}
