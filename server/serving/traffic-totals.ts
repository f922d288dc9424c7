import { emptyLatencies, latencyQuantile } from "#server/kernel/statistics/latency-histogram.ts";
import type { TrafficTotals } from "./contract.ts";

/** Counts that add up. */
export interface TrafficCounts {
  requests: number;
  rows: number;
  refused: number;
  failed: number;
  executions: number;
  skipped: number;
  logDropped: number;
  /** By bucket of the kernel's latency histogram. */
  readonly latency: number[];
}

export function emptyCounts(): TrafficCounts {
  return {
    requests: 0,
    rows: 0,
    refused: 0,
    failed: 0,
    executions: 0,
    skipped: 0,
    logDropped: 0,
    latency: emptyLatencies(),
  };
}

/** Adds `more` to `counts`. */
export function addCounts(counts: TrafficCounts, more: TrafficCounts): void {
  counts.requests += more.requests;
  counts.rows += more.rows;
  counts.refused += more.refused;
  counts.failed += more.failed;
  counts.executions += more.executions;
  counts.skipped += more.skipped;
  counts.logDropped += more.logDropped;
  for (let i = 0; i < counts.latency.length; i += 1)
    counts.latency[i] = (counts.latency[i] ?? 0) + (more.latency[i] ?? 0);
}

/** Percentiles in milliseconds from the buckets; the counts as they are. */
export function totalsOf({ latency, executions: _, skipped: __, ...counts }: TrafficCounts): TrafficTotals {
  const ms = (q: number): number | null => {
    const us = latencyQuantile(latency, q);
    return us === null ? null : us / 1000;
  };
  return { ...counts, p50Ms: ms(0.5), p95Ms: ms(0.95), p99Ms: ms(0.99) };
}
