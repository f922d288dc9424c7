import { expect, test } from "vitest";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { comparedRows, distinctNames, fieldsOf, numberOf } from "./comparison.ts";

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
