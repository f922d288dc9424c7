import { expect, test } from "vitest";
import type { ArmReport, ReportedMetric } from "#server/serving/contract.ts";
import { differenceText, furtherSentences, headline, metricText, spanText, unknowns } from "./report-words.ts";

const side = { requests: 100, rows: 100, outcomes: 60 };
const better: ReportedMetric = {
  name: "accuracy",
  higherIsBetter: true,
  champion: null,
  arm: null,
  difference: { value: 0.021, low: 0.004, high: 0.038 },
  verdict: "better",
  sentence: "The accuracy of the arm is better by 2.1 points.",
};
const report = (change: object) =>
  ({
    ratio: { verdict: "fits" },
    metrics: [better],
    champion: side,
    challenger: side,
    notes: ["The log keeps 50 % of the predictions."],
    arm: { endedAt: null },
    ...change,
  }) as unknown as ArmReport;

test("the first metric speaks, unless the split is broken or nothing is known", () => {
  expect(headline(report({}))).toEqual({ value: "superior", sentence: better.sentence });
  expect(headline(report({ ratio: { verdict: "broken" } })).value).toBe("invalid");
  expect(headline(report({ metrics: [] })).sentence).toContain("No outcome is known yet");
  const nobody = { ...side, requests: 0 };
  expect(headline(report({ metrics: [], champion: nobody, challenger: nobody })).sentence).toContain(
    "Nobody has asked",
  );
});

test("what the report says at its top is not said again under its table, and all else is", () => {
  const loss = { ...better, name: "log_loss", sentence: "The log-loss shows no difference." } as const;
  const metrics = [better, loss];
  expect(furtherSentences(metrics, headline(report({ metrics })).sentence)).toEqual([loss.sentence]);
  const broken = headline(report({ metrics, ratio: { verdict: "broken" } }));
  expect(furtherSentences(metrics, broken.sentence)).toEqual([better.sentence, loss.sentence]);
});

test("the time is told to the second, and up to now only while the split runs", () => {
  const [from, to] = ["2026-11-30T11:05:44.932Z", "2026-11-30T11:06:01.000Z"];
  expect(spanText({ from, to, arm: { endedAt: to } })).toBe("30 Nov 2026, 11:05:44 UTC to 30 Nov 2026, 11:06:01 UTC");
  expect(spanText({ from, to: new Date().toISOString(), arm: { endedAt: null } })).toBe(
    "since 30 Nov 2026, 11:05:44 UTC",
  );
  // Its champion was replaced, and the report ends there while the arm goes on.
  expect(spanText({ from, to, arm: { endedAt: null } })).toContain("11:06:01 UTC");
});

test("a difference is told in points for shares and in its own unit otherwise", () => {
  expect(differenceText(better)).toBe("+2.10 points (+0.400 to +3.80)");
  expect(differenceText({ name: "log_loss", difference: { value: -0.1, low: -0.2, high: 0 } })).toBe(
    "−0.100 (−0.200 to ±0)",
  );
  expect([metricText("accuracy", 0.9123), metricText("log_loss", 0.25)]).toEqual(["91.2%", "0.250"]);
});

test("what is not known begins with the server's notes, and counts the outcomes that nobody told", () => {
  const [first, second, third] = unknowns(report({}));
  expect(first).toContain("keeps 50 %");
  expect(second).toBe("What became of 80 logged rows of 200: no outcome was told.");
  expect(third).toContain("one look");
  expect(unknowns(report({ metrics: [], notes: [] }))).toHaveLength(2);
});
