import { expect, test } from "vitest";
import { essentialEdges, type GraphStep, jointStatus, nodeHeight, NODE_WIDTH, placeSteps } from "./graph-layout.ts";

const step = (id: string, cells: number = 0): GraphStep => ({
  id,
  kind: "run",
  status: null,
  cells: Array.from({ length: cells }, (_, i) => ({ key: `n=${i}`, status: null })),
  durationMs: null,
  medianMs: null,
  startedAt: null,
  note: null,
});

test("steps stand right of what they need, and none covers another", () => {
  const edges = [
    ["a", "b"],
    ["a", "c"],
    ["b", "d"],
    ["c", "d"],
  ] as const;
  const placed = placeSteps([step("a"), step("b", 4), step("c"), step("d")], edges);
  const at = new Map(placed.map((p) => [p.step.id, p]));
  for (const [from, to] of edges) expect(at.get(to)!.x).toBeGreaterThan(at.get(from)!.x + NODE_WIDTH);
  for (const p of placed)
    for (const q of placed)
      if (p !== q)
        expect(
          p.x + NODE_WIDTH <= q.x || q.x + NODE_WIDTH <= p.x || p.y + p.height <= q.y || q.y + q.height <= p.y,
        ).toBe(true);
});

test("a large matrix does not grow without end", () => {
  expect(nodeHeight(step("a", 500))).toBe(nodeHeight(step("a", 7)));
});

test("an edge that a longer path implies is left out", () => {
  expect(
    essentialEdges([
      ["ingest", "validate"],
      ["validate", "train"],
      ["ingest", "train"],
      ["train", "evaluate"],
      ["ingest", "evaluate"],
    ]),
  ).toEqual([
    ["ingest", "validate"],
    ["validate", "train"],
    ["train", "evaluate"],
  ]);
});

test("a matrix is as bad as its worst cell, and running while one runs", () => {
  expect(jointStatus(["succeeded", "failed", "running"])).toBe("failed");
  expect(jointStatus(["succeeded", "running"])).toBe("running");
  expect(jointStatus(["succeeded", "succeeded"])).toBe("succeeded");
});
