import { expect, test } from "vitest";
import { copyIn, copyOut } from "./copy.ts";
import { CopyRows, CopyWriter } from "./copy-format.ts";
import { pool, transaction } from "./db.ts";
import { testDatabase } from "./testing/database.ts";

testDatabase();

const ID = "01a1fa2b-dd1f-7a50-9284-312686e3e795";
const AT = Date.UTC(2013, 6, 1, 6, 30, 0, 125);

async function table(): Promise<void> {
  await pool().query(
    "create table if not exists copied (id uuid, words text, n integer, x float8, at timestamptz, xs float8[], ws text[])",
  );
  await pool().query("truncate copied");
}

function write(writer: CopyWriter, words: string | null, xs: readonly number[], ws: readonly string[]): void {
  writer.row(7);
  writer.uuid(ID);
  if (words === null) writer.null();
  else writer.text(words);
  writer.integer(-7);
  writer.float8(0.1);
  writer.time(AT);
  writer.float8s(xs);
  writer.texts(ws);
}

test("what is written in binary is what Postgres reads", async () => {
  await table();
  const writer = new CopyWriter(16);
  write(writer, "Zürich 🐧", [1.5, -2e300, Number.NaN], ["", "ö\0x"]);
  write(writer, null, [], []);
  const undone = writer.bytes;
  write(writer, "never", [], []);
  writer.truncate(undone);
  expect(await transaction((client) => copyIn(client, "copied", writer.rows()))).toBe(2);
  const { rows } = await pool().query("select *, at::text as exact from copied");
  expect(rows).toMatchObject([
    {
      id: ID,
      words: "Zürich 🐧",
      n: -7,
      x: 0.1,
      at: new Date(AT),
      xs: [1.5, -2e300, Number.NaN],
      ws: ["", "ö\uFFFDx"],
    },
    { words: null, xs: [], ws: [] },
  ]);
});

test("what Postgres writes in binary is read back, however it is cut into pieces", async () => {
  await table();
  const writer = new CopyWriter();
  for (let i = 0; i < 300; i += 1) write(writer, i % 3 === 0 ? null : `w${i}`, [i, i / 8], [`c${i}`]);
  await transaction((client) => copyIn(client, "copied", writer.rows()));
  const read: unknown[] = [];
  const take = (into: unknown[]) => (reader: Parameters<Parameters<typeof copyOut>[1]>[0]) => {
    const [id, words, n, x, at] = [reader.uuid(), reader.text(), reader.integer(), reader.float8(), reader.time()];
    const [xs, ws] = [new Float64Array(2).fill(-1), ["", ""]];
    reader.float8s([undefined, xs], 1);
    reader.texts([ws], 1);
    into.push([id, words, n, x, at, [...xs], ws]);
  };
  await copyOut("select * from copied order by xs[1]", take(read));
  expect(read).toEqual(
    Array.from({ length: 300 }, (_, i) => [ID, i % 3 === 0 ? null : `w${i}`, -7, 0.1, AT, [-1, i / 8], ["", `c${i}`]]),
  );

  const { COPY_HEADER, COPY_TRAILER } = await import("./copy-format.ts");
  const whole = Buffer.concat([COPY_HEADER, writer.rows(), COPY_TRAILER]);
  for (const size of [1, 7, 100, whole.length]) {
    const again: unknown[] = [];
    const rows = new CopyRows(take(again));
    for (let i = 0; i < whole.length; i += size) rows.push(whole.subarray(i, i + size));
    expect(again).toEqual(read);
  }
});

test("arrays of integers, and none", async () => {
  const read: number[][] = [];
  await copyOut("select x from (values ('{3,-1,2}'::int[]), ('{}'), (null)) as t (x)", (reader) => {
    const values: number[] = [];
    expect(reader.integers((i, value) => (values[i] = value))).toBe(values.length);
    read.push(values);
  });
  expect(read).toEqual([[3, -1, 2], [], []]);
});

test("a query that fails leaves no connection behind", async () => {
  await expect(copyOut("select 1/0", () => undefined)).rejects.toThrow("division by zero");
  await expect(transaction((client) => copyIn(client, "copied", Buffer.from([0, 9, 1])))).rejects.toThrow();
  expect((await pool().query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});
