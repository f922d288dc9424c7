import { studentQuantile } from "./distributions.ts";
import { type Interval, wilson } from "./intervals.ts";

/**
 * Sums over the units of one sample, a unit being all rows of one entity: rows of one entity are not independent of each other. `y` is a unit's sum of
 * the measured value, `n` its number of rows.
 */
export type UnitSums = {
  readonly units: number;
  readonly n: number;
  readonly y: number;
  readonly yy: number;
  readonly yn: number;
  readonly nn: number;
};

/** The mean of a value over rows, and its standard error over independent units. */
export type UnitMean = { readonly units: number; readonly rows: number; readonly mean: number; readonly error: number };

/** A difference of two means, first minus second. */
export type MeanDifference = { readonly value: number; readonly interval: Interval };

/**
 * Mean per row, Σy/Σn, with the standard error of the delta method over units, √(Σ(y − mean·n)² · K/(K − 1)) / Σn: Deng, Knoblich and Lu, "Applying the
 * Delta Method in Metric Analytics", KDD 2018. With one row per unit it is s/√n. Null with fewer than two units.
 */
export function unitMean({ units, n, y, yy, yn, nn }: UnitSums): UnitMean | null {
  if (units < 2 || n === 0) return null;
  const mean = y / n;
  const residual = Math.max(0, yy - 2 * mean * yn + mean * mean * nn);
  return { units, rows: n, mean, error: Math.sqrt((residual * units) / (units - 1)) / n };
}

/** Student's interval of one mean. */
export function unitMeanInterval({ units, mean, error }: UnitMean, level = 0.95): Interval {
  const half = studentQuantile((1 + level) / 2, units - 1) * error;
  return { low: mean - half, high: mean + half, level };
}

/**
 * Welch's interval for the difference of two independent means (Welch 1947; scipy `ttest_ind(equal_var=False).confidence_interval()`), its degrees of
 * freedom counted over units.
 */
export function welch(first: UnitMean, second: UnitMean, level = 0.95): MeanDifference {
  const [a, b] = [first.error ** 2, second.error ** 2];
  const value = first.mean - second.mean;
  if (a + b === 0) return { value, interval: { low: value, high: value, level } };
  const dof = (a + b) ** 2 / (a ** 2 / (first.units - 1) + b ** 2 / (second.units - 1));
  const half = studentQuantile((1 + level) / 2, dof) * Math.sqrt(a + b);
  return { value, interval: { low: value - half, high: value + half, level } };
}

/**
 * How many independent rows a proportion's rows are worth: n over the design effect (Kish 1965), the variance over units by that of independent rows;
 * never more than there are.
 */
function effectiveRows({ units, rows, mean, error }: UnitMean): number {
  const independent = ((mean * (1 - mean)) / rows) * (units / (units - 1));
  return independent === 0 ? rows : Math.max(1, rows / Math.max(1, error ** 2 / independent));
}

/** Wilson's interval of a proportion over units. */
export function unitProportionInterval(sample: UnitMean, level = 0.95): Interval {
  const n = effectiveRows(sample);
  return wilson(sample.mean * n, n, level);
}

/**
 * Newcombe's hybrid score interval for the difference of two independent proportions (Newcombe 1998, method 10; statsmodels
 * `confint_proportions_2indep(method="newcomb")`): it keeps inside −1 to 1 and has a width where both are 0 or 1.
 */
export function newcombeDifference(first: UnitMean, second: UnitMean, level = 0.95): MeanDifference {
  const [a, b] = [unitProportionInterval(first, level), unitProportionInterval(second, level)];
  const value = first.mean - second.mean;
  const low = value - Math.hypot(first.mean - a.low, b.high - second.mean);
  const high = value + Math.hypot(a.high - first.mean, second.mean - b.low);
  return { value, interval: { low, high, level } };
}
