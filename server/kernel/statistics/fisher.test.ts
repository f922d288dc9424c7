import { expect, test } from "vitest";
import { fisherGreater } from "./fisher.ts";
import { apart } from "./reference/cases.ts";
import reference from "./reference/distributions.json" with { type: "json" };

test.each(reference.fisherGreater)("%i of %i against %i of %i equals scipy", (a, n, b, m, wanted) => {
  const { p, logP } = fisherGreater({ failed: a, of: n }, { failed: b, of: m });
  expect(apart(p, wanted, 1e-300)).toBeLessThan(1e-9);
  expect(Math.exp(logP)).toBeCloseTo(p, 12);
});

test("all tails of a table add up to one, and the sides are each other's complement", () => {
  for (const [n, m, failures] of [
    [13, 9, 11],
    [200, 3800, 37],
  ] as const) {
    let before = 1;
    for (let a = Math.max(0, failures - m); a <= Math.min(failures, n); a++) {
      const here = fisherGreater({ failed: a, of: n }, { failed: failures - a, of: m }).p;
      const there = fisherGreater({ failed: failures - a, of: m }, { failed: a, of: n }).p;
      const next =
        a < Math.min(failures, n) ? fisherGreater({ failed: a + 1, of: n }, { failed: failures - a - 1, of: m }).p : 0;
      expect(here).toBeLessThanOrEqual(before + 1e-15);
      // P(X ≥ a) + P(X ≤ a) = 1 + P(X = a)
      expect(here + there).toBeCloseTo(1 + here - next, 10);
      before = here;
    }
  }
});

test("no trial says nothing, and no share is refused in words", () => {
  expect(fisherGreater({ failed: 0, of: 0 }, { failed: 3, of: 9 }).p).toBe(1);
  expect(fisherGreater({ failed: 5, of: 9 }, { failed: 0, of: 0 }).p).toBe(1);
  expect(() => fisherGreater({ failed: 3, of: 2 }, { failed: 0, of: 1 })).toThrow("3 of 2 is not a share");
});
