import { lowerBound, upperBound } from "./samples.ts";
import { sortFloats } from "./sort-floats.ts";

/**
 * The q-quantile (0 ≤ q ≤ 1) of **sorted** values by linear interpolation at position (n−1)·q: rule 7 of Hyndman & Fan (1996), the default of
 * numpy, pandas and DuckDB's quantile_cont. RangeError for no values or q outside [0, 1].
 */
export function quantileSorted(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) throw new RangeError("a quantile needs at least one value");
  if (!(q >= 0 && q <= 1)) throw new RangeError(`a quantile is between 0 and 1, not ${q}`);
  const position = (sorted.length - 1) * q;
  const index = Math.floor(position);
  const low = sorted[index] as number;
  const high = sorted[Math.min(index + 1, sorted.length - 1)] as number;
  const rest = position - index;
  // The same two-sided form as numpy, so that results agree to the last bit.
  return rest < 0.5 ? low + (high - low) * rest : high - (high - low) * (1 - rest);
}

/** Several quantiles of unsorted finite values; sorts a copy. */
export function quantiles(values: ArrayLike<number>, qs: readonly number[]): number[] {
  const sorted = sortFloats(Float64Array.from(values));
  return qs.map((q) => quantileSorted(sorted, q));
}

/**
 * `count` + 1 evenly spaced edges from low to high; the last is exactly `high` (numpy `linspace`). RangeError for a count below 1.
 */
export function evenEdges(low: number, high: number, count: number): number[] {
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`a number of bins is at least 1, not ${count}`);
  const range = high - low;
  const step = range / count;
  // Where the range itself overflows, each edge is weighed from both ends.
  const edgeAt = Number.isFinite(range)
    ? (i: number): number => i * step + low
    : (i: number): number => low * (1 - i / count) + high * (i / count);
  const edges = Array.from({ length: count }, (_, i) => edgeAt(i));
  edges.push(high);
  return edges;
}

/**
 * Histogram edges over [low, high] for `n` values by Sturges' rule: width = range/(log₂ n + 1), ⌈range/width⌉ bins; one bin of width 1 around
 * a constant (numpy `histogram_bin_edges(bins="sturges")` on floats; numpy ≥ 2 widens integer bins to 1, which is not followed).
 */
export function sturgesEdges(low: number, high: number, n: number): number[] {
  if (!(n >= 1) || !(high >= low)) throw new RangeError("histogram edges need at least one value and low ≤ high");
  if (high === low) return [low - 0.5, high + 0.5];
  const range = high - low;
  const bins = Math.log2(n) + 1;
  // numpy divides by the width, which can round one bin up; that is followed wherever the range is finite and not denormal.
  const count = Math.ceil(range / (range / bins));
  return evenEdges(low, high, Number.isFinite(count) ? count : Math.ceil(bins));
}

/**
 * Counts of **sorted** values between edges, bins [a, b) with the last closed (numpy `histogram`); values outside all bins are not counted.
 * O(bins · log n). RangeError for fewer than two edges.
 */
export function histogramSorted(sorted: ArrayLike<number>, edges: readonly number[]): Float64Array {
  if (edges.length < 2) throw new RangeError("a histogram needs at least two edges");
  const counts = new Float64Array(edges.length - 1);
  const last = edges.length - 1;
  let before = lowerBound(sorted, edges[0] as number);
  for (let bin = 0; bin < last; bin++) {
    const edge = edges[bin + 1] as number;
    const after = bin + 1 === last ? upperBound(sorted, edge) : lowerBound(sorted, edge);
    counts[bin] = Math.max(0, after - before);
    before = Math.max(before, after);
  }
  return counts;
}
