import { describe, expect, test } from "vitest";
import { wasserstein } from "./drift.ts";
import { kolmogorovSmirnov } from "./kolmogorov-smirnov.ts";
import { exactTwoSampleSf } from "./kolmogorov-exact.ts";
import { apart, shaped } from "./reference/cases.ts";
import reference from "./reference/two-samples.json" with { type: "json" };

const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

describe("two samples equal scipy", () => {
  test.each(reference.stored)("ties, constants and tiny sides: $a against $b", ({ a, b, d, p, w }) => {
    const found = kolmogorovSmirnov(sorted(a), sorted(b));
    expect(apart(found.statistic, d)).toBeLessThan(1e-15);
    expect(apart(found.p, p, 1e-300)).toBeLessThan(1e-12);
    expect(found.method).toBe("exact");
    expect(apart(wasserstein(sorted(a), sorted(b)), w)).toBeLessThan(1e-12);
  });

  test.each(reference.generated)("generated: $a against $b", ({ a, b, d, p, w }) => {
    const left = shaped(a[0]!, a[1]!).sort();
    const right = shaped(b[0]!, b[1]!, b[2]).sort();
    const found = kolmogorovSmirnov(left, right);
    expect(apart(found.statistic, d)).toBeLessThan(1e-14);
    // Below 1e-15 the exact count is not made; the value is as certain either way.
    expect(apart(found.p, p, 1e-15)).toBeLessThan(1e-9);
    expect(apart(wasserstein(left, right), w)).toBeLessThan(1e-12);
  });

  test("either order of the sides gives the same", () => {
    const [a, b] = [shaped(3, 800).sort(), shaped(4, 700, 0.1).sort()];
    expect(kolmogorovSmirnov(a, b)).toEqual(kolmogorovSmirnov(b, a));
    expect(apart(wasserstein(a, b), wasserstein(b, a))).toBeLessThan(1e-14);
  });

  test("an empty side is refused", () => {
    expect(() => kolmogorovSmirnov(sorted([]), sorted([1]))).toThrow(RangeError);
    expect(() => wasserstein(sorted([1]), sorted([]))).toThrow(RangeError);
  });
});

test("exact p by counting every path", () => {
  // All ways to interleave 3 and 4 values; the share whose largest gap reaches h/12 is the definition.
  const [n, m] = [3, 4];
  const gaps: number[] = [];
  const walk = (i: number, j: number, largest: number): void => {
    const gap = Math.max(largest, Math.abs(i * m - j * n));
    if (i === n && j === m) gaps.push(gap);
    if (i < n) walk(i + 1, j, gap);
    if (j < m) walk(i, j + 1, gap);
  };
  walk(0, 0, 0);
  for (let h = 0; h <= 12; h++) {
    expect(exactTwoSampleSf(n, m, h)).toBeCloseTo(gaps.filter((gap) => gap >= h).length / gaps.length, 14);
  }
});
