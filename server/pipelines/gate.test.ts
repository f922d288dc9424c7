import { expect, test } from "vitest";
import { evaluateGate } from "./gate.ts";
import { retryDelay } from "./retry.ts";
import type { Bound } from "./spec.ts";

const gate = (content: string, min: Bound | null, max: Bound | null, metric = "m") =>
  evaluateGate(
    { output: "o", metric, min, max },
    { content, path: "reports/q.json", params: { least: 0.5, text: "x" } },
  );

test.each([
  ['{"m": 0.031}', null, 0.02, false, "m is 0.031; at most 0.02 is allowed (reports/q.json)"],
  ['{"m": 0.02}', null, 0.02, true, "m is 0.02; at most 0.02 is allowed (reports/q.json)"],
  ['{"m": 0.5}', { param: "least" }, null, true, "m is 0.5; at least 0.5 is asked (reports/q.json)"],
  ['{"m": 0.4999999999}', { param: "least" }, null, false, "m is 0.4999999999; at least 0.5 is asked (reports/q.json)"],
  [
    '{"m": 0.9736842105263158}',
    0.9,
    1,
    true,
    "m is 0.973684; at least 0.9 is asked, at most 1 is allowed (reports/q.json)",
  ],
  ['{"n": 1}', 0, null, false, "m is missing; at least 0 is asked (reports/q.json)"],
  ['{"m": "1"}', 0, null, false, 'm is "1", not a number; at least 0 is asked (reports/q.json)'],
  ['{"m": null}', 0, null, false, "m is null, not a number; at least 0 is asked (reports/q.json)"],
  ['{"m": NaN}', 0, null, false, "m cannot be read, as the file is not JSON; at least 0 is asked (reports/q.json)"],
  ['{"m": 1e999}', 0, null, false, "m is null, not a number; at least 0 is asked (reports/q.json)"],
] as const)("%s against %j…%j: %s", (content, min, max, passed, text) => {
  expect(gate(content, min, max)).toMatchObject({ passed, text });
});

test("dots descend, and only into what the file itself holds", () => {
  expect(gate('{"holdout": {"auc": 0.7}}', 0.6, null, "holdout.auc")).toMatchObject({ passed: true, value: 0.7 });
  expect(gate("{}", 0, null, "constructor.length").passed).toBe(false);
});

test("retries count, wait longer each time, and help only against the causes that are named", () => {
  const retries = { max: 3, backoffMs: 1000, on: ["lost", "oom"] as const };
  expect([0, 1, 2, 3].map((used) => retryDelay(retries, "lost", used))).toEqual([1000, 2000, 4000, null]);
  expect(retryDelay(retries, "out_of_memory", 0)).toBe(1000);
  expect(retryDelay(retries, "exit", 0)).toBeNull();
  expect(retryDelay({ ...retries, on: ["failed", "timeout"] }, "exit", 0)).toBe(1000);
  expect(retryDelay({ ...retries, on: ["failed", "timeout"] }, "timeout", 0)).toBe(1000);
  expect(retryDelay({ max: 9, backoffMs: 500_000, on: ["failed"] }, "exit", 5)).toBe(600_000);
  for (const reason of ["gate", "cancelled"])
    expect(retryDelay({ max: 9, backoffMs: 1, on: ["lost", "oom", "timeout", "failed"] }, reason, 0)).toBeNull();
});
