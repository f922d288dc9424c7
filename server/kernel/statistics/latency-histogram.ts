/**
 * Latencies are counted in buckets that every process shares, so that the counts of minutes, versions and processes can be added and still give
 * percentiles. Upper bounds in microseconds, each 2^⅛ times the one before, from 50 µs to 63 s. One more bucket holds what is slower.
 */
export const LATENCY_BOUNDS_US: readonly number[] = Array.from({ length: 163 }, (_, i) =>
  Math.round(50 * 2 ** (i / 8)),
);

const PER_OCTAVE = 8;

/** Counts per bucket, whole numbers; length LATENCY_BOUNDS_US.length + 1. */
export type LatencyCounts = readonly number[];

export function emptyLatencies(): number[] {
  return new Array<number>(LATENCY_BOUNDS_US.length + 1).fill(0);
}

/** The bucket of a latency in microseconds, O(1): bounds belong to the bucket below them. RangeError for a negative or non-finite latency. */
export function latencyBucket(us: number): number {
  if (!(us >= 0 && us < Infinity)) throw new RangeError(`${us} µs is not a latency`);
  const last = LATENCY_BOUNDS_US.length;
  const near = us <= 50 ? 0 : Math.min(Math.ceil(Math.log2(us / 50) * PER_OCTAVE), last);
  // The bounds are rounded, so the logarithm may be one off at a bound; the bounds decide.
  if (us > (LATENCY_BOUNDS_US[near] ?? Infinity)) return near + 1;
  return near > 0 && us <= (LATENCY_BOUNDS_US[near - 1] ?? 0) ? near - 1 : near;
}

/** Sum of counts; none gives empty ones. RangeError when one has another number of buckets. */
export function mergeLatencies(all: Iterable<LatencyCounts>): number[] {
  const merged = emptyLatencies();
  for (const counts of all) {
    if (counts.length !== merged.length)
      throw new RangeError(`${counts.length} latency buckets are not ${merged.length}`);
    for (const [bucket, count] of counts.entries()) merged[bucket] = (merged[bucket] ?? 0) + count;
  }
  return merged;
}

/**
 * The latency in microseconds below which the share `q` (0 to 1) of the counts lies, interpolated geometrically inside its bucket: off by at most one
 * bucket, 9 %, and by far less where the bucket holds many. What lies above the last bound is answered as that bound. Null without counts.
 */
export function latencyQuantile(counts: LatencyCounts, q: number): number | null {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`a quantile is between 0 and 1, not ${q}`);
  const rank = q * totalOf(counts);
  let before = 0;
  let answer: number | null = null;
  for (const [bucket, count] of counts.entries()) {
    if (count === 0) continue;
    const high = LATENCY_BOUNDS_US[bucket];
    if (high === undefined) return LATENCY_BOUNDS_US[LATENCY_BOUNDS_US.length - 1] ?? null;
    const low = LATENCY_BOUNDS_US[bucket - 1] ?? 0;
    const share = Math.min(1, Math.max(0, (rank - before) / count));
    answer = low > 0 ? low * (high / low) ** share : high * share;
    before += count;
    if (before >= rank) break;
  }
  return answer;
}

function totalOf(counts: LatencyCounts): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** What a dashboard shows of a window, in microseconds; null without counts. */
export type LatencySummary = {
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
};

export function summariseLatencies(counts: LatencyCounts): LatencySummary {
  return {
    count: totalOf(counts),
    p50: latencyQuantile(counts, 0.5),
    p95: latencyQuantile(counts, 0.95),
    p99: latencyQuantile(counts, 0.99),
  };
}
