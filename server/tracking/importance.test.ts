import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { importanceOf, rankCorrelation } from "./importance.ts";

/** Searches with scikit-learn's answer; written by fixtures/importance.py. */
const cases = JSON.parse(readFileSync(new URL("./fixtures/importance.json", import.meta.url), "utf8")) as {
  runs: { params: Record<string, string>; value: number }[];
  ranking: string[];
  oobR2: number;
}[];

test("parameters are ranked as scikit-learn's permutation importance ranks them, and the forest explains as much", async () => {
  for (const { runs, ranking, oobR2 } of cases) {
    const found = await importanceOf(runs);
    expect(found.parameters.map((each) => each.name)).toEqual(ranking);
    expect(found.outOfBagR2).toBeGreaterThan(oobR2 - 0.1);
    expect(found.outOfBagR2).toBeLessThan(oobR2 + 0.1);
    expect(found.n).toBe(runs.length);
  }
});

test("the same runs give the same answer", async () => {
  const [first] = cases;
  expect(await importanceOf(first?.runs ?? [])).toEqual(await importanceOf(first?.runs ?? []));
});

test("what cannot say anything is left out with its reason; where nothing is to be learnt, the forest says so", async () => {
  const runs = Array.from({ length: 30 }, (_, i) => ({
    params: { same: "1", path: `/tmp/${i}`, noise: String((i * 7919) % 31), ...(i % 2 ? { late: String(i) } : {}) },
    value: Math.sin(i * 12.9898) * 43758.5453 - Math.floor(Math.sin(i * 12.9898) * 43758.5453),
  }));
  const found = await importanceOf(runs);
  expect(found.leftOut).toEqual([
    { name: "path", why: "words that differ in more than half of the runs" },
    { name: "same", why: "the same in all runs" },
  ]);
  expect(found.outOfBagR2).toBeLessThan(0.2);
  expect(found.parameters.map((each) => each.name).sort()).toEqual(["late", "noise"]);
});

test("rank correlation: 1 for any rising relation, ties shared, nothing for a constant", () => {
  expect(rankCorrelation([1, 2, 3, 4], [1, 8, 27, 64])).toBeCloseTo(1, 12);
  expect(rankCorrelation([1, 2, null, 4], [9, 5, 0, 1])).toBeCloseTo(-1, 12);
  // scipy.stats.spearmanr([1, 2, 2, 3], [1, 3, 2, 4])
  expect(rankCorrelation([1, 2, 2, 3], [1, 3, 2, 4])).toBeCloseTo(0.9486832980505139, 10);
  expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNull();
});
