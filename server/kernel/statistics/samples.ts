import { sortFloats } from "./sort-floats.ts";

/** What a numeric column may hold; null, undefined, NaN and ±Infinity count as missing (Evidently's cleaning rule). */
export type NumericValues = ArrayLike<number | null | undefined>;

/** One side of a comparison, cleaned and sorted once; reuse it for every window that is compared with it. */
export type NumericSample = {
  /** Finite values in rising order. */
  readonly sorted: Float64Array;
  /** Rows whose value was null, NaN or infinite. */
  readonly missing: number;
  /** Rows seen: sorted.length + missing. */
  readonly rows: number;
  /** Population standard deviation (divisor n) of the finite values; 0 when there are none. */
  readonly deviation: number;
  /** The distinct values in rising order when there are at most 20 of them, else null. */
  readonly distinct: readonly number[] | null;
};

/** Evidently bins a numeric column by value, not by range, up to this many distinct reference values. */
const MOST_DISTINCT = 20;

/**
 * Cleans and sorts the reference of a feature: O(n), about 3 ms per 100,000 values. The same function prepares the current side.
 */
export function prepareNumericReference(values: NumericValues): NumericSample {
  const kept = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    // value - value is 0 for finite numbers only; NaN, ±Infinity and null-like values fail it.
    if (value !== null && value !== undefined && value - value === 0) kept[count++] = value;
  }
  const sorted = sortFloats(kept.subarray(0, count));
  return {
    sorted,
    missing: values.length - count,
    rows: values.length,
    deviation: populationDeviation(sorted),
    distinct: fewDistinct(sorted),
  };
}

/** True for a side that {@link prepareNumericReference} made. */
export function isNumericSample(values: NumericValues | NumericSample): values is NumericSample {
  return "sorted" in values;
}

function populationDeviation(values: Float64Array): number {
  if (values.length === 0) return 0;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  let drift = 0;
  for (const value of values) {
    const distance = value - mean;
    squares += distance * distance;
    drift += distance;
  }
  // The second term repairs the rounding of the mean (Chan, Golub & LeVeque 1983).
  return Math.sqrt(Math.max(0, squares - (drift * drift) / values.length) / values.length);
}

function fewDistinct(sorted: Float64Array): readonly number[] | null {
  const distinct: number[] = [];
  let last = Number.NaN;
  for (const value of sorted) {
    if (value === last) continue;
    if (distinct.length === MOST_DISTINCT) return null;
    distinct.push(value);
    last = value;
  }
  return distinct;
}

/** First index whose value is ≥ `limit` (numpy `searchsorted`, side left). */
export function lowerBound(sorted: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First index whose value is > `limit` (numpy `searchsorted`, side right). */
export function upperBound(sorted: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
