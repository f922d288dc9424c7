import { describe, expect, it } from "vitest";
import { annotationsNear, joinSeries, labelledAnnotations } from "./line-data.ts";

describe("joinSeries", () => {
  it("puts series with different x into one ascending table", () => {
    const { rows } = joinSeries([
      {
        points: [
          { x: 3, y: 30 },
          { x: 1, y: 10 },
        ],
      },
      { points: [{ x: 2, y: 200 }] },
    ]);
    expect(rows.map((row) => [row.x, row["s0"], row["s1"]])).toEqual([
      [1, 10, undefined],
      [2, undefined, 200],
      [3, 30, undefined],
    ]);
  });

  it("breaks a line at a gap and keeps the bands with their piece", () => {
    const { rows, pieces } = joinSeries([
      {
        points: [
          { x: 1, y: 1, low: 0, high: 2 },
          { x: 2, y: null },
          { x: 3, y: Number.NaN },
          { x: 4, y: 4 },
          { x: 5, y: 5 },
        ],
      },
    ]);
    expect(pieces.map((piece) => [piece.value, piece.points, piece.banded])).toEqual([
      ["s0p0", 1, true],
      ["s0p1", 2, false],
    ]);
    expect(rows[0]?.["b0p0"]).toEqual([0, 2]);
    expect(rows[1]?.["s0"]).toBeNull();
    expect(rows[3]?.["s0p0"]).toBeUndefined();
    expect(rows[3]?.["s0p1"]).toBe(4);
  });
});

describe("annotations", () => {
  const all = [
    { x: 50, label: "v2 promoted" },
    { x: 10, label: "v1 promoted" },
    { x: 11, label: "alert" },
    { x: 500, label: "outside" },
  ];
  it("names those that have room and leaves out those outside", () => {
    expect(labelledAnnotations(all, 0, 100).map((each) => each.text)).toEqual(["v1 promoted", "", "v2 promoted"]);
  });
  it("turns a word that would leave the chart on the right", () => {
    const [early, late] = labelledAnnotations(
      [
        { x: 20, label: "alert" },
        { x: 99, label: "v3 promoted" },
      ],
      0,
      100,
    );
    expect([early?.anchor, late?.anchor]).toEqual(["start", "end"]);
    const near = [
      { x: 90, label: "alert" },
      { x: 99, label: "v3 promoted" },
    ];
    expect(labelledAnnotations(near, 0, 100).map((each) => each.text)).toEqual(["alert", ""]);
  });
  it("tells the cursor what stands near it", () => {
    expect(annotationsNear(all, 10.2, 100)).toBe("v1 promoted · alert");
    expect(annotationsNear(all, 30, 100)).toBeUndefined();
  });
});
