import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isAppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { env } from "#server/platform/env.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import { log } from "#server/platform/log.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { models } from "#worker/runtimes/models.ts";
import {
  addVersion,
  createDataset,
  getDataset,
  getDatasetVersion,
  listDatasets,
  openVersion,
  previewVersion,
  updateDataset,
} from "./index.ts";
import { profileVersionJob } from "./profile-version.ts";

testDatabase();

const context: JobContext = { log, signal: new AbortController().signal, models };
let people: Awaited<ReturnType<typeof somePeople>>;
let project: string;
let folder: string;

beforeAll(async () => {
  people = await somePeople();
  project = people.project.id;
  folder = mkdtempSync(path.join(os.tmpdir(), "touchstone-data-test-"));
  await createDataset(people.alice, project, {
    name: "birds",
    expectations: [
      { rule: "row_count_min", min: 3 },
      { rule: "between", column: "mass", min: 0, max: 100, mostly: 0.5 },
      { rule: "in_set", column: "kind", values: ["a", "b"] },
      { rule: "unique", column: "id" },
    ],
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function upload(text: string | Buffer, name = "birds.csv", dataset = "birds", who = people.alice) {
  const filePath = path.join(folder, name);
  writeFileSync(filePath, text);
  return await addVersion(who, project, {
    dataset,
    filePath,
    fileName: name,
    origin: { kind: "upload", fileName: name },
  });
}
async function refused(act: Promise<unknown>) {
  const error = await act.then(
    () => new Error("it was not refused"),
    (e: unknown) => e,
  );
  if (!isAppError(error)) throw error;
  return { code: error.code, message: error.message, field: error.place.field };
}
const objects = (): number =>
  readdirSync(env().artifactDir, { recursive: true }).filter((name) => /[0-9a-f]{64}$/.test(String(name))).length;

const FIRST = "id,kind,mass,seen\n1,a,10.5,2013-01-01\n2,b,20,2013-01-02\n3,a,,2013-01-03\n4,a,30.5,2013-01-05\n";

test("a CSV becomes version 1 with its types, rows and hash; its profile equals what a person counts", async () => {
  const added = await upload(FIRST);
  expect(added).toMatchObject({ version: 1, rows: 4 });
  await profileVersionJob({ projectId: project, versionId: added.id }, context);
  const version = await getDatasetVersion(people.carol, project, { dataset: "birds" });
  expect(version.schema).toEqual([
    { name: "id", type: "BIGINT" },
    { name: "kind", type: "VARCHAR" },
    { name: "mass", type: "DOUBLE" },
    { name: "seen", type: "DATE" },
  ]);
  const [, kind, mass, seen] = version.profile?.columns ?? [];
  expect(mass).toMatchObject({ kind: "number", count: 4, missing: 1, distinct: 3, min: 10.5, max: 30.5 });
  expect(mass?.mean).toBeCloseTo((10.5 + 20 + 30.5) / 3, 12);
  // numpy.quantile([10.5, 20, 30.5], 0.25) = 15.25; numpy.std(ddof=1) = 10.0041658…
  expect(mass?.quantiles["0.25"]).toBeCloseTo(15.25, 12);
  expect(mass?.stddev).toBeCloseTo(10.004165799, 8);
  expect(mass?.histogram.reduce((sum, bar) => sum + bar.count, 0)).toBe(3);
  expect(kind?.top).toEqual([
    { value: "a", count: 3 },
    { value: "b", count: 1 },
  ]);
  expect(seen).toMatchObject({ kind: "time", min: "2013-01-01T00:00:00.000Z", max: "2013-01-05T00:00:00.000Z" });
  expect(version.validation).toBe("passed");
});

test("the same bytes are no new version; one changed cell is, with another hash, and the old one reads as before", async () => {
  expect(await refused(upload(FIRST))).toMatchObject({ code: "conflict" });
  const before = await getDatasetVersion(people.alice, project, { dataset: "birds", version: 1 });
  const added = await upload(FIRST.replace("20,", "21,"));
  expect(added.version).toBe(2);
  expect(added.sha256).not.toBe(before.sha256);
  expect((await previewVersion(people.alice, project, { dataset: "birds", version: 1 })).rows[1]).toEqual([
    "2",
    "b",
    20,
    "2013-01-02",
  ]);
  expect((await previewVersion(people.alice, project, { dataset: "birds" })).rows[1]).toEqual([
    "2",
    "b",
    21,
    "2013-01-02",
  ]);
  expect(await openVersion(prisma(), project, "birds@1")).toMatchObject({ version: 1, sha256: before.sha256 });
});

test.each([
  ["a value of another type", `${FIRST}5,a,heavy,2013-01-06\n`, /line 6, column mass/],
  ["a short row", `${FIRST}5,a\n`, /line 6/],
  ["a long row", `${FIRST}5,a,1,2013-01-06,extra\n`, /line 6/],
  ["an open quote", `${FIRST}5,"a,1,2013-01-06\n`, /line 6/],
  ["a column named twice", "id,id\n1,2\n", /'id' appears twice/],
  ["no header", "", /no header/],
  ["no rows", "id,kind,mass,seen\n", /no rows/],
  ["bytes that are no text", Buffer.from([0x69, 0x64, 0x0a, 0xff, 0xfe, 0x00]), /UTF-8/],
])("a file with %s is refused with its place, and nothing is stored", async (_what, text, message) => {
  const [versions, stored] = [await prisma().datasetVersion.count(), objects()];
  const { code, message: said } = await refused(upload(text));
  expect(code).toBe("invalid_input");
  expect(said).toMatch(message);
  expect([await prisma().datasetVersion.count(), objects()]).toEqual([versions, stored]);
});

test("a cut-off Parquet file and another format are refused", async () => {
  expect((await refused(upload(Buffer.from("PAR1 and then nothing"), "birds.parquet"))).message).toContain(
    "not readable as Parquet",
  );
  expect((await refused(upload("x", "birds.xlsx"))).code).toBe("unsupported_media");
});

test("a broken expectation is found, and changed expectations are checked anew", async () => {
  const added = await upload(`${FIRST}4,c,500,2013-01-06\n`);
  await profileVersionJob({ projectId: project, versionId: added.id }, context);
  const version = await getDatasetVersion(people.alice, project, { dataset: "birds" });
  expect(version.validation).toBe("failed");
  expect(version.validationReport?.rules.map((rule) => rule.passed)).toEqual([true, true, false, false]);
  expect(version.validationReport?.rules[2]).toMatchObject({
    text: "kind is one of a, b",
    observed: "1 of 5 rows do not (20%)",
  });
  await updateDataset(people.alice, project, { dataset: "birds", expectations: [{ rule: "row_count_min", min: 1 }] });
  await profileVersionJob({ projectId: project, versionId: added.id }, context);
  expect((await getDatasetVersion(people.alice, project, { dataset: "birds" })).validation).toBe("passed");
});

test("removed and retyped columns are named as breaking", async () => {
  await createDataset(people.alice, project, { name: "shapes" });
  await upload("a,b\n1,2\n", "shapes.csv", "shapes");
  await upload("a,c\n1,x\n", "shapes.csv", "shapes");
  expect(
    (await getDatasetVersion(people.alice, project, { dataset: "shapes" })).schemaChanges.map((c) => [
      c.column,
      c.change,
      c.breaking,
    ]),
  ).toEqual([
    ["c", "added", false],
    ["b", "removed", true],
  ]);
});

test("a new dataset is made only with a readable first file", async () => {
  const filePath = path.join(folder, "new.csv");
  const add = (text: string) => {
    writeFileSync(filePath, text);
    return addVersion(people.alice, project, {
      dataset: "fresh",
      filePath,
      fileName: "new.csv",
      origin: { kind: "upload", fileName: "new.csv" },
      create: { source: "here", licence: "CC0-1.0", description: "" },
    });
  };
  await refused(add("a,b\n1\n"));
  expect((await listDatasets(people.alice, project, {})).map((d) => d.name)).not.toContain("fresh");
  await add("a,b\n1,2\n");
  expect(await getDataset(people.alice, project, { dataset: "fresh" })).toMatchObject({
    source: "here",
    licence: "CC0-1.0",
  });
});

test("a viewer reads and may not write; another project sees nothing", async () => {
  expect((await refused(upload(`${FIRST}9,a,1,2013-02-01\n`, "birds.csv", "birds", people.carol))).code).toBe(
    "forbidden",
  );
  expect((await refused(getDataset(people.eve, project, { dataset: "birds" }))).code).toBe("not_found");
  expect((await refused(openVersion(prisma(), people.other.id, "birds"))).code).toBe("not_found");
  expect(await listDatasets(people.eve, people.other.id, {})).toEqual([]);
});
