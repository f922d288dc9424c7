import { describe, expect, test } from "vitest";
import { compareAccuracy } from "./mcnemar.ts";
import { verdictSentence } from "./verdict-sentence.ts";
import { type Evidence, judge, satisfies } from "./verdict.ts";

const evidence = (difference: number, low: number, high: number, rest: Partial<Evidence> = {}): Evidence => ({
  n: 8412,
  minimumN: 200,
  difference,
  low,
  high,
  margin: 0.005,
  alpha: 0.05,
  ...rest,
});
const verdictOf = (from: Evidence): string => judge(from).verdict;
const say = (from: Evidence): string => verdictSentence(from, judge(from), { rows: "flights", unit: "points" });

describe("verdict", () => {
  test("follows the interval's place", () => {
    expect(verdictOf(evidence(0.009, 0.002, 0.016))).toBe("superior");
    expect(verdictOf(evidence(0.001, -0.004, 0.006))).toBe("non_inferior");
    expect(verdictOf(evidence(-0.002, -0.004, -0.001))).toBe("non_inferior");
    expect(verdictOf(evidence(0.001, -0.006, 0.008))).toBe("inconclusive");
    expect(verdictOf(evidence(-0.006, -0.009, -0.003))).toBe("inconclusive");
    expect(verdictOf(evidence(-0.012, -0.016, -0.008))).toBe("inferior");
  });

  test("an edge is not inside", () => {
    expect(verdictOf(evidence(0.005, 0, 0.01))).toBe("non_inferior");
    expect(verdictOf(evidence(0, -0.005, 0.005))).toBe("inconclusive");
    expect(verdictOf(evidence(-0.01, -0.02, -0.005))).toBe("inconclusive");
  });

  test("too few is inconclusive, however good", () => {
    expect(judge(evidence(0.2, 0.1, 0.3, { n: 199 }))).toEqual({
      verdict: "inconclusive",
      reason: "too_few",
      worse: false,
    });
    expect(verdictOf(evidence(0, 0, 0, { n: 0, minimumN: 0 }))).toBe("inconclusive");
    expect(verdictOf(evidence(0.2, 0.1, 0.3, { n: 200 }))).toBe("superior");
  });

  test("problems and contradictions are invalid, not worse", () => {
    expect(verdictOf(evidence(0.009, 0.002, 0.016, { problems: ["the labels differ"] }))).toBe("invalid");
    for (const broken of [
      evidence(Number.NaN, 0, 1),
      evidence(0.5, 0.6, 0.7),
      evidence(0, -1, 1, { margin: -0.1 }),
      evidence(0, -1, Infinity),
      evidence(0, -1, 1, { alpha: 0 }),
    ]) {
      expect(judge(broken)).toMatchObject({ verdict: "invalid", reason: "numbers" });
    }
  });

  test("the exact test must agree with superiority", () => {
    expect(verdictOf(evidence(0.009, 0.0001, 0.018, { pSuperior: 0.051 }))).toBe("non_inferior");
    expect(verdictOf(evidence(0.009, 0.0001, 0.018, { pSuperior: 0.05 }))).toBe("superior");
  });

  test("with margin 0 only superiority passes, except for models that are the same", () => {
    expect(verdictOf(evidence(0.001, -0.0001, 0.002, { margin: 0 }))).toBe("inconclusive");
    expect(verdictOf(evidence(-0.001, -0.002, -0.0001, { margin: 0 }))).toBe("inferior");
    expect(verdictOf(evidence(0, 0, 0, { margin: 0 }))).toBe("non_inferior");
  });

  test("what a policy requires", () => {
    expect(satisfies("superior", "non_inferior")).toBe(true);
    expect(satisfies("non_inferior", "superior")).toBe(false);
    for (const verdict of ["inconclusive", "invalid", "inferior"] as const) {
      expect(satisfies(verdict, "non_inferior")).toBe(false);
    }
  });

  test("from a paired table to the end", () => {
    const found = compareAccuracy({ bothRight: 7600, onlyChallenger: 480, onlyChampion: 404, bothWrong: 516 });
    const from = evidence(found.difference, found.interval.low, found.interval.high, {
      n: found.n,
      pSuperior: found.pSuperior,
    });
    expect(say(from)).toBe("On 9,000 flights the challenger is better by 0.8 points, at least 0.3.");
  });
});

describe("sentence", () => {
  test.each([
    [evidence(0.009, 0.002, 0.016), "On 8,412 flights the challenger is better by 0.9 points, at least 0.2."],
    [
      evidence(0.001, -0.003, 0.006),
      "On 8,412 flights the challenger is better by 0.1 points, at worst 0.3 worse, where 0.5 are allowed.",
    ],
    [evidence(0, 0, 0), "On 8,412 flights the challenger is as good as the champion."],
    [
      evidence(-0.001, -0.003, 0.002),
      "On 8,412 flights the challenger is worse by 0.1 points, at worst 0.3 worse, where 0.5 are allowed.",
    ],
    [
      evidence(-0.012, -0.016, -0.008),
      "On 8,412 flights the challenger is worse by 1.2 points, at least 0.8, where 0.5 are allowed.",
    ],
    [
      evidence(0.001, -0.006, 0.008),
      "On 8,412 flights the difference is 0.1 points, between −0.6 and 0.8: not enough to conclude.",
    ],
    [
      evidence(-0.006, -0.009, -0.003),
      "On 8,412 flights the challenger is worse by 0.6 points, at least 0.3; whether it stays within the 0.5 allowed is not shown.",
    ],
    [evidence(0.1, 0, 0.2, { n: 42 }), "On 42 flights nothing can be concluded; at least 200 are needed."],
    [evidence(0, 0, 0, { n: 0 }), "No flights were compared, so nothing can be concluded; at least 200 are needed."],
    [
      evidence(0, 0, 0, { problems: ["labels are missing", "the split is broken"] }),
      "The comparison does not count: labels are missing; the split is broken.",
    ],
    // Rounded to one decimal these would contradict their verdict.
    [evidence(0.0009, 0.0002, 0.0016), "On 8,412 flights the challenger is better by 0.09 points, at least 0.02."],
    [
      evidence(0, -0.00496, 0.00496),
      "On 8,412 flights the challenger is as good as the champion, at worst 0.496 worse, where 0.500 are allowed.",
    ],
  ] as const)("%#", (from, sentence) => {
    expect(say(from)).toBe(sentence);
  });

  test("other units keep their own scale", () => {
    const from = evidence(0.0123, 0.0041, 0.0205);
    expect(verdictSentence(from, judge(from), { rows: "customers", unit: "AUC" })).toBe(
      "On 8,412 customers the challenger is better by 0.012 AUC, at least 0.004.",
    );
  });
});
