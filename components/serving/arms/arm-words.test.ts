import { expect, test } from "vitest";
import type { ArmDto, SampleRatio } from "#server/serving/contract.ts";
import { percentOf, ratioSentence, shareOf, shareText, splitOf, startConsequence } from "./arm-words.ts";

test("shares are read and written in percent, to the bucket", () => {
  expect([0.2, 0.055, 0.0525, 1].map(shareText)).toEqual(["20%", "5.5%", "5.25%", "100%"]);
  expect(["20", " 5,5 ", "0.01 %"].map(shareOf)).toEqual([0.2, 0.055, 0.0001]);
  expect(["", "half"].map(shareOf)).toEqual([Number.NaN, Number.NaN]);
  expect([0.2, 0.0525].map(percentOf)).toEqual(["20", "5.25"]);
});

const arm = (change: Partial<ArmDto>) => ({ kind: "ab", share: 0.2, state: "running", ...change }) as ArmDto;

test("an arm that does not run leaves its share to the champion, and a shadow takes none", () => {
  expect(splitOf([arm({})]).champion).toBe(0.8);
  expect(splitOf([arm({ state: "failing" })])).toEqual({ arm: null, champion: 1 });
  expect(splitOf([arm({ kind: "shadow", share: 0 })])).toEqual({ arm: null, champion: 1 });
});

test("what a start will do is said with the share, and asks for it when there is none", () => {
  expect(startConsequence("ab", "4", 0.25)).toContain(
    "version 4 answers 25% of the requests, 75% stay with the champion",
  );
  expect(startConsequence("canary", "4", Number.NaN)).toContain("Say which share");
  expect(startConsequence("shadow", "4", Number.NaN)).toContain("Callers notice nothing");
});

test("the ratio of a split is told in plain words", () => {
  const ratio: SampleRatio = {
    unit: "request",
    champion: 801,
    arm: 199,
    declared: 0.2,
    observed: 0.199,
    statistic: 0.006,
    p: 0.937,
    verdict: "fits",
  };
  expect(ratioSentence(ratio)).toBe(
    "199 of 1,000 requests went to the arm: 19.90%, declared were 20%. Chance alone would give a gap this large in 94 of 100 cases. The split is as declared.",
  );
  expect(ratioSentence({ ...ratio, p: 1e-9, verdict: "broken" })).toContain("less than once in a million cases");
  expect(ratioSentence({ ...ratio, p: null, verdict: "insufficient" })).toContain("Too few to tell");
  expect(ratioSentence({ ...ratio, champion: 0, arm: 0, observed: null })).toContain("Nothing has been counted");
});
