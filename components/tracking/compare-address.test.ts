import { expect, it } from "vitest";
import { compareAddress } from "./compare-address.ts";

const ids = (n: number) => Array.from({ length: n }, (_, i) => `run${i}`);
const search = { experiment: 3, filter: "params.model = 'tree'", orderBy: '["metrics.auc DESC"]' };

it("lists a few runs, and names the search where all of it is meant", () => {
  expect(compareAddress("p", ["a", "b"], search)).toBe("/p/p/experiments/compare?runs=a,b");
  const url = new URL(compareAddress("p", ids(600), search) ?? "", "http://localhost");
  expect(Object.fromEntries(url.searchParams)).toEqual({
    experiment: "3",
    filter: "params.model = 'tree'",
    order: "metrics.auc DESC",
    top: "600",
  });
  expect(compareAddress("p", ids(5000), {})).toBe("/p/p/experiments/compare?top=1000");
});

it("has no address for many runs that only their ids describe", () => {
  expect(compareAddress("p", ids(251), null)).toBeNull();
  expect(compareAddress("p", ids(251), { view: "ALL" })).toBeNull();
});
