import { describe, expect, test } from "vitest";
import { alignCategories, categoryCounts } from "./categories.ts";
import { chiSquareGoodnessOfFit, chiSquareHomogeneity } from "./chi-square.ts";
import { jensenShannon, normalisedWasserstein, psi, psiWithoutDrift, shares } from "./drift.ts";
import { compareCategorical, compareNumeric } from "./feature-comparison.ts";
import { adjust } from "./multiplicity.ts";
import { apart, shaped } from "./reference/cases.ts";
import reference from "./reference/drift.json" with { type: "json" };
import { type NumericSample, prepareNumericReference } from "./samples.ts";

const sample = ([seed, n, shift, scale]: readonly number[]): NumericSample =>
  prepareNumericReference(shaped(seed!, n!, shift, scale));

describe("figures equal Evidently's", () => {
  test.each(reference.numeric)("number, $name", ({ a, b, psi: wanted, js, wasserstein, ks }) => {
    const [before, after] = [sample(a), sample(b)];
    const { distribution } = compareNumeric("x", before, after);
    expect(apart(distribution!.psi, wanted)).toBeLessThan(1e-9);
    expect(apart(distribution!.jensenShannon, js)).toBeLessThan(1e-9);
    expect(apart(distribution!.wasserstein!, wasserstein)).toBeLessThan(1e-9);
    expect(apart(normalisedWasserstein(before, after), wasserstein)).toBeLessThan(1e-9);
    expect(apart(distribution!.p, ks)).toBeLessThan(1e-9);
  });

  test.each(reference.fewValues)("number with few values, $name", ({ a, b, psi: wanted, js, wasserstein, ks }) => {
    const { distribution } = compareNumeric("x", prepareNumericReference(a), b);
    expect(apart(distribution!.psi, wanted)).toBeLessThan(1e-9);
    expect(apart(distribution!.jensenShannon, js)).toBeLessThan(1e-9);
    expect(apart(distribution!.wasserstein!, wasserstein)).toBeLessThan(1e-9);
    expect(apart(distribution!.p, ks)).toBeLessThan(1e-9);
  });

  test.each(reference.categorical)("category, $name", (wanted) => {
    const [before, after] = [wanted.a, wanted.b].map((counts) => categoryCounts(Object.entries(counts)));
    const { distribution } = compareCategorical("x", before!, after!);
    const aligned = alignCategories(before!, after!);
    expect(apart(distribution!.psi, wanted.psi)).toBeLessThan(1e-9);
    expect(apart(distribution!.jensenShannon, wanted.js)).toBeLessThan(1e-9);
    expect(apart(jensenShannon(aligned.reference, aligned.current, 2), wanted.js2)).toBeLessThan(1e-9);
    // Evidently's chi-square is NaN for one category; here nothing can differ, so p = 1.
    const fit = chiSquareGoodnessOfFit(aligned.reference, aligned.current);
    expect(apart(fit.p, wanted.chisquare ?? 1, 1e-300)).toBeLessThan(1e-9);
    for (const [yates, expected] of [
      [false, wanted.contingency],
      [true, wanted.contingencyYates],
    ] as const) {
      const found = chiSquareHomogeneity(aligned.reference, aligned.current, { yates });
      expect(apart(found.statistic, expected[0]!)).toBeLessThan(1e-9);
      expect(apart(found.p, expected[1]!, 1e-300)).toBeLessThan(1e-9);
      expect(found.degrees).toBe(expected[2]);
    }
    expect(distribution!.p).toBe(chiSquareHomogeneity(aligned.reference, aligned.current).p);
  });
});

describe("shares and their distances", () => {
  test("zero fills, by hand", () => {
    // r = (1, 0) → (1, 0.0001); c = (½, ½)
    const byHand = (1 - 0.5) * Math.log(2) + (0.0001 - 0.5) * Math.log(0.0001 / 0.5);
    expect(apart(psi([8, 0], [5, 5]), byHand)).toBeLessThan(1e-14);
    const floor = (1 - 0.5) * Math.log(2) + (0.01 - 0.5) * Math.log(0.01 / 0.5);
    expect(apart(psi([8, 0], [5, 5], { floor: 0.01 }), floor)).toBeLessThan(1e-14);
    const half = (8.5 / 9 - 5.5 / 11) * Math.log(8.5 / 9 / 0.5) + (0.5 / 9 - 0.5) * Math.log(0.5 / 9 / 0.5);
    expect(apart(psi([8, 0], [5, 5], "half_count"), half)).toBeLessThan(1e-14);
  });

  test("equal sides are at distance 0, disjoint ones at the maximum", () => {
    expect(psi([10, 20, 70], [1, 2, 7])).toBeCloseTo(0, 15);
    expect(jensenShannon([10, 20, 70], [1, 2, 7])).toBeCloseTo(0, 8);
    expect(jensenShannon([5, 0], [0, 9])).toBeCloseTo(Math.sqrt(Math.LN2), 15);
    expect(jensenShannon([5, 0], [0, 9], 2)).toBe(1);
  });

  test("the PSI of nothing but chance is on average what psiWithoutDrift says", () => {
    // Same population, deciles fixed in advance: 400 pairs of windows.
    let total = 0;
    const [n, m, bins, pairs] = [500, 250, 10, 400];
    for (let i = 0; i < pairs; i++) {
      const [before, after] = [new Float64Array(bins), new Float64Array(bins)];
      const fill = (into: Float64Array, rows: number, seed: number): void => {
        let state = seed;
        for (let row = 0; row < rows; row++) {
          state = (state * 16807) % 2147483647;
          into[state % bins]!++;
        }
      };
      fill(before, n, 1009 * (i + 1));
      fill(after, m, 7919 * (i + 1));
      total += psi(before, after);
    }
    expect(apart(total / pairs, psiWithoutDrift(bins, n, m))).toBeLessThan(0.01);
  });

  test("what cannot be compared is refused", () => {
    for (const bad of [
      () => shares([0, 0]),
      () => shares([1, -1]),
      () => psi([1, 2], [1, 2, 3]),
      () => psi([1, 2], [0, 0]),
      () => psi([1, 2], [1, 1], { floor: 0 }),
      () => jensenShannon([1], [0]),
      () => chiSquareHomogeneity([1, 2], [0, 0]),
      () => chiSquareGoodnessOfFit([1, Number.NaN], [1, 1]),
    ]) {
      expect(bad).toThrow(RangeError);
    }
  });

  test("goodness of fit calls a single row of a new category a proof, homogeneity does not", () => {
    const [before, after] = [
      [1000, 1000, 0],
      [500, 500, 1],
    ];
    expect(chiSquareGoodnessOfFit(before, after)).toMatchObject({ statistic: Infinity, p: 0 });
    expect(chiSquareHomogeneity(before, after).p).toBeGreaterThan(0.3);
  });
});

describe("several tests at once equal statsmodels", () => {
  test.each(reference.multiplicity)("$p", ({ p, holm, bh }) => {
    adjust(p, "holm").forEach((value, i) => expect(apart(value, holm[i]!)).toBeLessThan(1e-12));
    adjust(p, "benjamini_hochberg").forEach((value, i) => expect(apart(value, bh[i]!)).toBeLessThan(1e-12));
    expect(adjust(p, "none")).toEqual(p);
  });

  test("no test and no probability", () => {
    expect(adjust([], "holm")).toEqual([]);
    expect(() => adjust([Number.NaN], "holm")).toThrow(RangeError);
  });
});
