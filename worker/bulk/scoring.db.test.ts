import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { addVersion, getDatasetVersion, openVersion } from "#server/data/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { pool, prisma } from "#server/platform/db.ts";
import { localPath } from "#server/platform/objects.ts";
import { TableFile } from "#server/platform/table-file.ts";
import { crown, registerOnnx } from "#server/platform/testing/champions.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { runJob } from "#server/platform/testing/jobs.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { cancelScoring, getScoring, jobs, listScorings, startScoring, sweepBulkWork } from "#server/serving/index.ts";
import { fixtureEntry } from "../serving/testing/fixture.ts";
import { serve } from "../serving/testing/serve.ts";

testDatabase();
// A model is loaded in a fresh thread each time, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

let people: Awaited<ReturnType<typeof somePeople>>;
let project: string;
let folder: string;

const FIXTURES = path.join(import.meta.dirname, "../../server/registry/fixtures");
const CSV = `id,size,count,flag,city
a,0.5,3,true,Oslo
b,-2,-1,false,Bergen
c,3.25,0,true,Oslo
d,1e-7,12,false,Paris
`;

beforeAll(async () => {
  people = await somePeople();
  project = people.project.id;
  folder = mkdtempSync(path.join(os.tmpdir(), "touchstone-scoring-test-"));
  for (const model of ["columns", "lookup", "regression"])
    await registerOnnx(people.alice, project, model, path.join(FIXTURES, `${model}.onnx`));
  await upload("shop", CSV);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function upload(dataset: string, text: string): Promise<void> {
  const filePath = path.join(folder, `${dataset}.csv`);
  writeFileSync(filePath, text);
  await addFile(dataset, filePath);
}

async function addFile(dataset: string, filePath: string): Promise<void> {
  await addVersion(people.alice, project, {
    dataset,
    filePath,
    fileName: path.basename(filePath),
    origin: { kind: "upload", fileName: path.basename(filePath) },
    create: { source: "", licence: "", description: "" },
  });
}

const start = (change: Partial<Parameters<typeof startScoring>[2]> = {}) =>
  startScoring(people.alice, project, {
    model: "columns",
    version: "1",
    dataset: "shop",
    into: "shop-scored",
    ...change,
  });

async function score(change: Parameters<typeof start>[0] = {}) {
  const { id, number } = await start(change);
  await runJob(jobs, "serving.run-scoring", { projectId: project, workId: id });
  return await getScoring(people.carol, project, { number });
}

async function rowsOf(reference: string): Promise<Record<string, unknown>[]> {
  const version = await openVersion(prisma(), project, reference);
  await using table = await TableFile.open(version.path, version.format);
  return await table.rows("select * from data");
}

async function refused(act: Promise<unknown>) {
  const error = await act.then(
    () => new Error("it was not refused"),
    (e: unknown) => e,
  );
  if (!isAppError(error)) throw error;
  return { code: error.code, message: error.message, field: error.place.field, value: error.place.value };
}

describe("a batch scoring", () => {
  test("gives every row the answer that the endpoint gives to it alone, bit for bit", async () => {
    const done = await score();
    expect(done).toMatchObject({
      status: "done",
      rowsDone: 4,
      rowsTotal: 4,
      error: null,
      result: { version: 1, unchanged: false },
    });
    const rows = await rowsOf("shop-scored@1");
    expect(rows.map((row) => row["id"])).toEqual(["a", "b", "c", "d"]);
    expect(Object.keys(rows[0] ?? {})).toEqual([
      "id",
      "size",
      "count",
      "flag",
      "city",
      "predicted_label",
      "predicted_probability_no",
      "predicted_probability_yes",
      "predicted_model_version",
    ]);
    const endpoint = await serve({ columns: fixtureEntry("columns") });
    for (const row of rows) {
      const features = { size: row["size"], count: Number(row["count"]), flag: row["flag"], city: row["city"] };
      const { body } = await endpoint.call("/v2/models/columns/predict", { features });
      const [answer] = body["predictions"] as { label: string; probabilities: Record<string, number> }[];
      expect(row["predicted_label"]).toBe(answer?.label);
      for (const name of ["no", "yes"])
        expect(Math.fround(row[`predicted_probability_${name}`] as number)).toBe(
          Math.fround(answer?.probabilities[name] ?? 0),
        );
      expect(row["predicted_model_version"]).toBe(1);
    }
    await endpoint.stop();
  });

  test("says where its rows come from, and that nobody approved the version, or who did", async () => {
    const [first] = (await listScorings(people.carol, project, { dataset: "shop" })).scorings;
    expect(first).toMatchObject({ approval: null, model: "columns", version: 1, dataset: "shop", datasetVersion: 1 });
    const made = await getDatasetVersion(people.carol, project, { dataset: "shop-scored", version: 1 });
    expect(made.origin).toMatchObject({
      kind: "batch-scoring",
      model: "columns",
      modelVersion: 1,
      dataset: "shop",
      approval: null,
    });
    expect(made.note).toContain("Nobody has approved this version.");

    const version = await prisma().modelVersion.findFirstOrThrow({
      where: { projectId: project, model: { name: "columns" } },
    });
    const { number } = await crown(
      { projectId: project, modelId: version.modelId, versionId: version.id, version: 1 },
      people.alice,
      people.bob,
    );
    const approved = await score({ version: "@champion", keep: ["id"], into: "approved" });
    expect(approved.approval).toEqual({ request: number, approvedBy: ["Bob"] });
    expect((await rowsOf("approved")).map((row) => Object.keys(row).length)).toEqual([5, 5, 5, 5]);
    const origin = (await getDatasetVersion(people.carol, project, { dataset: "approved" })).origin;
    expect(origin).toMatchObject({ approval: { request: number, approvedBy: ["Bob"] } });
    const again = await score({ version: "latest", keep: ["id"], into: "approved" });
    expect(again.result, "the same bytes are no second version").toMatchObject({ version: 1, unchanged: true });
  });

  test("takes the columns of a model of one tensor in the order that is named", async () => {
    await upload("points", "name,b,a,c\np,1.0,2.0,3.0\nq,-0.5,0.25,0.0\n");
    expect(await refused(start({ model: "regression", dataset: "points", into: "x1" }))).toMatchObject({
      field: "features",
    });
    const done = await score({
      model: "regression",
      dataset: "points",
      into: "x1",
      features: ["b", "a", "c"],
      keep: [],
    });
    expect(done.error).toBeNull();
    expect(await rowsOf("x1")).toEqual([
      { predicted_value: 14, predicted_model_version: 1 },
      { predicted_value: 0, predicted_model_version: 1 },
    ]);
  });
});

describe("what is wrong is named, and nothing is registered", () => {
  const nothingOf = async (into: string) =>
    expect(await prisma().dataset.findFirst({ where: { projectId: project, name: into } })).toBeNull();

  test("before it starts: a missing column, a column of another type, names that clash, who may not", async () => {
    await upload("narrow", "id,size,count,flag\na,1,2,true\n");
    expect(await refused(start({ dataset: "narrow" }))).toMatchObject({
      code: "invalid_input",
      message: "The dataset has no column 'city', which the model takes as BYTES.",
      value: "city",
    });
    await upload("mixed", "size,count,flag,city\n1,2,true,x\n1,two,false,y\n");
    expect(await refused(start({ dataset: "mixed" }))).toMatchObject({
      field: "count",
      message: expect.stringContaining('In row 2 it is "two"') as string,
      value: { row: 2, column: "count", value: "two" },
    });
    expect(await refused(start({ keep: ["id", "nothing"] }))).toMatchObject({ field: "keep", value: "nothing" });
    expect(await refused(start({ into: "shop" }))).toMatchObject({ field: "into" });
    await upload("clash", "size,count,flag,city,PREDICTED_label\n1,2,true,x,y\n");
    expect(await refused(start({ dataset: "clash" }))).toMatchObject({ field: "keep", value: "predicted_label" });
    expect(await refused(start({ version: "9" }))).toMatchObject({ code: "not_found" });
    for (const who of [people.bob, people.carol, people.dave])
      expect(
        await refused(startScoring(who, project, { model: "columns", version: "1", dataset: "shop", into: "x" })),
      ).toMatchObject({
        code: "forbidden",
      });
    expect(await refused(getScoring(people.eve, people.other.id, { number: 1 }))).toMatchObject({ code: "not_found" });
  });

  test.each([
    ["an empty cell where none may be", "1,,true,Oslo", "count", "Row 3, column 'count': the cell is empty."],
    ["an empty text", "1,2,true,", "city", "Row 3, column 'city': the cell is empty."],
    [
      "an empty number for which the model has no answer",
      ",2,true,Oslo",
      "size",
      "The model gives no number for row 3, where 'size' is empty.",
    ],
    ["a number beyond the datatype", "1e39,2,true,Oslo", "size", "Row 3, column 'size': 1e+39 is no FP32."],
  ])("%s", async (what, line, field, message) => {
    const name = `bad-${field}-${line.length}`;
    await upload(name, `size,count,flag,city\n1,2,true,Oslo\n2,3,false,Bergen\n${line}\n`);
    const failed = await score({ dataset: name, into: `${name}-scored` });
    expect(failed).toMatchObject({ status: "failed", result: null, error: { field, message } });
    expect(failed.error?.value, what).toMatchObject({ row: 3, column: field });
    await nothingOf(`${name}-scored`);
  });

  test("a value that the model does not know, found in its row and column", async () => {
    await upload("places", `index\n${[0, 1, 2, 3, 0, 99, 1, 2].join("\n")}\n`);
    const failed = await score({ model: "lookup", dataset: "places", into: "places-scored" });
    expect(failed.error).toMatchObject({ field: "index", value: { row: 6, column: "index", value: 99 } });
    await nothingOf("places-scored");
    expect(await pool().query("select from bulk_parts")).toMatchObject({ rowCount: 0 });
  });
});

describe("long work", () => {
  const ROWS = 250_000;
  /** The machine may be busy with much else. */
  const PATIENCE = 240_000;
  beforeAll(async () => {
    const file = path.join(folder, "many.parquet");
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run(
      `copy (select i as id, sin(i)::double as size, (i % 50)::bigint as count, i % 2 = 0 as flag, case when i % 3 = 0 then 'Oslo' else 'Bergen' end as city
       from range(${ROWS}) t (i)) to '${file}' (format parquet, row_group_size 20000)`,
    );
    connection.closeSync();
    instance.closeSync();
    await addFile("many", file);
  });

  const stateOf = async (id: string) =>
    (await prisma().bulkWork.findUniqueOrThrow({ where: { id }, include: { parts: true } })) as unknown as {
      status: string;
      rowsDone: bigint;
      parts: { number: number; sha256: string }[];
    };

  test("goes on after its worker was killed, from the last whole part, and gives what an undisturbed one gives", {
    timeout: PATIENCE,
  }, async () => {
    const { id, number } = await start({ dataset: "many", into: "many-scored" });
    const worker = spawn(process.execPath, [path.join(import.meta.dirname, "testing/score-once.ts"), id], {
      stdio: "ignore",
    });
    await expect
      .poll(async () => (await stateOf(id)).parts.length, { timeout: PATIENCE / 2, interval: 10 })
      .toBeGreaterThan(0);
    worker.kill("SIGKILL");
    await once(worker, "exit");
    const killed = await stateOf(id);
    expect(killed.status).toBe("running");
    expect(Number(killed.rowsDone)).toBeLessThan(ROWS);

    // While the lease lasts nobody else takes it: the worker might be alive.
    await runJob(jobs, "serving.run-scoring", { projectId: project, workId: id });
    expect((await stateOf(id)).rowsDone).toBe(killed.rowsDone);
    await pool().query("update bulk_works set lease_until = now() - interval '1 second' where id = $1", [id]);
    expect(await sweepBulkWork()).toBe(1);
    await runJob(jobs, "serving.run-scoring", { projectId: project, workId: id });
    const done = await getScoring(people.alice, project, { number });
    expect(done).toMatchObject({ status: "done", rowsDone: ROWS, error: null });

    const undisturbed = await score({ dataset: "many", into: "many-again" });
    expect(undisturbed.status).toBe("done");
    const [a, b] = await Promise.all(["many-scored", "many-again"].map((name) => openVersion(prisma(), project, name)));
    expect(a?.rows).toBe(ROWS);
    const compare = await DuckDBInstance.create(":memory:");
    const connection = await compare.connect();
    const differing = await connection.runAndReadAll(
      `select count(*) from read_parquet('${a?.path}') x positional join read_parquet('${b?.path}') y
       where (x.id, x.predicted_label, x.predicted_probability_yes) is distinct from (y.id, y.predicted_label, y.predicted_probability_yes)
          or x.id is null`,
    );
    const order = await connection.runAndReadAll(
      `select count(*) from (select id, row_number() over () - 1 as place from read_parquet('${a?.path}')) where id <> place`,
    );
    expect([differing.getRows(), order.getRows()]).toEqual([[[0n]], [[0n]]]);
    connection.closeSync();
    compare.closeSync();
    expect((await stateOf(id)).parts, "parts are let go").toEqual([]);
    const orphans = await prisma().orphanObject.findMany({
      where: { sha256: { in: killed.parts.map((p) => p.sha256) } },
    });
    expect(orphans).toHaveLength(killed.parts.length);
    await expect(localPath(killed.parts[0]?.sha256 ?? "")).resolves.toContain("objects");
  });

  test("ends when it is cancelled, with nothing registered; queued work at once", { timeout: PATIENCE }, async () => {
    const queued = await start({ dataset: "many", into: "never" });
    expect(await cancelScoring(people.alice, project, { number: queued.number })).toMatchObject({
      status: "cancelled",
      cancelledBy: "Alice",
    });
    expect(await refused(cancelScoring(people.alice, project, { number: queued.number }))).toMatchObject({
      code: "conflict",
    });

    const { id, number } = await start({ dataset: "many", into: "never" });
    const running = runJob(jobs, "serving.run-scoring", { projectId: project, workId: id });
    await expect
      .poll(async () => (await stateOf(id)).parts.length, { timeout: PATIENCE / 2, interval: 10 })
      .toBeGreaterThan(0);
    expect(await cancelScoring(people.alice, project, { number })).toMatchObject({ cancelling: true });
    await running;
    expect(await getScoring(people.alice, project, { number })).toMatchObject({ status: "cancelled", result: null });
    expect(await prisma().dataset.findFirst({ where: { projectId: project, name: "never" } })).toBeNull();
    expect((await stateOf(id)).parts).toEqual([]);
  });
});
