import { expect, test } from "vitest";
import { INFINITE, type RunSummaryDto } from "#server/tracking/contract.ts";
import { cellOf, comparedRows, distinctNames, fieldsOf, leftOut, numberOf } from "./comparison.ts";

const run = (id: string, more: Partial<RunSummaryDto>): RunSummaryDto => ({
  id,
  experiment: 1,
  experimentName: "e",
  name: "run",
  status: "FINISHED",
  startTime: 0,
  endTime: 1000,
  lifecycleStage: "active",
  userName: "",
  createdBy: "Alice",
  commit: null,
  pipeline: null,
  metrics: {},
  params: {},
  datasets: [],
  inputs: [],
  parentRunId: null,
  models: 0,
  ...more,
});
const a = run("aaaaaaaa", { params: { depth: "3", model: "tree" }, metrics: { auc: 0.7, nan: null } });
const b = run("bbbbbbbb", { params: { depth: "3", model: "linear", l2: "0.1" }, metrics: { auc: 0.8, nan: null } });
const differing = (rows: ReturnType<typeof comparedRows>) => rows.filter((r) => r.differs).map((r) => r.name);

test("rows differ where the runs do, a missing value included; NaN equals NaN", () => {
  const rows = comparedRows([a, b]);
  expect(differing(rows)).toEqual(["l2", "model", "auc"]);
  expect(rows.find((r) => r.name === "l2")?.cells).toEqual(["–", "0.1"]);
  expect(rows.find((r) => r.name === "nan")).toMatchObject({ cells: ["NaN", "NaN"], differs: false });
});

test("a run that ended without saying when is not said to go on", () => {
  const ends = [run("x", { endTime: null }), run("y", { endTime: null, status: "RUNNING" }), run("z", {})];
  expect(comparedRows(ends).find((r) => r.name === "Duration")?.cells).toEqual(["–", "running", "1 s"]);
});

test("metrics that only look equal when rounded do differ", () => {
  const rows = comparedRows([run("x", { metrics: { m: 0.1234567 } }), run("y", { metrics: { m: 0.1234568 } })]);
  expect(differing(rows)).toEqual(["m"]);
});

test("runs of one name are told apart by their ids", () => {
  expect(distinctNames([a, b, { id: "c", name: "other" }]).map((r) => r.name)).toEqual([
    "run aaaaaa",
    "run bbbbbb",
    "other",
  ]);
});

test("fields for a scatter plot: numbers that two runs have, and words", () => {
  expect(fieldsOf([a, b])).toEqual({ numbers: ["param:depth", "metric:auc"], words: ["param:l2", "param:model"] });
  expect([numberOf(a, "param:depth"), numberOf(a, "metric:nan"), numberOf(a, "param:l2")]).toEqual([3, null, null]);
});

test("a chart says which runs it leaves out and why, and its table holds what they logged", () => {
  const runs = [
    run("1", { metrics: { loss: 0.5 }, params: { lr: "0.1" } }),
    run("2", { metrics: { loss: null }, params: { lr: "0.2" } }),
    run("3", { metrics: { loss: -INFINITE }, params: { lr: "0.2" } }),
    run("4", { metrics: {}, params: { lr: "0.2" } }),
    run("5", { metrics: { loss: 0.4 }, params: { lr: "auto" } }),
    run("6", { metrics: { loss: null }, params: { lr: "0.2" } }),
  ];
  expect(leftOut(runs.slice(0, 1), ["metric:loss", "param:lr"])).toBeNull();
  expect(leftOut(runs.slice(0, 2), ["metric:loss", "param:lr"])).toBe("1 of 2 runs left out: loss is NaN");
  expect(leftOut(runs, ["metric:loss", "param:lr"])).toBe(
    "5 of 6 runs left out: loss is NaN in 2, loss is -Infinity in 1, no loss in 1, lr is no number in 1",
  );
  expect(runs.map((each) => cellOf(each, "metric:loss"))).toEqual([0.5, "NaN", "-Infinity", null, 0.4, "NaN"]);
  expect(cellOf(runs[4] ?? run("x", {}), "param:lr")).toBe("auto");
});
