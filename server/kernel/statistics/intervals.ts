import { normalQuantile } from "./distributions.ts";

/** A two-sided interval; `level` is its coverage, e.g. 0.95. Its lower bound alone is a one-sided bound at (1 + level)/2. */
export type Interval = { readonly low: number; readonly high: number; readonly level: number };

/** The z of a two-sided interval: normalQuantile((1 + level)/2). RangeError unless 0 < level < 1. */
export function criticalValue(level: number): number {
  if (!(level > 0 && level < 1)) throw new RangeError(`an interval's level is between 0 and 1, not ${level}`);
  // From the small tail: 1 − 0.999999 keeps its digits, (1 + 0.999999)/2 does not.
  return -normalQuantile((1 - level) / 2);
}

/**
 * Wilson's score interval of a proportion (Wilson 1927; statsmodels `proportion_confint(method="wilson")`): stays inside [0, 1] and holds its
 * level for small n. RangeError unless 0 ≤ successes ≤ n and n ≥ 1.
 */
export function wilson(successes: number, n: number, level = 0.95): Interval {
  if (!(n >= 1 && successes >= 0 && successes <= n)) throw new RangeError(`${successes} of ${n} is not a proportion`);
  const z = criticalValue(level);
  const p = successes / n;
  const scale = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === n ? 1 : Math.min(1, centre + half),
    level,
  };
}

/** Mean, sample standard deviation (divisor n − 1) and standard error of the mean; the last two are 0 for n = 1. */
export type Moments = { readonly n: number; readonly mean: number; readonly deviation: number; readonly error: number };

/** Two passes, the second repairing the rounding of the first. RangeError for no values or one that is not finite. */
export function moments(values: ArrayLike<number>): Moments {
  const n = values.length;
  if (n === 0) throw new RangeError("a mean needs at least one value");
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i] as number;
  const rough = sum / n;
  if (!Number.isFinite(rough)) throw new RangeError("a mean needs finite values");
  let squares = 0;
  let drift = 0;
  for (let i = 0; i < n; i++) {
    const distance = (values[i] as number) - rough;
    squares += distance * distance;
    drift += distance;
  }
  const deviation = n === 1 ? 0 : Math.sqrt(Math.max(0, squares - (drift * drift) / n) / (n - 1));
  return { n, mean: rough + drift / n, deviation, error: deviation / Math.sqrt(n) };
}

/**
 * Normal interval of a mean, mean ± z·s/√n: for the mean of per-row losses (log-loss, absolute error) of many independent rows.
 * With one value the deviation is unknown, so there is no interval: null.
 */
export function meanInterval(values: ArrayLike<number>, level = 0.95): Interval | null {
  const { n, mean, error } = moments(values);
  if (n < 2) return null;
  const half = criticalValue(level) * error;
  return { low: mean - half, high: mean + half, level };
}
