import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { appendRows } from "./table-append.ts";
import { TableFile } from "./table-file.ts";

const SAMPLE = path.join(import.meta.dirname, "../../examples/flight-delays");
const NUMBERS = "dep_hour dep_minute distance sched_duration temp humid wind_speed precip pressure visib".split(" ");
const TEXTS = ["carrier", "origin", "dest", "weekday"];

test("December's flights, added from what a caller sends and what happened, are December's flights in every column", async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-append-"));
  await using base = await TableFile.open(path.join(SAMPLE, "data/flights-2013-h1.parquet"), "parquet");
  await using later = await TableFile.open(path.join(SAMPLE, "traffic/flights-2013-h2.parquet"), "parquet");
  const december = "scheduled_at >= '2013-12-01'";
  const values = await later.values([...NUMBERS, ...TEXTS, "late", "scheduled_at"], december);
  const numbers = (name: string) => values.get(name) as Float64Array;
  const times = numbers("scheduled_at");
  const out = path.join(dir, "out.parquet");
  const filled = await appendRows({
    base: {
      path: path.join(SAMPLE, "data/flights-2013-h1.parquet"),
      format: "parquet",
      schema: await base.columns(),
    },
    timeColumn: "scheduled_at",
    out,
    added: {
      count: times.length,
      times,
      numbers: Object.fromEntries(NUMBERS.map((name) => [name, numbers(name)])),
      texts: {
        ...Object.fromEntries(TEXTS.map((name) => [name, values.get(name) as (string | null)[]])),
        late: Array.from(numbers("late"), String),
      },
    },
  });
  // Nobody sends the date; in every row of the base it is the day of scheduled_at.
  expect(filled).toMatchObject({ date: "derived", scheduled_at: "time", late: "given", temp: "given" });
  await using made = await TableFile.open(out, "parquet");
  expect(await made.columns()).toEqual(await base.columns());
  const names = (await base.columns()).map((column) => column.name).join(", ");
  const print = async (table: TableFile, where: string) =>
    await table.rows(
      `select count(*)::int as rows, sum(hash(x))::varchar as hash from (select ${names} from data where ${where}) x`,
    );
  expect(await print(made, december)).toEqual(await print(later, december));
  expect(await print(made, "scheduled_at < '2013-07-01'")).toEqual(await print(base, "true"));
  rmSync(dir, { recursive: true });
}, 30_000);
