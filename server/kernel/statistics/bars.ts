import { type NumericBins, countSample } from "./bins.ts";
import { histogramSorted, sturgesEdges } from "./quantiles.ts";
import type { NumericSample } from "./samples.ts";

/** Both sides over the same bars, for a chart: ranges [edge, next edge) or single values. */
export type Bars = { readonly reference: readonly number[]; readonly current: readonly number[] } & (
  | { readonly edges: readonly number[] }
  | { readonly keys: readonly string[] }
);

/** Counts of both sides over the same bins, and what a chart draws of them. */
export type Counted = { readonly reference: Float64Array; readonly current: Float64Array; readonly bars: Bars };

const MOST_BARS = 40;

/**
 * Evidently's bins (`get_binned_data`): more than 20 distinct reference values give Sturges' even ranges over both sides together, fewer give one bin
 * per distinct value of either side. Both sides must hold a value.
 */
export function countUnion(reference: NumericSample, current: NumericSample): Counted {
  const ranges = rangeCounts(reference, current);
  if (reference.distinct === null) return ranges;
  // Few distinct reference values: one bin per value of either side.
  const [before, after] = [runs(reference.sorted), runs(current.sorted)];
  const values = Float64Array.from(new Set([...before.keys(), ...after.keys()])).sort();
  const counts = (found: ReadonlyMap<number, number>) => values.map((value) => found.get(value) ?? 0);
  const byValue = { reference: counts(before), current: counts(after) };
  if (values.length > MOST_BARS) return { ...byValue, bars: ranges.bars };
  const keys = Array.from(values, String);
  return { ...byValue, bars: { keys, reference: [...byValue.reference], current: [...byValue.current] } };
}

function rangeCounts(reference: NumericSample, current: NumericSample): Counted {
  const low = Math.min(reference.sorted[0] as number, current.sorted[0] as number);
  const high = Math.max(reference.sorted.at(-1) as number, current.sorted.at(-1) as number);
  const edges = sturgesEdges(low, high, reference.sorted.length + current.sorted.length);
  const before = histogramSorted(reference.sorted, edges);
  const after = histogramSorted(current.sorted, edges);
  return { reference: before, current: after, bars: { edges, reference: [...before], current: [...after] } };
}

/** Fixed bins of the reference, with what lies below and above them as two more bins. Both sides must hold a value. */
export function countFixed(reference: NumericSample, current: NumericSample, bins: NumericBins): Counted {
  // Below and above count as bins; the last slot, missing, is compared apart.
  const before = countSample(reference, bins).slice(0, -1);
  const after = countSample(current, bins).slice(0, -1);
  const edges = [
    Math.min(bins.edges[0] as number, current.sorted[0] as number),
    ...bins.edges,
    Math.max(bins.edges.at(-1) as number, current.sorted.at(-1) as number),
  ];
  return { reference: before, current: after, bars: { edges, reference: [...before], current: [...after] } };
}

/** How often each value occurs in a sorted array. */
function runs(sorted: Float64Array): Map<number, number> {
  const found = new Map<number, number>();
  for (const value of sorted) found.set(value, (found.get(value) ?? 0) + 1);
  return found;
}

/** Bars of categories: the 39 most frequent and "other" when there are more than 40. */
export function topBars(keys: readonly string[], reference: Float64Array, current: Float64Array): Bars {
  if (keys.length <= MOST_BARS) return { keys, reference: [...reference], current: [...current] };
  const shown = keys
    .map((_, i) => i)
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, MOST_BARS - 1);
  const rest = (counts: Float64Array): number =>
    counts.reduce((sum, count) => sum + count, 0) - shown.reduce((sum, i) => sum + (counts[i] as number), 0);
  function weight(i: number): number {
    return (reference[i] as number) + (current[i] as number);
  }
  const pick = (counts: Float64Array): number[] => [...shown.map((i) => counts[i] as number), rest(counts)];
  return {
    keys: [...shown.map((i) => keys[i] as string), "other"],
    reference: pick(reference),
    current: pick(current),
  };
}
