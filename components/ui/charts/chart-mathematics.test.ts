import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { logTicks, moved, share, valueAt, widened } from "./axis-scale.ts";
import { type CanvasLine, nearestIndex, partWithin, readAt, xExtent, yExtent } from "./canvas-lines.ts";
import { bandOf, interpolate, joined, triangulate } from "./contour.ts";
import { boxStats } from "./quantiles.ts";
import { smooth } from "./smoothing.ts";

/** What numpy, scipy and TensorBoard's formula say; written by fixtures/charts.py. */
const reference = JSON.parse(readFileSync(new URL("./fixtures/charts.json", import.meta.url), "utf8")) as {
  boxes: { values: number[]; quartiles: [number, number, number] }[];
  contour: { sites: [number, number, number][]; asked: [number, number][]; answers: (number | null)[] };
  smoothing: { raw: number[]; weight: number; smooth: number[] }[];
};

describe("smoothing", () => {
  test("is TensorBoard's moving average, its beginning corrected", () => {
    for (const { raw, weight, smooth: wanted } of reference.smoothing)
      smooth(raw, weight).forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? NaN, 10));
  });
  test("leaves gaps open and a constant line where it is", () => {
    expect(smooth([1, null, 3], 0)).toEqual([1, null, 3]);
    const kept = smooth([2, 2, null, 2], 0.9);
    expect(kept[2]).toBeNull();
    for (const value of [kept[0], kept[1], kept[3]]) expect(value).toBeCloseTo(2, 12);
  });
});

describe("logarithmic axes", () => {
  test("ticks: powers of ten, 2 and 5 where they are few, round numbers within a decade", () => {
    expect(logTicks(1e-4, 0.1, 6)).toEqual([1e-4, 1e-3, 1e-2, 0.1]);
    expect(logTicks(1, 50, 6)).toEqual([1, 2, 5, 10, 20, 50]);
    expect(logTicks(11, 18, 4)).toEqual([12, 14, 16, 18]);
    expect(logTicks(1, 1e12, 4)).toEqual([1, 1e4, 1e8, 1e12]);
    expect(logTicks(0, 5, 4)).toEqual([0]);
  });
  test("shares go both ways, and moving keeps factors", () => {
    expect(share(10, [1, 100], "log")).toBeCloseTo(0.5, 12);
    expect(valueAt(0.5, [1, 100], "log")).toBeCloseTo(10, 12);
    expect(moved([1, 100], 0.5, "log").map((x) => Math.round(x))).toEqual([10, 1000]);
    expect(widened([0, 10], 0.5, 0.5, "linear")).toEqual([2.5, 7.5]);
  });
});

describe("lines", () => {
  const line = (xs: number[], ys: (number | null)[], more: Partial<CanvasLine> = {}): CanvasLine => ({
    id: "a",
    name: "a",
    stroke: { color: "red", dash: undefined },
    xs,
    ys,
    ...more,
  });
  test("the part within a range has a neighbour on each side", () => {
    expect(partWithin([0, 1, 2, 3, 4], [1.5, 2.5])).toEqual([1, 3]);
    expect(partWithin([0, 1, 2], [-5, 9])).toEqual([0, 2]);
    expect(partWithin([], [0, 1])).toBeNull();
    expect([nearestIndex([0, 10, 20], 14), nearestIndex([0, 10, 20], 99), nearestIndex([], 1)]).toEqual([1, 2, -1]);
  });
  test("y shows what lies within x, a spike too unless outliers are left out", () => {
    const xs = Array.from({ length: 100 }, (_, i) => i);
    const spiky = line(
      xs,
      xs.map((x) => (x === 50 ? 1000 : 1 + x / 100)),
    );
    expect(yExtent([spiky], [0, 99], "linear", false)?.[1]).toBeGreaterThan(1000);
    expect(yExtent([spiky], [0, 99], "linear", true)?.[1]).toBeLessThan(3);
    expect(yExtent([spiky], [60, 99], "linear", false)?.[1]).toBeLessThan(3);
    expect(yExtent([line([0, 1], [null, null])], [0, 1], "linear", false)).toBeNull();
    expect(xExtent([line([0, 1, 2], [1, 1, 1])], "log")).toEqual([1, 2]);
  });
  test("a line that ended long before the cursor says nothing; a gap says nothing", () => {
    const lines = [line([0, 1, 2], [5, 6, 7]), line([0, 50, 100], [1, null, 3], { id: "b" })];
    expect(readAt(lines, 90, [0, 100], "linear").map((r) => [r.line.id, r.y])).toEqual([["b", 3]]);
    expect(readAt(lines, 50, [0, 100], "linear")).toEqual([]);
  });
});

describe("contour", () => {
  const sites = reference.contour.sites.map(([x, y, z]) => ({ x, y, z }));
  const triangles = triangulate(sites.map((site) => [site.x, site.y] as const));
  test("interpolates as scipy's LinearNDInterpolator, and says nothing outside", () => {
    reference.contour.asked.forEach(([x, y], i) => {
      const [found, wanted] = [interpolate(sites, triangles, x, y), reference.contour.answers[i] ?? null];
      if (wanted === null) expect(found).toBeNull();
      else expect(found).toBeCloseTo(wanted, 6);
    });
  });
  test("a grid, all of whose squares lie on circles, is covered once; points on a line cover nothing", () => {
    const grid = Array.from({ length: 16 }, (_, i) => [i % 4, Math.floor(i / 4)] as const);
    const covered = triangulate(grid).reduce((sum, [a, b, c]) => {
      const [p, q, r] = [grid[a] ?? [0, 0], grid[b] ?? [0, 0], grid[c] ?? [0, 0]];
      return sum + Math.abs((q[0] - p[0]) * (r[1] - p[1]) - (r[0] - p[0]) * (q[1] - p[1])) / 2;
    }, 0);
    expect(covered).toBeCloseTo(9, 6);
    expect(triangulate([[0, 0] as const, [1, 1] as const, [2, 2] as const, [3, 3] as const])).toEqual([]);
    expect(
      joined([
        { x: 1, y: 1, z: 2 },
        { x: 1, y: 1, z: 4 },
      ]),
    ).toEqual([{ x: 1, y: 1, z: 3, count: 2 }]);
  });
  test("the bands of a triangle together are the triangle", () => {
    const corners = [
      { x: 0, y: 0, z: 0 },
      { x: 1, y: 0, z: 1 },
      { x: 0, y: 1, z: 0.5 },
    ] as const;
    const area = (polygon: readonly (readonly [number, number])[]): number =>
      Math.abs(
        polygon.reduce((sum, [x, y], i) => {
          const [u, v] = polygon[(i + 1) % polygon.length] ?? [0, 0];
          return sum + x * v - u * y;
        }, 0) / 2,
      );
    const parts = [0, 0.25, 0.5, 0.75].map((low) => area(bandOf(corners, low, low + 0.25)));
    expect(parts.reduce((a, b) => a + b, 0)).toBeCloseTo(0.5, 10);
    expect(Math.min(...parts)).toBeGreaterThan(0);
  });
});

test("boxes: numpy's quartiles, whiskers that end at a value, outliers beyond", () => {
  for (const { values, quartiles } of reference.boxes) {
    const stats = boxStats(values);
    expect([stats?.q1, stats?.median, stats?.q3].map((x) => Number(x?.toFixed(9)))).toEqual(
      quartiles.map((x) => Number(x.toFixed(9))),
    );
    expect(values).toContain(stats?.low);
  }
  expect(boxStats(reference.boxes.at(-1)?.values ?? [])?.outliers).toContain(40);
  expect(boxStats([])).toBeNull();
});
