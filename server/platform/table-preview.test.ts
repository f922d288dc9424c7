import { statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";
import { env } from "./env.ts";
import { type PreviewFormat, previewTable } from "./table-preview.ts";
import { testDataDir } from "./testing/database.ts";

testDataDir();

async function preview(name: string, format: PreviewFormat, content: string | null) {
  const file = path.join(env().dataDir, name);
  if (content !== null) writeFileSync(file, content);
  return await previewTable(file, format, statSync(file).size);
}

test("a CSV gives its first thousand rows with types, and how many there are", async () => {
  const rows = Array.from({ length: 2500 }, (_, i) => `${i},${i / 4},bird ${i},2024-01-02,${i % 2 === 0}`);
  const table = await preview("a.csv", "csv", `id,mass,name,day,male\n${rows.join("\n")}\n`);
  expect(table).toMatchObject({ total: 2500, skipped: 0, moreColumns: 0 });
  expect(table.rows).toHaveLength(1000);
  expect(table.columns.map((column) => column.type)).toEqual(["BIGINT", "DOUBLE", "VARCHAR", "DATE", "BOOLEAN"]);
  expect(table.rows[3]).toEqual([3, 0.75, "bird 3", "2024-01-02", false]);
});

test("what is wide or long is cut, tabs part columns, an empty table has its columns", async () => {
  const wide = Array.from({ length: 230 }, (_, i) => `c${i}`).join(",");
  expect(await preview("wide.csv", "csv", `${wide}\n${wide}\n`)).toMatchObject({ moreColumns: 30 });
  const long = await preview("long.tsv", "tsv", `a\tb\n1\t${"x".repeat(5000)}\n`);
  expect(long.rows[0]?.[1]).toBe("x".repeat(1000));
  expect(await preview("empty.csv", "csv", "a,b\n")).toMatchObject({
    total: 0,
    rows: [],
    columns: [{ name: "a" }, { name: "b" }],
  });
});

test("Parquet with lists, bytes and times", async () => {
  const file = path.join(env().dataDir, "t.parquet");
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(
    `copy (select range as i, [range, 1] as l, 'ab'::blob as b, timestamp '2024-01-02 03:04:05' as t from range(3)) to '${file}' (format parquet)`,
  );
  connection.closeSync();
  const table = await preview("t.parquet", "parquet", null);
  expect(table.rows[2]).toEqual([2, "[2, 1]", "<2 bytes>", "2024-01-02 03:04:05"]);
  expect(table.total).toBe(3);
});

test("a table in JSON as MLflow writes it; other JSON and damaged files are refused with why", async () => {
  const text = JSON.stringify({
    columns: ["q", "score", "more"],
    data: [
      ["a", 0.5, { x: 1 }],
      ["b", null, null],
    ],
  });
  expect(await preview("t.json", "split", text)).toEqual({
    columns: [
      { name: "q", type: "VARCHAR" },
      { name: "score", type: "DOUBLE" },
      { name: "more", type: "JSON" },
    ],
    moreColumns: 0,
    rows: [
      ["a", 0.5, '{"x":1}'],
      ["b", null, null],
    ],
    total: 2,
    skipped: 0,
  });
  await expect(preview("o.json", "split", '{"a": 1}')).rejects.toThrow("not readable as a table in JSON");
  await expect(preview("d.parquet", "parquet", "PAR1 but no more")).rejects.toMatchObject({ code: "invalid_input" });
});
