import { describe, expect, test } from "vitest";
import { addToBins, countIntoBins, countSample, emptyBinCounts, mergeBinCounts, quantileBins } from "./bins.ts";
import { alignCategories, categoryCounts, countCategories, mergeCategoryCounts } from "./categories.ts";
import { evenEdges, histogramSorted, quantileSorted, quantiles, sturgesEdges } from "./quantiles.ts";
import { apart, shaped } from "./reference/cases.ts";
import reference from "./reference/descriptive.json" with { type: "json" };
import { prepareNumericReference } from "./samples.ts";
import { sortFloats } from "./sort-floats.ts";

describe("samples", () => {
  test("null, NaN and infinities are missing", () => {
    const found = prepareNumericReference([3, null, Number.NaN, 1, undefined, Infinity, -Infinity, 2]);
    expect([...found.sorted]).toEqual([1, 2, 3]);
    expect(found).toMatchObject({ missing: 5, rows: 8, distinct: [1, 2, 3] });
  });

  test("population deviation equals numpy, also far from zero", () => {
    const values = shaped(reference.values[0]!, reference.values[1]!);
    expect(apart(prepareNumericReference(values).deviation, reference.std)).toBeLessThan(1e-14);
    const far = prepareNumericReference(values.map((value) => value + 1e9));
    expect(apart(far.deviation, reference.stdOffset)).toBeLessThan(1e-6);
  });

  test("nothing and one value", () => {
    expect(prepareNumericReference([])).toMatchObject({ rows: 0, missing: 0, deviation: 0, distinct: [] });
    expect(prepareNumericReference([4])).toMatchObject({ rows: 1, deviation: 0, distinct: [4] });
  });

  test("the input is left as it was", () => {
    const values = Float64Array.of(3, 1, 2);
    prepareNumericReference(values);
    expect([...values]).toEqual([3, 1, 2]);
  });
});

describe("quantiles and histograms equal numpy", () => {
  test("quantiles, to the last bit", () => {
    const values = shaped(reference.values[0]!, reference.values[1]!);
    expect(
      quantiles(
        values,
        reference.quantiles.map(([q]) => q!),
      ),
    ).toEqual(reference.quantiles.map(([, v]) => v));
    expect(
      quantiles(
        [1.5, -2],
        reference.pair.map(([q]) => q!),
      ),
    ).toEqual(reference.pair.map(([, v]) => v));
    expect(quantileSorted([7], 0.3)).toBe(7);
  });

  test("Sturges histograms", () => {
    const inputs = [
      shaped(41, 57),
      shaped(42, 1000, 3),
      [2.5],
      [2.5, 2.5, 2.5, 2.5],
      [1, 2, 2, 3, 9],
      shaped(43, 4096),
    ].map((values) => Float64Array.from(values).sort());
    inputs.forEach((values, i) => {
      const edges = sturgesEdges(values[0]!, values.at(-1)!, values.length);
      expect(edges).toEqual(reference.histograms[i]!.edges);
      expect([...histogramSorted(values, edges)]).toEqual(reference.histograms[i]!.counts);
    });
  });

  test("edges stay finite over the whole range of doubles", () => {
    const edges = sturgesEdges(-1.7e308, 1.7e308, 1000);
    expect(edges.length).toBe(12);
    expect(edges.every(Number.isFinite)).toBe(true);
  });

  test("values outside the edges are not counted", () => {
    expect([...histogramSorted([-5, 0, 1, 1, 2, 9], [0, 1, 2])]).toEqual([1, 3]);
    expect(evenEdges(0, 1, 4)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });
});

describe("fixed bins of the reference", () => {
  test("deciles hold a tenth each", () => {
    const values = shaped(5, 10_000);
    const sample = prepareNumericReference(values);
    const bins = quantileBins(sample);
    expect(bins.edges.length).toBe(11);
    const counts = countSample(sample, bins);
    expect([...counts.slice(1, 11)]).toEqual(new Array(10).fill(1000));
    expect([counts[0], counts[11], counts[12]]).toEqual([0, 0, 0]);
  });

  test("below, above and missing have their own bins, edges belong upwards, the last one inside", () => {
    const bins = { edges: [0, 1, 2] };
    const counts = countIntoBins([-1, 0, 0.5, 1, 1.5, 2, 2.1, null, Number.NaN, Infinity], bins);
    expect([...counts]).toEqual([1, 2, 3, 1, 3]);
  });

  test("counting a sorted sample, a column and a stream agree", () => {
    const values = [...shaped(6, 3000), ...shaped(7, 500, 3), Number.NaN, Number.NaN];
    const bins = quantileBins(prepareNumericReference(shaped(6, 3000)));
    const counted = countIntoBins(values, bins);
    const streamed = emptyBinCounts(bins);
    for (const value of values) addToBins(streamed, value, bins);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(values.length);
    expect(countSample(prepareNumericReference(values), bins)).toEqual(counted);
    expect(streamed).toEqual(counted);
  });

  test("parts of a window merge to the whole", () => {
    const bins = { edges: [-1, 0, 1] };
    const values = shaped(8, 1000);
    const merged = mergeBinCounts(countIntoBins(values.slice(0, 300), bins), countIntoBins(values.slice(300), bins));
    expect(merged).toEqual(countIntoBins(values, bins));
    expect(() => mergeBinCounts(merged, new Float64Array(2))).toThrow(RangeError);
  });

  test("a constant, few values and a skewed column", () => {
    expect(quantileBins(prepareNumericReference([7, 7, 7])).edges).toEqual([7, 7]);
    expect([...countIntoBins([6, 7, 7, 8, null], { edges: [7, 7] })]).toEqual([1, 2, 1, 1]);
    expect(quantileBins(prepareNumericReference([0, 1, 1, 3])).edges).toEqual([0, 0.5, 2, 3]);
    const skewed = prepareNumericReference([...new Array<number>(900).fill(0), ...shaped(9, 100, 5)]);
    const { edges } = quantileBins(skewed);
    expect(new Set(edges).size).toBe(edges.length);
    expect(edges[0]).toBe(0);
    const full = quantileBins(prepareNumericReference([...shaped(9, 100), ...new Array<number>(900).fill(5)])).edges;
    expect(full.at(-1)).toBe(5);
    expect(new Set(full).size).toBe(full.length);
  });

  test("no value, no bins", () => {
    expect(() => quantileBins(prepareNumericReference([null, Number.NaN]))).toThrow(RangeError);
  });
});

describe("categories", () => {
  test("missing is not a category, numbers and booleans are text", () => {
    const found = countCategories(["a", null, "a", 1, true, undefined, Number.NaN, ""]);
    expect(Object.fromEntries(found.counts)).toEqual({ a: 2, "1": 1, true: 1, "": 1 });
    expect(found).toMatchObject({ missing: 3, rows: 8 });
  });

  test("grouped counts are the same, and merge", () => {
    const [first, second] = [countCategories(["a", "b", null]), countCategories(["b", "c"])];
    expect(mergeCategoryCounts(first, second)).toEqual(countCategories(["a", "b", null, "b", "c"]));
    expect(() => categoryCounts([["a", -1]])).toThrow(RangeError);
  });

  test("alignment does not depend on the order of rows", () => {
    const aligned = alignCategories(countCategories(["b", "a", "a"]), countCategories(["z", "b", "y", "y"]));
    expect(aligned.keys).toEqual(["a", "b", "y", "z"]);
    expect([...aligned.reference]).toEqual([2, 1, 0, 0]);
    expect([...aligned.current]).toEqual([0, 1, 2, 1]);
  });
});

describe("sorting", () => {
  test("is the built-in order, to the bit, for every kind of number", () => {
    const special = [0, -0, 5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 1, -1, 1 + Number.EPSILON, 2 ** 53];
    const inputs = [
      shaped(11, 5000),
      shaped(12, 5000, 1e12, 1e-3),
      shaped(13, 5000).map((value) => Math.round(value * 4)),
      Float64Array.from({ length: 4000 }, (_, i) => special[i % special.length]!),
      Float64Array.from({ length: 3000 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 10 ** ((i * 7) % 300)),
      new Float64Array(2500).fill(-7),
      Float64Array.of(3, -1, 2),
      new Float64Array(0),
    ];
    for (const values of inputs) {
      const before = values.slice();
      const sorted = sortFloats(values);
      expect(Buffer.from(sorted.buffer).equals(Buffer.from(values.slice().sort().buffer))).toBe(true);
      expect(values).toEqual(before);
    }
  });

  test("a view into a larger buffer is sorted alone", () => {
    const whole = shaped(14, 6000);
    const part = whole.subarray(1000, 5000);
    expect(sortFloats(part)).toEqual(part.slice().sort());
  });
});
