import { studentQuantile, studentSf } from "./distributions.ts";
import { type Interval, moments } from "./intervals.ts";

/** Mean loss of two models on the same rows. `difference` is champion − challenger: a lower loss is better, so positive favours the challenger. */
export type LossComparison = {
  readonly n: number;
  readonly championLoss: number;
  readonly challengerLoss: number;
  readonly difference: number;
  readonly standardError: number;
  readonly t: number;
  /** One-sided p of H₀ "not better than the champion". */
  readonly pSuperior: number;
  /** One-sided p of H₀ "worse than the champion by the margin or more". */
  readonly pNonInferior: number;
  /** Two-sided at level 1 − 2·alpha. */
  readonly interval: Interval;
};

/**
 * Paired t test of per-row losses (squared or absolute error, log-loss, cost) of two models on the same **independent** rows; sum the rows of one
 * customer first. Student (1908); scipy `ttest_rel`. `alpha` (0 to ½) is one-sided, `margin` ≥ 0 is the accepted rise of the loss, in its own unit.
 * Null with fewer than two rows. RangeError when the lengths differ or a loss is not finite.
 */
export function compareLosses(
  champion: ArrayLike<number>,
  challenger: ArrayLike<number>,
  { alpha = 0.05, margin = 0 }: { readonly alpha?: number; readonly margin?: number } = {},
): LossComparison | null {
  if (champion.length !== challenger.length) {
    throw new RangeError(`${champion.length} and ${challenger.length} losses are not of the same rows`);
  }
  if (!(alpha > 0 && alpha < 0.5)) throw new RangeError(`a one-sided alpha is between 0 and 0.5, not ${alpha}`);
  if (!(margin >= 0)) throw new RangeError(`a margin is not negative: ${margin}`);
  const n = champion.length;
  if (n < 2) return null;
  const gaps = new Float64Array(n);
  for (let i = 0; i < n; i++) gaps[i] = (champion[i] as number) - (challenger[i] as number);
  const { mean: difference, error: standardError } = moments(gaps);
  const half = studentQuantile(1 - alpha, n - 1) * standardError;
  return {
    n,
    championLoss: moments(champion).mean,
    challengerLoss: moments(challenger).mean,
    difference,
    standardError,
    t: standardError > 0 ? difference / standardError : 0,
    pSuperior: tail(difference, standardError, n - 1),
    pNonInferior: tail(difference + margin, standardError, n - 1),
    interval: { low: difference - half, high: difference + half, level: 1 - 2 * alpha },
  };
}

/** P(T ≥ distance/error). The same gap in every row leaves no error: above 0 it is certain, at 0 it shows nothing. */
function tail(distance: number, error: number, dof: number): number {
  if (error === 0) return distance > 0 ? 0 : distance < 0 ? 1 : 0.5;
  return studentSf(distance / error, dof);
}
