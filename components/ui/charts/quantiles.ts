/** The quantile q of ascending values, interpolated between neighbours as numpy's default does (Hyndman and Fan 1996, type 7). NaN for none. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const a = sorted[low] ?? NaN;
  const b = sorted[low + 1] ?? a;
  return a + (b - a) * (at - low);
}

export interface BoxStats {
  readonly n: number;
  readonly low: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly high: number;
  readonly mean: number;
  readonly outliers: readonly number[];
}

/** A box plot after Tukey: the whiskers end at the last values within 1.5 times the interquartile range of the box. Null for no values. */
export function boxStats(values: readonly number[]): BoxStats | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const [q1, median, q3] = [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)];
  const reach = 1.5 * (q3 - q1);
  const inside = sorted.filter((value) => value >= q1 - reach && value <= q3 + reach);
  return {
    n: values.length,
    low: inside[0] ?? q1,
    q1,
    median,
    q3,
    high: inside.at(-1) ?? q3,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    outliers: sorted.filter((value) => value < q1 - reach || value > q3 + reach),
  };
}
