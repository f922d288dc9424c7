import { describe, expect, test } from "vitest";
import { auc, aucOneVersusRest } from "./auc.ts";
import { aucInterval, compareAuc } from "./delong.ts";
import { apart, ranked } from "./reference/cases.ts";
import reference from "./reference/comparison.json" with { type: "json" };

describe("AUC", () => {
  test.each(reference.auc)("$case equals scikit-learn and DeLong by all pairs", (wanted) => {
    const [seed, n, strength, grid] = wanted.case as [number, number, number, number];
    const { actual, champion, challenger } = ranked(seed, n, strength, grid);
    expect(apart(auc(actual, champion)!, wanted.sklearn[0]!)).toBeLessThan(1e-12);
    expect(apart(auc(actual, challenger)!, wanted.sklearn[1]!)).toBeLessThan(1e-12);
    const found = compareAuc(actual, champion, challenger)!;
    expect(apart(found.champion.auc, wanted.aucs[0]!)).toBeLessThan(1e-12);
    expect(apart(found.challenger.auc, wanted.aucs[1]!)).toBeLessThan(1e-12);
    expect(apart(found.champion.variance, wanted.s[0]!, 0)).toBeLessThan(1e-9);
    expect(apart(found.challenger.variance, wanted.s[1]!, 0)).toBeLessThan(1e-9);
    expect(apart(found.covariance, wanted.s[2]!, 0)).toBeLessThan(1e-9);
    expect(apart(found.z, wanted.z)).toBeLessThan(1e-9);
    expect(apart(found.pSuperior, wanted.p, 1e-300)).toBeLessThan(1e-9);
    expect(apart(found.interval.low, wanted.interval[0]!)).toBeLessThan(1e-9);
    expect(apart(found.interval.high, wanted.interval[1]!)).toBeLessThan(1e-9);
    const single = aucInterval(actual, challenger, 0.9)!;
    expect(single).toEqual(found.challenger);
  });

  test("exchanging the models turns the sign, and a rising transformation changes nothing", () => {
    const { actual, champion, challenger } = ranked(55, 400, 0.3);
    const [one, other] = [compareAuc(actual, champion, challenger)!, compareAuc(actual, challenger, champion)!];
    expect(apart(one.z, -other.z)).toBeLessThan(1e-12);
    expect(apart(one.pSuperior + other.pSuperior, 1)).toBeLessThan(1e-12);
    const cubed = compareAuc(
      actual,
      champion.map((score) => score ** 3),
      challenger,
    )!;
    expect(cubed.z).toBe(one.z);
  });

  test("a margin makes non-inferiority easier", () => {
    const { actual, champion } = ranked(56, 2000, 0.3);
    const worse = champion.map((score, i) => score + (i % 7) / 20);
    const found = compareAuc(actual, champion, worse, { margin: 0.05 })!;
    expect(found.difference).toBeLessThan(0);
    expect(found.pSuperior).toBeGreaterThan(0.5);
    expect(found.pNonInferior <= 0.05).toBe(found.interval.low >= -0.05);
  });

  test("the same ranking twice: no difference, no width, no proof of more", () => {
    const { actual, champion } = ranked(57, 300, 0.3);
    const found = compareAuc(
      actual,
      champion,
      champion.map((score) => 2 * score),
      { margin: 0.01 },
    )!;
    expect(found).toMatchObject({ difference: 0, standardError: 0, z: 0, pSuperior: 0.5, pNonInferior: 0 });
    expect(found.interval).toMatchObject({ low: 0, high: 0 });
  });

  test("a difference without any variance is no proof", () => {
    const found = compareAuc([0, 0, 1, 1], [1, 1, 1, 1], [0, 0, 1, 1])!;
    expect(found).toMatchObject({ difference: 0.5, degenerate: true, z: 0, pSuperior: 1, pNonInferior: 1 });
    expect(found.interval).toMatchObject({ low: -1, high: 1 });
  });

  test("one class only, or one row of a class", () => {
    expect(auc([1, 1], [0.2, 0.4])).toBeNull();
    expect(auc([], [])).toBeNull();
    expect(auc([true, false], [0.4, 0.2])).toBe(1);
    expect(aucInterval([1, 0, 0], [0.4, 0.2, 0.1])).toBeNull();
    expect(compareAuc([1, 1], [0.1, 0.2], [0.3, 0.4])).toBeNull();
  });

  test("what is no outcome or no score is refused", () => {
    for (const bad of [
      () => auc([2, 0], [0.1, 0.2]),
      () => auc([1, 0], [0.1, Number.NaN]),
      () => auc([1], [0.1, 0.2]),
      () => aucOneVersusRest([0, 1], [0.5, 0.5], 2),
    ]) {
      expect(bad).toThrow(RangeError);
    }
  });

  test("a class that never occurs is left out of the mean and shown as such", () => {
    const found = aucOneVersusRest([0, 1, 0, 1], [0.7, 0.2, 0.1, 0.1, 0.6, 0.3, 0.4, 0.5, 0.1, 0.3, 0.3, 0.4], 3);
    expect(found.perClass[2]).toBeNull();
    expect(found.macro).toBeCloseTo((found.perClass[0]! + found.perClass[1]!) / 2, 15);
  });

  test("100,000 rows cost well under 200 ms", () => {
    const { actual, champion, challenger } = ranked(58, 100_000, 0.32);
    // Processor time, not the clock: what else runs on the machine is no failure.
    const times = Array.from({ length: 4 }, () => {
      const before = process.cpuUsage();
      compareAuc(actual, champion, challenger);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    });
    expect(Math.min(...times)).toBeLessThan(200);
  });
});
