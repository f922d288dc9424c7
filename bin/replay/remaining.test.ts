import { expect, test } from "vitest";
import { predictionIds, remaining, requestId, rowOf } from "./remaining.ts";

const rows = (spans: { from: number; to: number }[]) =>
  spans.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));

test("every row that is left is in one piece of at most the size, and no other", () => {
  expect(remaining({ from: 0, to: 250 }, new Set(), 100)).toEqual([
    { from: 0, to: 100 },
    { from: 100, to: 200 },
    { from: 200, to: 250 },
  ]);
  for (const size of [1, 3, 7, 100]) {
    for (const step of [2, 3, 5]) {
      const done = new Set(Array.from({ length: 60 }, (_, i) => i).filter((i) => i % step === 0 || (i > 20 && i < 30)));
      const pieces = remaining({ from: 5, to: 60 }, done, size);
      expect(rows(pieces)).toEqual(Array.from({ length: 55 }, (_, i) => i + 5).filter((i) => !done.has(i)));
      expect(Math.max(...pieces.map(({ from, to }) => to - from))).toBeLessThanOrEqual(size);
    }
  }
  expect(remaining({ from: 4, to: 4 }, new Set(), 10)).toEqual([]);
});

test("an id leads back to its row, whatever the size of the request", () => {
  expect(predictionIds("abc", { from: 7, to: 8 })).toEqual(["replay-abc-7"]);
  expect(predictionIds("abc", { from: 100, to: 103 }).map((id) => rowOf("abc", id))).toEqual([100, 101, 102]);
  expect(rowOf("abc", requestId("abc", 12))).toBe(12);
});
