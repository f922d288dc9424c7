import { describe, expect, it } from "vitest";
import { LATENCY_BOUNDS_US, latencyBucket, latencyQuantile } from "./latency-histogram.ts";

describe("latency buckets", () => {
  it("put every latency under its upper bound and above the one before", () => {
    const edges = LATENCY_BOUNDS_US.flatMap((b) => [b - 1, b, b + 0.5, b + 1]);
    for (const us of [0, 0.2, 49, ...edges, 1e9]) {
      const bucket = latencyBucket(us);
      expect(us).toBeLessThanOrEqual(LATENCY_BOUNDS_US[bucket] ?? Infinity);
      if (bucket > 0) expect(us).toBeGreaterThan(LATENCY_BOUNDS_US[bucket - 1] ?? 0);
    }
    expect(LATENCY_BOUNDS_US.at(-1)).toBeGreaterThan(60e6);
  });

  it("give quantiles within a bucket's width", () => {
    const counts = new Array<number>(LATENCY_BOUNDS_US.length + 1).fill(0);
    for (let us = 1; us <= 10_000; us += 1) {
      const bucket = latencyBucket(us);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    for (const q of [0.1, 0.5, 0.95, 0.99]) {
      const read = latencyQuantile(counts, q) ?? 0;
      expect(read).toBeGreaterThanOrEqual(q * 10_000);
      expect(read).toBeLessThan(q * 10_000 * 1.2);
    }
    expect(latencyQuantile([], 0.5)).toBeNull();
  });
});
