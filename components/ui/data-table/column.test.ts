import { describe, expect, it } from "vitest";
import {
  type Column,
  compareValues,
  filterRows,
  isMissing,
  parseSort,
  trackOf,
  valueText,
  writeSort,
} from "./column.ts";

type Row = { name: string; score: number | null; at: Date };

const columns: Column<Row>[] = [
  { id: "name", header: "Name", value: (row) => row.name },
  { id: "score", header: "Score", value: (row) => row.score, numeric: true },
  { id: "at", header: "At", value: (row) => row.at, search: false },
];
const rows: Row[] = [
  { name: "Brisk Otter", score: 0.9, at: new Date(2) },
  { name: "calm heron", score: null, at: new Date(1) },
];

describe("order", () => {
  it("compares numbers in text as numbers and ignores case", () => {
    expect(["run-10", "Run-9", "run-2"].sort(compareValues)).toEqual(["run-2", "Run-9", "run-10"]);
  });
  it("compares numbers, dates, booleans and big integers by size", () => {
    expect(compareValues(2, 10)).toBeLessThan(0);
    expect(compareValues(new Date(2), new Date(1))).toBeGreaterThan(0);
    expect(compareValues(false, true)).toBeLessThan(0);
    expect(compareValues(9007199254740993n, 9007199254740992n)).toBeGreaterThan(0);
    expect(compareValues(1, 1)).toBe(0);
  });
  it("knows what is missing", () => {
    expect([null, undefined, "", Number.NaN, new Date("x")].every(isMissing)).toBe(true);
    expect([0, false, "0"].some(isMissing)).toBe(false);
  });
});

describe("search", () => {
  it("wants every word somewhere in the row, whatever the case", () => {
    expect(filterRows(rows, columns, "otter 0.9")).toEqual([rows[0]]);
    expect(filterRows(rows, columns, "HERON")).toEqual([rows[1]]);
    expect(filterRows(rows, columns, "otter heron")).toEqual([]);
  });
  it("leaves out columns that are not searched, and does nothing without words", () => {
    expect(filterRows(rows, columns, "1970")).toEqual([]);
    expect(filterRows(rows, columns, "  ")).toBe(rows);
  });
});

describe("sort in the URL", () => {
  it("reads what it writes", () => {
    for (const sort of [
      { id: "name", desc: false },
      { id: "score", desc: true },
    ]) {
      expect(parseSort(writeSort(sort), ["name", "score"])).toEqual(sort);
    }
    expect(writeSort(null)).toBe("");
  });
  it("refuses unknown columns", () => {
    expect(parseSort("-nothing", ["name"])).toBeNull();
    expect(parseSort("", ["name"])).toBeNull();
  });
});

it("keeps fixed columns fixed and lets others grow", () => {
  expect(trackOf({ id: "a", header: "A", value: () => 1, grow: 0, width: 80 })).toBe("80px");
  expect(trackOf({ id: "a", header: "A", value: () => 1 })).toBe("minmax(140px, 1fr)");
  expect(trackOf({ id: "a", header: "A", value: () => 1, numeric: true })).toBe("minmax(96px, 0.5fr)");
});

it("writes plain values", () => {
  expect(valueText(1234.5)).toBe("1,235");
  expect(valueText(null)).toBe("–");
  expect(valueText(true)).toBe("yes");
});
