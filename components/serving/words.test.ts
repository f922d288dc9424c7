import { expect, test } from "vitest";
import type { TrafficTotals } from "#server/serving/contract.ts";
import { inPlainWords } from "./words.ts";

const hour = (change: Partial<TrafficTotals> = {}): TrafficTotals => ({
  requests: 1200,
  rows: 1200,
  refused: 0,
  failed: 0,
  p50Ms: 1,
  p95Ms: 4.24,
  p99Ms: 9,
  logDropped: 0,
  ...change,
});
const words = (lastHour: TrafficTotals, reason: string | null = null) =>
  inPlainWords({ lastHour, latencyBudgetMs: 20, live: null, reason });

test("says how the last hour went, and judges only what was promised", () => {
  expect(words(hour())).toBe(
    "In the last hour 1,200 requests, none failed; 95 of 100 answers took at most 4.24 ms, as fast as promised.",
  );
  expect(words(hour({ p95Ms: 35 }))).toContain("slower than promised");
  expect(words(hour({ p95Ms: 35, rows: 120_000 })), "many rows in a request").not.toContain("promised");
  expect(words(hour({ failed: 3, rows: 1197 }))).toContain("0.25% failed");
  expect(words(hour({ requests: 0, rows: 0, p95Ms: null }))).toBe("Nobody asked for a prediction in the last hour.");
  expect(words(hour(), "It is stopped.")).toBe("It is stopped.");
});
