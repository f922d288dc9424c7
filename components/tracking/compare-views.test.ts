import { expect, test } from "vitest";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { betterOf } from "./direction.ts";
import type { Series } from "./fetch-series.ts";
import { hasSteps, linesOf, linesOfPairs, nameFilter, refined, sectionOf, stepsWithin } from "./metric-lines.ts";
import {
  axesOf,
  axesText,
  axisOf,
  brushBetween,
  brushedPart,
  brushesOf,
  brushText,
  chosenRuns,
  placeOf,
} from "./parallel-axes.ts";
import { noteOfPairs } from "./paired-chart.tsx";
import { runStrokes } from "./parts/run-strokes.ts";

const series = (steps: readonly number[], total = steps.length): Series => ({
  runId: "a",
  key: "loss",
  total,
  steps,
  times: steps.map((step) => 1000 + step * 500),
  values: steps.map((step) => (step === 4 ? null : step)),
});
const plain = {
  axis: "step",
  xScale: "linear",
  smoothing: 0,
  strokeOf: () => ({ color: "red", dash: undefined }),
  dimmed: () => false,
  bold: () => false,
} as const;

test("lines by step and by seconds since the run's first value; NaN is a gap; a log axis has no 0", () => {
  const runs = [{ id: "a", name: "A" }];
  const [line] = linesOf(runs, [series([0, 2, 4])], plain);
  expect([line?.xs, line?.ys]).toEqual([
    [0, 2, 4],
    [0, 2, null],
  ]);
  expect(linesOf(runs, [series([2, 4])], { ...plain, axis: "relative" })[0]?.xs).toEqual([0, 1]);
  expect(linesOf(runs, [series([0, 2, 4])], { ...plain, xScale: "log" })[0]?.xs).toEqual([2, 4]);
  expect(linesOf(runs, [series([0, 2])], { ...plain, smoothing: 0.5 })[0]?.raw).toEqual([0, 2]);
});

test("a line whose times run back is drawn in their order", () => {
  const back = { ...series([0, 1, 2]), times: [3000, 1000, 2000] };
  const [line] = linesOf([{ id: "a", name: "A" }], [back], { ...plain, axis: "relative" });
  expect([line?.xs, line?.ys]).toEqual([
    [0, 1, 2],
    [1, 2, 0],
  ]);
});

test("the server is asked for the steps in view, also when x is time; what comes takes the place of that part", () => {
  const whole = [series([0, 10, 20, 30], 4000)];
  expect(stepsWithin(whole, "step", [9.5, 20.2])).toEqual({ from: 9, to: 21 });
  expect(stepsWithin(whole, "relative", [4, 11])).toEqual({ from: 0, to: 30 });
  expect(stepsWithin(whole, "relative", [100, 110])).toBeNull();
  const [mixed] = refined(whole, [series([9, 11, 20])]);
  expect(mixed?.steps).toEqual([0, 9, 11, 20, 30]);
  expect(mixed?.values).toEqual([0, 9, 11, 20, 30]);
  expect([hasSteps(whole), hasSteps([series([0, 0])])]).toEqual([true, false]);
});

test("sections by prefix, and a filter that is no regular expression is text", () => {
  expect([sectionOf("train/loss"), sectionOf("a/b/c"), sectionOf("auc")]).toEqual(["train", "a/b", ""]);
  expect(nameFilter("^val.*loss$").test("val/Loss")).toBe(true);
  expect([nameFilter("f1(").broken, nameFilter("f1(").test("F1(macro)")]).toEqual([true, true]);
});

const run = (id: string, params: Record<string, string>, auc: number): RunSummaryDto =>
  ({ id, name: id, params, metrics: { auc } }) as unknown as RunSummaryDto;
const runs = [
  run("a", { lr: "0.001", model: "tree" }, 0.7),
  run("b", { lr: "0.1", model: "linear" }, 0.8),
  run("c", { lr: "1", model: "tree" }, 0.9),
  run("d", { model: "net" }, 0.95),
];

test("axes: logarithmic where values span decades, categorical for words; brushes choose what lies within all of them", () => {
  expect(axisOf(runs, { field: "param:lr", scale: null }).kind).toBe("log");
  expect(axisOf(runs, { field: "param:lr", scale: "linear" }).kind).toBe("linear");
  const model = axisOf(runs, { field: "param:model", scale: null });
  expect(model.categories).toEqual(["tree", "net", "linear"]);
  expect(runs.map((each) => placeOf(each, model))).toEqual([0, 2, 0, 1]);
  const tree = { field: "param:model", low: 0, high: 0 };
  expect(chosenRuns(runs, [])).toBeNull();
  expect([...(chosenRuns(runs, [tree, { field: "metric:auc", low: 0.8, high: 1 }]) ?? [])]).toEqual(["c"]);
  // d has no lr, so no part of that axis holds it.
  expect([...(chosenRuns(runs, [{ field: "param:lr", low: 0, high: 9 }]) ?? [])]).toEqual(["a", "b", "c"]);
});

test("a brush by hand ends with the axis near its ends, the best run within, and takes whole categories", () => {
  const exact = [
    ...runs,
    run("e", { lr: "0.5", model: "net" }, 0.123456789012345678),
    run("f", { lr: "2" }, 0.987654321098765432),
  ];
  const auc = axisOf(exact, { field: "metric:auc", scale: null });
  const whole = brushBetween(auc, 0.992, 0.004);
  expect(whole).toEqual({ field: "metric:auc", low: 0.123456789012345678, high: 0.987654321098765432 });
  expect(chosenRuns(exact, brushesOf(brushText([whole])))?.size).toBe(exact.length);
  expect(brushedPart(auc, whole)).toEqual([0, 1]);
  const half = brushBetween(auc, 0.5, 7);
  expect(half.low).toBeCloseTo((0.123456789012345678 + 0.987654321098765432) / 2, 10);
  expect(half.high).toBe(0.987654321098765432);

  const model = axisOf(runs, { field: "param:model", scale: null });
  expect(brushBetween(model, 0.4, 0.7)).toEqual({ field: "param:model", low: 1, high: 1 });
  expect(brushedPart(model, { field: "param:model", low: 1, high: 1 })).toEqual([0.3, 0.7]);
});

test("axes and brushes come back from the address as they were, whatever their names hold", () => {
  const axes = [
    { field: "param:a,b!c~d", scale: null },
    { field: "metric:val/loss", scale: "log" },
  ] as const;
  expect(axesOf(axesText(axes))).toEqual(axes);
  const brushes = [{ field: "param:a,b~c", low: -1.5, high: 2e-7 }];
  expect(brushesOf(brushText(brushes))).toEqual(brushes);
  expect(brushesOf("nonsense,param%3Ax~3~1")).toEqual([]);
});

test("strokes: the same for the same runs in any order, no two alike among eighteen", () => {
  const ids = Array.from({ length: 18 }, (_, i) => `run${i}`);
  const strokes = runStrokes(ids);
  expect(runStrokes(ids.toReversed())).toEqual(strokes);
  expect(new Set([...strokes.values()].map((s) => `${s.color} ${s.dash ?? ""}`)).size).toBe(18);
});

test("a chosen colour is the run's, the others keep away from it, and two of one colour differ by dash", () => {
  const ids = ["a", "b", "c", "d"];
  const strokes = runStrokes(ids, new Map([["c", 4]]));
  expect(strokes.get("c")).toEqual({ color: "var(--chart-4)", dash: undefined });
  expect(new Set(ids.map((id) => strokes.get(id)?.color)).size).toBe(4);
  const same = runStrokes(
    ids,
    new Map([
      ["a", 2],
      ["d", 2],
    ]),
  );
  expect([same.get("a")?.color, same.get("d")?.color]).toEqual(["var(--chart-2)", "var(--chart-2)"]);
  expect(same.get("a")?.dash).not.toBe(same.get("d")?.dash);
  expect([same.get("b")?.color, same.get("c")?.color]).not.toContain("var(--chart-2)");
});

test("one metric over another: by its x, a value that is not finite is a gap, and the note counts what had no partner", () => {
  const paired = {
    runId: "a",
    key: "loss",
    by: "tokens",
    total: 3,
    alone: 4,
    aloneOfX: 1,
    unplaced: 2,
    points: [0, 10, 20].map((x, i) => ({ x, value: i === 1 ? null : i, step: i, timestamp: i })),
  };
  const line = linesOfPairs([{ id: "a", name: "A" }], [paired], plain)[0];
  expect([line?.xs, line?.ys]).toEqual([
    [0, 10, 20],
    [0, null, 2],
  ]);
  expect(linesOfPairs([{ id: "a", name: "A" }], [paired], { ...plain, xScale: "log" })[0]?.xs).toEqual([10, 20]);
  expect(noteOfPairs([paired], "loss", "tokens", { smoothing: 0 }, false)).toBe(
    "by tokens at the same step · without partner: 4 of loss, 1 of tokens · 2 where tokens is not finite · 1 where loss is not finite",
  );
});

test("which way is better, as far as the name says", () => {
  expect(["val_loss", "RMSE", "logLoss", "train/error"].map(betterOf)).toEqual(["down", "down", "down", "down"]);
  expect(["accuracy", "roc_auc", "f1-macro", "r2"].map(betterOf)).toEqual(["up", "up", "up", "up"]);
  expect(["glossary", "epochs", "scored_rows"].map(betterOf)).toEqual([undefined, undefined, undefined]);
});
