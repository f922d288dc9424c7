import { expect, test } from "vitest";
import { INFINITE } from "./contract.ts";
import { pairPoints, pairsWithin, thinnedPairs } from "./paired-points.ts";
import { emptyPoints, type Points } from "./points.ts";

/** Points from [step, value], a millisecond apart. */
function history(...logged: readonly (readonly [number, number])[]): Points {
  const points = emptyPoints(logged.length);
  logged.forEach(([step, value], i) => {
    points.steps[i] = step;
    points.times[i] = i;
    points.values[i] = value;
  });
  return points;
}
const places = (xs: Points, ys: Points) => pairPoints(xs, ys).points.map(({ x, value }) => [x, value]);

test("values of the same step meet, in the order of x; the others are counted", () => {
  const xs = history([0, 3], [1, 1], [2, 2], [5, 9]);
  const ys = history([0, 30], [2, 20], [3, 99], [5, 90], [6, 99]);
  const { points, ...counts } = pairPoints(xs, ys);
  expect(points.map(({ x, value, step }) => [x, value, step])).toEqual([
    [2, 20, 2],
    [3, 30, 0],
    [9, 90, 5],
  ]);
  expect(counts).toEqual({ alone: 2, aloneOfX: 1, unplaced: 0 });
});

test("a step logged twice: the last meets the last, what is over has no partner", () => {
  expect(places(history([1, 10], [1, 11]), history([1, 5]))).toEqual([[11, 5]]);
  expect(places(history([1, 10], [1, 11]), history([1, 5], [1, 6], [1, 7]))).toEqual([
    [10, 6],
    [11, 7],
  ]);
  expect(pairPoints(history([1, 10], [1, 11]), history([1, 5], [1, 6], [1, 7])).alone).toBe(1);
});

test("an x that is no number has no place and is counted; a value that is none stays, as a gap", () => {
  const pairs = pairPoints(history([0, NaN], [1, INFINITE], [2, 1]), history([0, 1], [1, 2], [2, NaN]));
  expect(pairs.unplaced).toBe(2);
  expect(pairs.points).toEqual([{ x: 1, step: 2, time: 2, value: NaN }]);
});

test("nothing on one side pairs nothing", () => {
  expect(pairPoints(emptyPoints(0), history([0, 1]))).toEqual({ points: [], alone: 1, aloneOfX: 0, unplaced: 0 });
});

test("thinned out, no spike is lost; a range keeps one more on each side", () => {
  const xs = history(...Array.from({ length: 10_000 }, (_, i) => [i, i / 10] as const));
  const ys = history(...Array.from({ length: 10_000 }, (_, i) => [i, i === 4321 ? 50 : Math.sin(i)] as const));
  const { points } = pairPoints(xs, ys);
  const kept = thinnedPairs(points, 100);
  expect(kept.length).toBeLessThanOrEqual(100);
  expect(kept.filter(({ value }) => value === 50)).toMatchObject([{ x: 432.1, step: 4321 }]);
  expect([kept[0]?.x, kept.at(-1)?.x]).toEqual([0, 999.9]);
  expect(kept.every((point, i) => i === 0 || point.x >= (kept[i - 1]?.x ?? 0))).toBe(true);
  expect(pairsWithin(points, 10, 10.25).map(({ x }) => x)).toEqual([9.9, 10, 10.1, 10.2, 10.3]);
  expect(pairsWithin(points, 5000, 6000).map(({ x }) => x)).toEqual([999.9]);
});
