import { describe, expect, test } from "vitest";
import { binomialTail } from "./binomial.ts";
import { chiSquareSf, normalCdf, normalQuantile, normalSf, studentQuantile, studentSf } from "./distributions.ts";
import { kolmogorovFiniteSf, kolmogorovSf, smirnovSf } from "./kolmogorov.ts";
import { apart } from "./reference/cases.ts";
import reference from "./reference/distributions.json" with { type: "json" };
import kolmogorov from "./reference/kolmogorov.json" with { type: "json" };

// Relative errors, so a tail of 1e-150 counts as much as one of 0.5; 1e-300 keeps denormals out.
const relative = (actual: number, expected: number | undefined): number => apart(actual, expected!, 1e-300);

describe("distributions equal scipy", () => {
  test.each(reference.normal)("normal at %d", (z, cdf, sf) => {
    expect(relative(normalCdf(z), cdf)).toBeLessThan(1e-12);
    expect(relative(normalSf(z), sf)).toBeLessThan(1e-12);
  });

  test.each(reference.normalQuantile)("normal quantile of %d", (p, z) => {
    expect(relative(normalQuantile(p), z)).toBeLessThan(1e-12);
  });

  test.each(reference.chiSquareSf)("chi-square at %d with %d degrees", (x, dof, sf) => {
    expect(relative(chiSquareSf(x, dof), sf)).toBeLessThan(1e-12);
  });

  test.each(reference.studentSf)("Student's t at %d with %d degrees", (t, dof, sf) => {
    expect(relative(studentSf(t, dof), sf)).toBeLessThan(1e-10);
  });

  test.each(reference.studentQuantile)("Student quantile of %d with %d degrees", (p, dof, t) => {
    expect(relative(studentQuantile(p, dof), t)).toBeLessThan(1e-10);
  });

  test("ends and nonsense", () => {
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
    expect([chiSquareSf(-1, 3), chiSquareSf(Infinity, 3), studentSf(Infinity, 2), studentSf(-Infinity, 2)]).toEqual([
      1, 0, 0, 1,
    ]);
    for (const bad of [() => normalQuantile(1.1), () => chiSquareSf(1, 0), () => studentSf(Number.NaN, 3)]) {
      expect(bad).toThrow(RangeError);
    }
  });
});

describe("binomial tail", () => {
  test.each(reference.binomialTail)("P(Bin(n) ≥ %d) of %d at %d is exact", (k, n, p, tail, log) => {
    const found = binomialTail(k, n, p);
    expect(relative(found.p, tail)).toBeLessThan(1e-12);
    expect(apart(found.logP, log)).toBeLessThan(1e-11);
  });

  test.each(reference.binomialTailLarge)("%d of %d, as scipy", (k, n, tail) => {
    expect(relative(binomialTail(k, n).p, tail)).toBeLessThan(1e-10);
  });

  test("keeps a logarithm where the probability underflows", () => {
    // All heads: ln P = −n ln 2, and P itself is far below the smallest double.
    const { p, logP } = binomialTail(100_000, 100_000);
    expect(p).toBe(0);
    expect(apart(logP, -100_000 * Math.LN2)).toBeLessThan(1e-14);
  });

  test("both tails add up to one", () => {
    for (const [k, n] of [
      [3, 7],
      [501, 1000],
      [49_000, 100_000],
    ] as const) {
      expect(apart(binomialTail(k, n).p + binomialTail(n - k + 1, n).p, 1)).toBeLessThan(1e-13);
    }
  });

  test("refuses what is not a count", () => {
    for (const bad of [() => binomialTail(1.5, 3), () => binomialTail(1, -1), () => binomialTail(1, 3, 2)]) {
      expect(bad).toThrow(RangeError);
    }
  });
});

describe("Kolmogorov's distributions equal scipy", () => {
  test.each(kolmogorov.limiting)("limit at %d", (x, sf) => {
    expect(relative(kolmogorovSf(x), sf)).toBeLessThan(1e-12);
  });

  test.each(kolmogorov.finite)("D ≥ %d of n = %d", (d, n, sf) => {
    expect(relative(kolmogorovFiniteSf(d, n), sf)).toBeLessThan(1e-10);
  });

  test.each(kolmogorov.smirnov)("one-sided n = %d, D ≥ %d", (n, d, sf) => {
    expect(relative(smirnovSf(n, d), sf)).toBeLessThan(1e-12);
  });
});
