import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { addVersion, createDataset } from "#server/data/index.ts";
import { systemActor } from "#server/identity/index.ts";
import { canonicalJson } from "#server/kernel/canonical-json.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { prisma } from "#server/platform/db.ts";
import { putBuffer, putFile } from "#server/platform/objects.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { runJob } from "#server/platform/testing/jobs.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { jobs as registryJobs, registerVersion } from "#server/registry/index.ts";
import { decide, getRequest, jobs, requestPromotion, writePolicy } from "./index.ts";

testDatabase();

const platform = systemActor("test");
const fixtures = path.join(import.meta.dirname, "../registry/fixtures");
const { columns } = JSON.parse(readFileSync(path.join(fixtures, "facts.json"), "utf8")) as {
  columns: { answers: { rows: Record<string, unknown[]>; outputs: { label: string[]; probabilities: number[] } } };
};
const { rows, outputs } = columns.answers;
const probabilities = (p: readonly number[]) =>
  Array.from({ length: p.length / 2 }, (_, i) => [p[2 * i], p[2 * i + 1]]);
const GOOD = {
  framework: "scikit-learn",
  inputs: rows,
  outputs: { probabilities: probabilities(outputs.probabilities) },
};

let people: Awaited<ReturnType<typeof somePeople>>;
let project: string;
let sha256: string;
let model: string;
beforeAll(async () => {
  people = await somePeople();
  project = people.project.id;
  sha256 = (await putFile(path.join(fixtures, "columns.onnx"))).sha256;
});

/** Registers a version with these golden rows and has them compared; what else a promotion needs is taken as given. */
async function version(golden: object | null): Promise<{ id: string; number: number }> {
  const goldenSha256 = golden ? (await putBuffer(JSON.stringify(golden))).sha256 : undefined;
  const made = await registerVersion(people.alice, project, { model, sha256, goldenSha256 });
  await runJob(registryJobs, "registry.check-golden", { projectId: project, versionId: made.id });
  const { incomplete } = await prisma().modelVersion.findUniqueOrThrow({ where: { id: made.id } });
  const aboutGolden = incomplete.filter((reason) => /golden/i.test(reason));
  await prisma().modelVersion.update({ where: { id: made.id }, data: { incomplete: aboutGolden } });
  return { id: made.id, number: made.version };
}
const request = (n: number) => requestPromotion(people.alice, project, { model, version: String(n) });

/** Requests a version and has its checks run, as the worker does. */
async function checked(n: number) {
  const { id, number } = await request(n);
  await runJob(jobs, "governance.evaluate-request", { projectId: project, requestId: id, evaluation: 1 });
  return await getRequest(people.bob, project, { number });
}
async function policy(minRows: number): Promise<void> {
  model = `shop-${uuidv7().slice(-12)}`;
  const check = `{id: golden, type: golden, min_rows: ${minRows}}`;
  await writePolicy(platform, project, { text: `version: 1\nmodel: ${model}\nchecks:\n  - ${check}\n` });
}

test("a file that answers otherwise than its training framework did cannot be requested", async () => {
  await policy(1);
  const wrong = outputs.probabilities.map((p, i) => (i === 4 ? p + 0.2 : p));
  const { number } = await version({ ...GOOD, outputs: { probabilities: probabilities(wrong) } });
  await expect(request(number)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("Golden row 3 of 4: the file gives probabilities[0] = 0.259"),
  });
  expect(await prisma().promotionRequest.count({ where: { projectId: project } })).toBe(0);
});

test("the check passes on golden rows that agree, and fails without them or with too few", async () => {
  await policy(4);
  const good = await checked((await version(GOOD)).number);
  expect(good).toMatchObject({
    status: "ready",
    checkResults: [{ state: "passed", summary: "The file answers all 4 golden rows as scikit-learn did." }],
  });
  const none = await checked((await version(null)).number);
  expect(none).toMatchObject({
    status: "blocked",
    checkResults: [{ state: "failed", summary: expect.stringContaining("carries no golden rows") }],
  });
  await policy(5);
  expect(await checked((await version(GOOD)).number)).toMatchObject({
    status: "blocked",
    checkResults: [{ state: "failed", summary: "It carries 4 golden rows; the policy asks for 5." }],
  });
});

test("golden rows that somebody exchanged in the database void what was to be approved", async () => {
  await policy(1);
  const { id, number } = await version(GOOD);
  const ready = await checked(number);
  const { golden } = await prisma().modelVersion.findUniqueOrThrow({ where: { id } });
  await prisma().modelVersion.update({
    where: { id },
    data: { golden: { ...(golden as object), tolerance: { absolute: 1, relative: 1 } } },
  });
  const vote = { number: ready.number, vote: "approve" as const, digest: ready.digest ?? "" };
  await expect(decide(people.bob, project, vote)).rejects.toMatchObject({ code: "conflict" });
  expect(await getRequest(people.bob, project, { number: ready.number })).toMatchObject({
    status: "checking",
    evaluation: 2,
    approvals: { given: 0 },
  });
});

test("the checks that score hold the file to its golden rows on the machine that runs them", async () => {
  model = `shop-${uuidv7().slice(-12)}`;
  const lines = Array.from(
    { length: 60 },
    (_, i) => `${i},${i / 4},${i % 7},${i % 2 === 0},Oslo,${i % 3 ? "yes" : "no"}`,
  );
  const filePath = path.join(mkdtempSync(path.join(os.tmpdir(), "golden-")), "shop.csv");
  writeFileSync(filePath, `n,size,count,flag,city,answer\n${lines.join("\n")}\n`);
  await createDataset(platform, project, { name: "shop" });
  const origin = { kind: "seed" as const, file: "shop.csv" };
  const data = await addVersion(platform, project, { dataset: "shop", filePath, fileName: "shop.csv", origin });
  await writePolicy(platform, project, {
    text: `version: 1
model: ${model}
checks:
  - {id: primary, type: holdout, dataset: shop, label: answer, metric: accuracy, margin: 0.2, min_n: 30, rows: orders}
  - {id: latency, type: latency, p95_ms: 1000, requests: 50}
`,
  });
  const { id, number } = await version(GOOD);
  await prisma().modelVersion.update({ where: { id }, data: { datasetVersionId: data.id } });
  expect(await checked(number)).toMatchObject({
    checkResults: [{ state: "passed" }, { state: "passed" }],
  });

  // Another machine found that they agree; this one computes something else, as with another build of the runtime.
  const { number: elsewhere, id: other } = await version(GOOD);
  const wrong = outputs.probabilities.map((p, i) => (i === 4 ? p + 0.2 : p));
  const stored = await prisma().modelVersion.findUniqueOrThrow({ where: { id: other } });
  const golden = { ...(stored.golden as object), outputs: { probabilities: wrong } };
  const digest = createHash("sha256").update(canonicalJson(golden)).digest("hex");
  const goldenCheck = { ...(stored.goldenCheck as object), sha256: digest };
  await prisma().modelVersion.update({
    where: { id: other },
    data: { golden, goldenCheck, datasetVersionId: data.id },
  });
  const said = { state: "error", summary: expect.stringContaining("Golden row 3 of 4: the file gives") };
  expect(await checked(elsewhere)).toMatchObject({ status: "blocked", checkResults: [said, said] });
});
