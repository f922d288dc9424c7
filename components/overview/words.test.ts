import { describe, expect, test } from "vitest";
import type { Score } from "#server/overview/contract.ts";
import { effectSentence, names, noScoreSentence, scoreSentence } from "./words.ts";

const share = (value: number, low: number, high: number, n = 23_114): Score => ({
  kind: "share",
  value,
  low,
  high,
  n,
  from: "2013-07-01",
  to: "2013-12-31",
});

test("a score is said with its count, its interval and its time", () => {
  expect(scoreSentence(share(0.74, 0.734, 0.746), "flights")).toBe(
    "It was right for 74.0% of 23,114 flights whose outcome is known (73.4% to 74.6%), between 1 Jul 2013 and 31 Dec 2013.",
  );
  const error: Score = {
    kind: "error",
    value: 12.34,
    low: null,
    high: null,
    n: 1,
    from: "2013-07-01",
    to: "2013-07-01",
  };
  expect(scoreSentence(error, "flights")).toBe(
    "It was off by 12.3 on average for 1 flights whose outcome is known, on 1 Jul 2013.",
  );
});

test("without outcomes it says what is missing", () => {
  expect(noScoreSentence(0, "flights")).toMatch(/not been asked/);
  expect(noScoreSentence(12, "flights")).toBe(
    "It has answered for 12 flights, but none of their outcomes is known yet.",
  );
  expect(noScoreSentence(12, "predictions")).toMatch(/^It has made 12 predictions,/);
});

describe("the effect of a promotion", () => {
  const effect = (score: Score | null, baseScore: Score | null) =>
    effectSentence({ score, baseScore, rows: "flights", baseVersion: 1 });

  test("is a better or worse only when the intervals are apart", () => {
    expect(effect(share(0.76, 0.75, 0.77), share(0.72, 0.71, 0.73))).toMatch(/That is better/);
    expect(effect(share(0.7, 0.69, 0.71), share(0.72, 0.715, 0.73))).toMatch(/That is worse/);
    expect(effect(share(0.73, 0.71, 0.75), share(0.72, 0.7, 0.74))).toMatch(/within what chance explains/);
  });

  test("of an error falls when it is better", () => {
    const error = (value: number): Score => ({ ...share(value, value - 0.1, value + 0.1), kind: "error" });
    expect(effect(error(3), error(4))).toMatch(/That is better/);
  });

  test("is not known without outcomes, and stands alone without a version before", () => {
    expect(effect(null, null)).toMatch(/not known/);
    expect(effect(share(0.74, 0.73, 0.75), null)).toBe("In production it was right for 74.0% of 23,114 flights.");
  });
});

test("people are listed as one speaks", () => {
  expect([names([]), names(["Bob"]), names(["Bob", "Rita"]), names(["Ann", "Bob", "Rita"])]).toEqual([
    "nobody",
    "Bob",
    "Bob and Rita",
    "Ann, Bob and Rita",
  ]);
});
