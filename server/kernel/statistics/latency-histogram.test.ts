import { describe, expect, test } from "vitest";
import {
  LATENCY_BOUNDS_US,
  emptyLatencies,
  latencyBucket,
  latencyQuantile,
  mergeLatencies,
  summariseLatencies,
} from "./latency-histogram.ts";
import { quantiles } from "./quantiles.ts";
import { uniforms } from "./reference/cases.ts";

const record = (values: Iterable<number>): number[] => {
  const counts = emptyLatencies();
  for (const value of values) counts[latencyBucket(value)]!++;
  return counts;
};

describe("latency histogram", () => {
  // Latencies over four decades, as a service under load shows them.
  const latencies = uniforms(9, 20_000).map((u) => 200 / (1.0001 - u));

  test("percentiles are close to the exact ones", () => {
    const [p50, p95, p99] = quantiles(latencies, [0.5, 0.95, 0.99]);
    const summary = summariseLatencies(record(latencies));
    expect(summary.count).toBe(20_000);
    expect(Math.abs(summary.p50! / p50! - 1)).toBeLessThan(0.01);
    expect(Math.abs(summary.p95! / p95! - 1)).toBeLessThan(0.02);
    expect(Math.abs(summary.p99! / p99! - 1)).toBeLessThan(0.03);
  });

  test("one value is never off by more than its bucket", () => {
    for (const us of [51, 60, 777, 12_345, 9_999_999]) {
      for (const q of [0, 0.5, 1]) {
        expect(Math.abs(latencyQuantile(record([us]), q)! / us - 1)).toBeLessThan(0.1);
      }
    }
  });

  test("parts merge to the whole", () => {
    const parts = [latencies.slice(0, 7000), latencies.slice(7000), []].map(record);
    expect(mergeLatencies(parts)).toEqual(record(latencies));
    expect(mergeLatencies([])).toEqual(emptyLatencies());
    expect(() => mergeLatencies([[1]])).toThrow(RangeError);
  });

  test("every bound belongs to the bucket below it", () => {
    LATENCY_BOUNDS_US.forEach((bound, bucket) => {
      expect(latencyBucket(bound)).toBe(bucket);
      expect(latencyBucket(bound + 0.001)).toBe(bucket + 1);
    });
  });

  test("nothing, and the ends", () => {
    expect(summariseLatencies(emptyLatencies())).toEqual({ count: 0, p50: null, p95: null, p99: null });
    expect(latencyQuantile(record([1, 1, 1, 1]), 0.5)).toBe(25);
    expect(latencyBucket(0)).toBe(0);
    expect(latencyBucket(1e12)).toBe(LATENCY_BOUNDS_US.length);
    expect(latencyQuantile(record([1e12]), 0.5)).toBe(LATENCY_BOUNDS_US.at(-1));
    for (const bad of [-1, Number.NaN, Infinity]) expect(() => latencyBucket(bad)).toThrow(RangeError);
    expect(() => latencyQuantile(emptyLatencies(), 1.5)).toThrow(RangeError);
  });
});
