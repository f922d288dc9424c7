import { describe, expect, test } from "vitest";
import { quantileBins } from "./bins.ts";
import { categoryCounts, countCategories } from "./categories.ts";
import { judgeDrift } from "./drift-verdict.ts";
import { type FeatureComparison, compareCategorical, compareNumeric } from "./feature-comparison.ts";
import { shaped } from "./reference/cases.ts";
import { prepareNumericReference } from "./samples.ts";

const base = prepareNumericReference(shaped(1, 5000));
const numeric = (name: string, seed: number, n: number, shift = 0): FeatureComparison =>
  compareNumeric(name, base, shaped(seed, n, shift));
const statusOf = (comparison: FeatureComparison): string => judgeDrift([comparison]).features[0]!.status;

describe("drift needs both a large effect and more than chance", () => {
  test("a clear shift is drift", () => {
    const [found] = judgeDrift([numeric("delay", 2, 2000, 0.5)]).features;
    expect(found).toMatchObject({ status: "drifted", because: ["distribution"] });
    expect(found!.effect).toBeGreaterThan(2);
    expect(found!.sentence).toMatch(/^The values have moved: PSI \d\.\d\d, Jensen-Shannon 0\.\d\d, p < 0\.001\.$/);
  });

  test("a trifle in a huge window is significant and yet stable", () => {
    const [before, after] = [prepareNumericReference(shaped(1, 200_000)), shaped(2, 200_000, 0.02)];
    const [found] = judgeDrift([compareNumeric("x", before, after)]).features;
    expect(found!.adjustedP).toBeLessThan(1e-6);
    expect(found).toMatchObject({ status: "stable", because: [] });
    expect(found!.sentence).toContain("A real but small change");
  });

  test("a large effect in a small window can be chance", () => {
    // 40 rows of the same population: the PSI is far above its limit by sampling alone.
    const chance = Array.from({ length: 50 }, (_, i) => numeric(`f${i}`, 100 + i, 40));
    const large = chance.filter((one) => one.distribution!.psi >= 0.1);
    expect(large.length).toBeGreaterThan(20);
    expect(judgeDrift(chance)).toMatchObject({ drifted: 0, stable: 50, tests: 50 });
  });

  test("too few rows are insufficient, not stable", () => {
    const report = judgeDrift([numeric("x", 2, 29, 3), numeric("y", 3, 30, 0), numeric("empty", 3, 0)]);
    expect(report).toMatchObject({ drifted: 0, stable: 1, insufficient: 2, driftedShare: 0, tests: 1 });
    expect(report.features.map(({ status }) => status)).toEqual(["stable", "insufficient", "insufficient"]);
    expect(report.features[1]!.sentence).toBe("Too few values to compare: 0 in the window, 30 are needed.");
    expect(judgeDrift([])).toMatchObject({ driftedShare: null, features: [] });
  });

  test("false alarms without correction, none with it", () => {
    const many = Array.from({ length: 200 }, (_, i) => numeric(`f${i}`, 300 + i, 300));
    const anyEffect = { psi: 1e-9, jensenShannon: 1e-9 };
    expect(judgeDrift(many, { ...anyEffect, correction: "none" }).drifted).toBeGreaterThan(3);
    expect(judgeDrift(many, anyEffect).drifted).toBe(0);
  });

  test("an outlier that squeezes all rows into one bin does not hide a shift", () => {
    const shifted = [...shaped(2, 2000, 0.6), 1e9];
    const { distribution } = compareNumeric("x", base, shifted);
    expect(distribution!.psi).toBeLessThan(0.1);
    expect(statusOf(compareNumeric("x", base, shifted))).toBe("drifted");
    const fixed = compareNumeric("x", base, shifted, { bins: quantileBins(base) });
    expect(fixed.distribution!.psi).toBeGreaterThan(0.5);
  });

  test("a column that goes missing is drift, even with nothing left to compare", () => {
    const half = shaped(2, 400).map((value, i) => (i % 2 === 0 ? Number.NaN : value));
    const [partly] = judgeDrift([compareNumeric("x", base, half)]).features;
    expect(partly).toMatchObject({ status: "drifted", because: ["missing"] });
    expect(partly!.sentence).toContain("Missing values went from 0.0 % to 50.0 %.");
    const [gone] = judgeDrift([compareNumeric("x", base, new Array<null>(400).fill(null))]).features;
    expect(gone).toMatchObject({ status: "drifted", because: ["missing"], distribution: null, adjustedP: null });
  });

  test("missing values are compared with enough rows, and as many as before are no change", () => {
    const gaps = (n: number): (number | null)[] => Array.from({ length: n }, (_, i) => (i % 2 === 0 ? null : i));
    expect(compareNumeric("x", base, gaps(29)).missing).toBeNull();
    expect(compareNumeric("x", base, shaped(2, 100)).missing).toBeNull();
    const before = prepareNumericReference(gaps(100));
    expect(compareNumeric("x", before, gaps(100)).missing).toEqual({ reference: 0.5, current: 0.5, p: 1 });
    expect(compareNumeric("x", before, shaped(2, 100)).missing).toMatchObject({ reference: 0.5, current: 0 });
  });

  test("constant columns", () => {
    const constant = prepareNumericReference(new Float64Array(100).fill(3));
    expect(statusOf(compareNumeric("x", constant, new Float64Array(80).fill(3)))).toBe("stable");
    expect(statusOf(compareNumeric("x", constant, new Float64Array(80).fill(4)))).toBe("drifted");
  });

  test("categories: moved, all new, one only", () => {
    const before = categoryCounts([
      ["EWR", 500],
      ["JFK", 300],
      ["LGA", 200],
    ]);
    const moved = compareCategorical(
      "origin",
      before,
      categoryCounts([
        ["EWR", 200],
        ["JFK", 300],
        ["LGA", 500],
      ]),
    );
    expect(statusOf(moved)).toBe("drifted");
    const fresh = compareCategorical("origin", before, countCategories(new Array<string>(50).fill("SWF")));
    expect(fresh.distribution!.newCategories).toEqual(["SWF"]);
    const [judged] = judgeDrift([fresh]).features;
    expect(judged).toMatchObject({ status: "drifted" });
    expect(judged!.sentence).toContain("New: 'SWF'.");
    const single = categoryCounts([["a", 100]]);
    expect(statusOf(compareCategorical("x", single, single))).toBe("stable");
    expect(statusOf(compareCategorical("x", before, categoryCounts([], 40)))).toBe("drifted");
    expect(statusOf(compareCategorical("x", categoryCounts([]), single))).toBe("insufficient");
  });
});

describe("report", () => {
  test("ranks by effect, drifted first, and importance weighs", () => {
    const all = [
      numeric("small", 2, 3000, 0.3),
      numeric("none", 3, 3000),
      numeric("large", 4, 3000, 0.8),
      numeric("few", 5, 5),
    ];
    expect(judgeDrift(all).features.map(({ feature }) => feature)).toEqual(["large", "small", "none", "few"]);
    const weighed = judgeDrift(all, {}, new Map([["small", 100]]));
    expect(weighed.features.map(({ feature }) => feature)).toEqual(["small", "large", "none", "few"]);
    expect(weighed).toMatchObject({ drifted: 2, stable: 1, insufficient: 1, driftedShare: 2 / 3 });
  });

  test("is plain JSON with finite numbers", () => {
    const report = judgeDrift([
      numeric("x", 2, 3000, 50),
      compareNumeric("gone", base, [null]),
      compareCategorical("c", countCategories(["a"]), countCategories(["b"]), { minimumRows: 1 }),
    ]);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test("bars add up to the valid rows and stay few", () => {
    const keys = Array.from({ length: 90 }, (_, i): [string, number] => [`k${i}`, i + 1]);
    const many = compareCategorical("c", categoryCounts(keys), categoryCounts(keys.slice(30)));
    const few = compareNumeric(
      "n",
      prepareNumericReference([1, 2, 3].flatMap((v) => [v, v, v, v, v, v, v, v, v, v])),
      shaped(1, 200),
    );
    // The most frequent of both sides together stay, the rest is one bar.
    const top = many.distribution!.bars;
    const rare = categoryCounts([...keys, ["only now", 500]]);
    const withNew = compareCategorical("c", categoryCounts(keys), rare).distribution!.bars;
    expect("keys" in top && [top.keys[0], top.keys.at(-1)]).toEqual(["k89", "other"]);
    expect("keys" in withNew && withNew.keys[0]).toBe("only now");
    for (const one of [many, few, numeric("x", 2, 500, 1)]) {
      const { bars } = one.distribution!;
      const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
      expect(sum(bars.reference)).toBe(one.reference.valid);
      expect(sum(bars.current)).toBe(one.current.valid);
      expect(bars.reference.length).toBeLessThanOrEqual(40);
      expect("keys" in bars ? bars.keys.length : bars.edges.length - 1).toBe(bars.reference.length);
    }
    const fixed = compareNumeric("x", base, shaped(2, 100, 9), { bins: quantileBins(base) }).distribution!.bars;
    expect("edges" in fixed && fixed.edges.length - 1).toBe(fixed.current.length);
  });
});
