import { moments } from "./intervals.ts";

export type RegressionScores = {
  readonly n: number;
  /** Mean of |prediction − outcome|. */
  readonly meanAbsoluteError: number;
  readonly meanSquaredError: number;
  readonly rootMeanSquaredError: number;
  /** Mean of prediction − outcome: above 0 the model predicts too high. */
  readonly bias: number;
  /**
   * Share of the outcomes' variance explained, 1 − Σ(y−ŷ)²/Σ(y−ȳ)². For equal outcomes 1 if every prediction is right, else 0 (scikit-learn's
   * `force_finite`); null for one row.
   */
  readonly r2: number | null;
};

/**
 * MAE, MSE, RMSE, R² and bias, equal to scikit-learn. Drop rows without an outcome first. RangeError when the lengths differ, there is no row, or a
 * value is not finite.
 */
export function regressionScores(actual: ArrayLike<number>, predicted: ArrayLike<number>): RegressionScores {
  const n = actual.length;
  if (n !== predicted.length) {
    throw new RangeError(`${n} outcomes and ${predicted.length} predictions do not belong together`);
  }
  const { mean } = moments(actual);
  let absolute = 0;
  let squared = 0;
  let signed = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const outcome = actual[i] as number;
    const gap = (predicted[i] as number) - outcome;
    absolute += Math.abs(gap);
    squared += gap * gap;
    signed += gap;
    total += (outcome - mean) ** 2;
  }
  if (!Number.isFinite(squared)) throw new RangeError("predictions are finite numbers");
  return {
    n,
    meanAbsoluteError: absolute / n,
    meanSquaredError: squared / n,
    rootMeanSquaredError: Math.sqrt(squared / n),
    bias: signed / n,
    r2: n < 2 ? null : total > 0 ? 1 - squared / total : squared === 0 ? 1 : 0,
  };
}
