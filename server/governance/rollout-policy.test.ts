import { expect, test } from "vitest";
import { isAppError } from "#server/kernel/errors.ts";
import { parsePolicy } from "./policy-file.ts";

const policy = (rollout: string) => `version: 1
model: m
checks:
  - {id: signature, type: signature}
${rollout}`;
function mistake(rollout: string): string {
  try {
    parsePolicy(policy(rollout));
    return "none";
  } catch (error) {
    if (!isAppError(error, "invalid_input")) throw error;
    return error.message;
  }
}

test("a rollout has steps, guards with defaults, and reverts on a breach", () => {
  expect(parsePolicy(policy("")).rollout).toBeUndefined();
  expect(
    parsePolicy(policy("rollout: {steps: [{share: 0.05, minutes: 10}, {share: 0.5, minutes: 0.5}]}")).rollout,
  ).toEqual({
    steps: [
      { share: 0.05, minutes: 10 },
      { share: 0.5, minutes: 0.5 },
    ],
    guards: { errors: { max_difference: 0.01, alpha: 0.01 }, min_requests: 200 },
    on_breach: "revert",
    complete_early: false,
  });
});

test.each([
  ["rollout: {}", "line 5, column 10: rollout.steps"],
  ["rollout:\n  steps: []", "line 6, column 10: rollout.steps: A rollout has at least one step."],
  [
    "rollout:\n  steps:\n    - {share: 5, minutes: 10}",
    "line 7, column 15: rollout.steps.0.share: A share is less than 1",
  ],
  ["rollout:\n  steps:\n    - {share: 0.1}", "line 7, column 7: rollout.steps.0.minutes: Say how many minutes"],
  [
    "rollout:\n  steps:\n    - {share: 0.5, minutes: 1}\n    - {share: 0.1, minutes: 1}",
    "line 8, column 15: rollout.steps.1.share: Each step's share is greater than the one before, which is 0.5.",
  ],
  ["rollout:\n  steps: [{share: 0.5, minutes: 1}]\n  guards: {latency: {}}", "Give p95_ms, p95_ratio or both."],
  ["rollout:\n  steps: [{share: 0.5, minutes: 1}]\n  on_breach: wait", "What a breach leads to is 'revert'."],
  [
    "rollout:\n  steps: [{share: 0.5, minutes: 1}]\n  guards: {min_requests: 3}",
    "Fewer than 10 requests show nothing.",
  ],
])("%s is refused with its place", (text, message) => {
  expect(mistake(text)).toContain(message);
});
