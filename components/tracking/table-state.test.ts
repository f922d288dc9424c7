import { expect, test } from "vitest";
import { arranged } from "./runs-table/place-columns.ts";
import { LEAD, TAIL } from "./runs-table/runs-row.tsx";
import { readColumns, readState, usualColumns, writeColumns } from "./runs-table/table-state.ts";

const keys = {
  of: 4,
  exact: true,
  keys: [
    { kind: "metrics", key: "train/loss", runs: 4, differs: true },
    { kind: "metrics", key: "test/auc", runs: 4, differs: true },
    { kind: "params", key: "depth", runs: 4, differs: true },
  ],
} as const;
const usual = (address: string): string[] =>
  usualColumns({ ...keys, keys: [...keys.keys] }, readState(new URLSearchParams(address))).map(({ id }) => id);

test("the usual columns say what a run is before its figures, and of groups the figures first", () => {
  const facts = ["status", "started", "dataset"];
  const figures = ["metrics.test/auc", "metrics.train/loss"];
  expect(usual("experiment=1")).toEqual(["name", ...facts, ...figures, "params.depth", "duration", "user"]);
  expect(usual("")).toEqual(["name", ...facts, ...figures, "experiment", "duration", "params.depth", "user"]);
  expect(usual("experiment=1&group=params.depth")).toEqual([
    "name",
    ...figures,
    ...facts,
    "params.depth",
    "duration",
    "user",
  ]);
});

test("at 900 pixels the first metric is in sight, within an experiment and across them", () => {
  // What is left of 900 px beside the navigation and the page's own margins.
  const room = 816;
  for (const address of ["experiment=1", ""]) {
    const shown = usualColumns({ ...keys, keys: [...keys.keys] }, readState(new URLSearchParams(address)));
    const columns = arranged("penguins", shown, false, room);
    const metric = columns.findIndex((column) => column.id === "metrics.test/auc");
    const end = columns.slice(0, metric + 1).reduce((sum, column) => sum + column.px, LEAD);
    expect(end, address).toBeLessThanOrEqual(room - TAIL);
  }
});

test("columns come back from an address as they were, whatever stands in their names; what cannot be read is left out", () => {
  const columns = [{ id: "name" }, { id: "metrics.a,b~c!%", width: 300 }, { id: "params.x", pinned: true }];
  expect(readColumns(writeColumns(columns))).toEqual(columns);
  expect(readColumns("name,name~20000,~,metrics.a~9999")).toEqual([{ id: "name" }, { id: "metrics.a", width: 1200 }]);
});
