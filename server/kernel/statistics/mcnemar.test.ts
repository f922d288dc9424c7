import { describe, expect, test } from "vitest";
import { compareAccuracy, mcnemar, pairedTable } from "./mcnemar.ts";
import { type PairedTable, newcombeInterval, tangoInterval, tangoScore } from "./paired-interval.ts";
import { compareLosses } from "./paired-mean.ts";
import { apart, shaped } from "./reference/cases.ts";
import reference from "./reference/comparison.json" with { type: "json" };
import { detectableDifference, pairedPower, pairsNeeded } from "./sample-size.ts";

const table = ([bothRight, onlyChallenger, onlyChampion, bothWrong]: readonly number[]): PairedTable => ({
  bothRight: bothRight!,
  onlyChallenger: onlyChallenger!,
  onlyChampion: onlyChampion!,
  bothWrong: bothWrong!,
});

describe("paired accuracy", () => {
  test.each(reference.accuracy)("$table equals scipy, statsmodels and the likelihood", (wanted) => {
    const counts = table(wanted.table);
    const found = mcnemar(counts.onlyChallenger, counts.onlyChampion);
    expect(apart(found.pSuperior, wanted.greater, 1e-300)).toBeLessThan(1e-9);
    expect(apart(found.pTwoSided, wanted.twoSided, 1e-300)).toBeLessThan(1e-9);
    expect(apart(found.pSuperiorMid, wanted.mid, 1e-300)).toBeLessThan(1e-9);
    const tango = tangoInterval(counts);
    expect(apart(tango.low, wanted.tango[0]!)).toBeLessThan(1e-9);
    expect(apart(tango.high, wanted.tango[1]!)).toBeLessThan(1e-9);
    const newcombe = newcombeInterval(counts);
    expect(apart(newcombe.low, wanted.newcombe[0]!)).toBeLessThan(1e-9);
    expect(apart(newcombe.high, wanted.newcombe[1]!)).toBeLessThan(1e-9);
    const compared = compareAccuracy(counts, { alpha: 0.05, margin: 0.02 });
    expect(apart(compared.interval.low, wanted.tango90[0]!)).toBeLessThan(1e-9);
    expect(apart(compared.interval.high, wanted.tango90[1]!)).toBeLessThan(1e-9);
    expect(apart(compared.pNonInferior, wanted.pNonInferior)).toBeLessThan(1e-9);
    // Test and interval tell one story.
    expect(compared.nonInferior).toBe(compared.interval.low >= -0.02);
  });

  // Cavo et al. 2012 in Fagerland, Lydersen & Laake, "Statistical Analysis of Contingency Tables" (2017), chapter 8; our difference has the
  // challenger in their row 1.
  test("published example", () => {
    const cavo = table([59, 6, 16, 80]);
    const tango = tangoInterval(cavo);
    expect([tango.low.toFixed(4), tango.high.toFixed(4)]).toEqual(["-0.1240", "-0.0054"]);
    const newcombe = newcombeInterval(cavo);
    expect([newcombe.low.toFixed(4), newcombe.high.toFixed(4)]).toEqual(["-0.1186", "-0.0046"]);
    const found = mcnemar(6, 16);
    expect(found.pTwoSided.toFixed(6)).toBe("0.052479");
    expect((2 * mcnemar(16, 6).pSuperiorMid).toFixed(6)).toBe("0.034690");
    expect(tangoScore(cavo, 0).toFixed(3)).toBe("-2.132");
  });

  test("exchanging the models turns the sign", () => {
    const [one, other] = [table([700, 90, 60, 150]), table([700, 60, 90, 150])];
    expect(apart(tangoInterval(one).low, -tangoInterval(other).high)).toBeLessThan(1e-13);
    expect(apart(newcombeInterval(one).low, -newcombeInterval(other).high)).toBeLessThan(1e-13);
    expect(mcnemar(90, 60).pInferior).toBe(mcnemar(60, 90).pSuperior);
  });

  test("models that never disagree prove nothing, with a width that says how little", () => {
    const found = compareAccuracy(table([90, 0, 0, 10]));
    expect(found).toMatchObject({ difference: 0, pSuperior: 1, pTwoSided: 1, pSuperiorMid: 0.5, nonInferior: false });
    expect(found.interval.high).toBeGreaterThan(0.02);
    expect(apart(found.interval.low, -found.interval.high)).toBeLessThan(1e-12);
  });

  test("one pair, and a huge table", () => {
    const one = compareAccuracy(table([0, 1, 0, 0]));
    expect(one.pSuperior).toBe(0.5);
    expect(one.interval.low).toBeLessThan(0);
    expect(one.interval.high).toBe(1);
    const huge = compareAccuracy(table([9e8, 5.01e7, 5e7, 0]));
    expect(huge.interval.low).toBeGreaterThan(0);
    expect(huge.pSuperior).toBeLessThan(1e-20);
  });

  test("rows are counted from labels of any kind", () => {
    const found = pairedTable(["a", "b", "a", "c"], ["a", "a", "b", "a"], ["a", "b", "a", "b"]);
    expect(found).toEqual({ bothRight: 1, onlyChallenger: 2, onlyChampion: 0, bothWrong: 1 });
    expect(pairedTable(Int8Array.of(1, 0), Float64Array.of(1, 1), [1, 0])).toMatchObject({ onlyChallenger: 1 });
    expect(() => pairedTable([1], [1], [1, 1])).toThrow(RangeError);
    expect(() => pairedTable([], [], [])).toThrow(RangeError);
  });

  test("nonsense is refused", () => {
    for (const bad of [
      () => compareAccuracy(table([0, 0, 0, 0])),
      () => compareAccuracy(table([1.5, 0, 0, 0])),
      () => compareAccuracy(table([1, 1, 1, 1]), { alpha: 0.6 }),
      () => compareAccuracy(table([1, 1, 1, 1]), { margin: -0.1 }),
    ]) {
      expect(bad).toThrow(RangeError);
    }
  });
});

describe("sample size", () => {
  test("Connor's example", () => {
    expect(pairsNeeded({ discordance: 0.1, difference: 0.01 })).toBe(6180);
  });

  test.each(reference.power)("$design reaches its power by exact enumeration", ({ design, n, exactPower }) => {
    const [discordance, difference, alpha, power] = design as [number, number, number, number];
    expect(pairsNeeded({ discordance, difference, alpha, power })).toBe(n);
    expect(Math.abs(exactPower - power)).toBeLessThan(0.01);
    expect(Math.abs(pairedPower(n, { discordance, difference, alpha }) - power)).toBeLessThan(1e-3);
    expect(apart(detectableDifference(n, { discordance, alpha, power })!, difference)).toBeLessThan(1e-4);
  });

  test("power and detectable difference are one equation, below one half too", () => {
    for (const power of [0.2, 0.5, 0.8, 0.99]) {
      const difference = detectableDifference(4000, { discordance: 0.08, power })!;
      expect(apart(pairedPower(4000, { discordance: 0.08, difference }), power)).toBeLessThan(1e-7);
    }
  });

  test("too few rows for any difference", () => {
    expect(detectableDifference(10, { discordance: 0.05 })).toBeNull();
    expect(() => pairsNeeded({ discordance: 0.1, difference: 0.2 })).toThrow(RangeError);
    expect(() => pairsNeeded({ discordance: 0, difference: 0.2 })).toThrow(RangeError);
  });
});

describe("paired losses", () => {
  test.each(reference.losses)("$case equals scipy", ({ case: [seed, n, shift], t, p, interval }) => {
    const champion = shaped(seed!, n!, 2 + shift!).map((value) => value ** 2);
    const challenger = shaped(seed! + 10, n!, 2).map((value) => value ** 2);
    const found = compareLosses(champion, challenger)!;
    expect(apart(found.t, t)).toBeLessThan(1e-9);
    expect(apart(found.pSuperior, p)).toBeLessThan(1e-9);
    expect(apart(found.interval.low, interval[0]!)).toBeLessThan(1e-9);
    expect(apart(found.interval.high, interval[1]!)).toBeLessThan(1e-9);
    expect(apart(found.difference, found.championLoss - found.challengerLoss)).toBeLessThan(1e-12);
    const shifted = compareLosses(champion, challenger, { margin: 0.3 })!;
    expect(shifted.pNonInferior).toBeLessThan(shifted.pSuperior);
  });

  test("equal losses, one row, other rows", () => {
    expect(compareLosses([1, 2, 3], [1, 2, 3])).toMatchObject({ difference: 0, t: 0, pSuperior: 0.5 });
    expect(compareLosses([2], [1])).toBeNull();
    expect(() => compareLosses([1, 2], [1])).toThrow(RangeError);
    expect(() => compareLosses([1, Number.NaN], [1, 1])).toThrow(RangeError);
  });
});
