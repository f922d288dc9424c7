import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { hexId } from "#server/kernel/ids.ts";
import { prisma } from "#server/platform/db.ts";
import { putBuffer, putFile } from "#server/platform/objects.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { runJob } from "#server/platform/testing/jobs.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { createRun } from "#server/tracking/index.ts";
import { getVersion, jobs, registerVersion, takeGolden } from "./index.ts";

testDatabase();

const folder = path.join(import.meta.dirname, "fixtures");
const { columns } = JSON.parse(readFileSync(path.join(folder, "facts.json"), "utf8")) as {
  columns: {
    answers: {
      rows: Record<string, (number | string | boolean)[]>;
      outputs: { label: string[]; probabilities: number[] };
    };
  };
};
const { rows, outputs } = columns.answers;
const pairs = (p: readonly number[]) => Array.from({ length: p.length / 2 }, (_, i) => [p[2 * i], p[2 * i + 1]]);
const golden = {
  framework: "onnx",
  inputs: rows,
  outputs: { label: outputs.label, probabilities: pairs(outputs.probabilities) },
};

let people: Awaited<ReturnType<typeof somePeople>>;
let project: string;
let sha256: string;
beforeAll(async () => {
  people = await somePeople();
  project = people.project.id;
  sha256 = (await putFile(path.join(folder, "columns.onnx"))).sha256;
});

/** A run of which files are logged, as a client would have uploaded them. */
async function runWith(files: Record<string, unknown>): Promise<string> {
  const run = await createRun(people.alice, project, { name: hexId() });
  await log(run.id, files);
  return run.id;
}
async function log(runId: string, files: Record<string, unknown>): Promise<void> {
  const { experiment: of } = await prisma().run.findUniqueOrThrow({
    where: { id: runId },
    include: { experiment: true },
  });
  for (const [file, content] of Object.entries(files)) {
    const stored = await putBuffer(typeof content === "string" ? content : JSON.stringify(content));
    await prisma().artifact.create({
      data: {
        projectId: project,
        root: `${of.number}/${runId}`,
        path: file,
        sha256: stored.sha256,
        sizeBytes: stored.sizeBytes,
      },
    });
  }
}
const register = async (files: Record<string, unknown>, change = {}) =>
  await registerVersion(people.alice, project, { model: "shop", sha256, runId: await runWith(files), ...change });
const version = (n: number) => getVersion(people.alice, project, { name: "shop", version: String(n) });
const compare = async (versionId: string) =>
  await runJob(jobs, "registry.check-golden", { projectId: project, versionId });

test("golden rows that a run logged are kept and compared; until then the version is incomplete", async () => {
  const made = await register({ "touchstone/golden.json": golden });
  expect(made.golden).toMatchObject({
    rows: 4,
    framework: "onnx",
    source: "touchstone/golden.json of the run",
    tolerance: { absolute: 1e-5, relative: 1e-5 },
    check: null,
  });
  expect(made.incomplete.join(" ")).toContain("being compared with the file");
  await compare(made.id);
  const done = await version(made.version);
  expect(done.golden?.check).toMatchObject({ state: "agrees", rows: 4, ties: 0 });
  expect(done.incomplete.join(" ")).not.toContain("golden");
  expect(done.runtime).toBe("onnx");
});

test("a file that answers otherwise is incomplete with the worst row, and says so in the audit", async () => {
  const wrong = outputs.probabilities.map((p, i) => (i === 4 ? p + 0.2 : p));
  const made = await register({ "touchstone/golden.json": { ...golden, outputs: { probabilities: pairs(wrong) } } });
  await compare(made.id);
  const done = await version(made.version);
  expect(done.golden?.check).toMatchObject({
    state: "disagrees",
    worst: { row: 2, output: "probabilities", index: 0, inputs: { size: 3.25, count: 0, flag: true, city: "Oslo" } },
  });
  expect(done.incomplete.at(-1)).toContain("Golden row 3 of 4: the file gives probabilities[0] = 0.259");
  const said = await prisma().auditEvent.findFirst({
    where: { action: "model.golden_disagreed" },
    orderBy: { id: "desc" },
  });
  expect(said?.summary).toContain("shop version 2 does not agree");
});

test("a golden file that does not fit the model is refused at registration, with its place", async () => {
  await expect(
    register({ "touchstone/golden.json": { ...golden, inputs: { ...rows, size: ["a", 1, 2, 3] } } }),
  ).rejects.toMatchObject({ code: "invalid_input", place: { field: "golden.inputs.size[0]" } });
  await expect(register({ "touchstone/golden.json": "{" })).rejects.toThrow("not JSON");
});

test("rows that were logged after the registration are taken on request, once, and never replaced", async () => {
  const runId = await runWith({ "readme.md": "no golden rows" });
  const made = await registerVersion(people.alice, project, { model: "shop", sha256, runId });
  expect(made.golden).toBeNull();
  const take = { name: "shop", version: String(made.version) };
  await expect(takeGolden(people.alice, project, take)).rejects.toMatchObject({ code: "not_found" });
  await expect(takeGolden(people.carol, project, take)).rejects.toMatchObject({ code: "forbidden" });
  await expect(takeGolden(people.eve, project, take)).rejects.toMatchObject({ code: "not_found" });
  await log(runId, { "golden.json": golden });
  const taken = await takeGolden(people.alice, project, take);
  expect(taken.golden?.source).toBe("golden.json of the run");
  await log(runId, { "touchstone/golden.json": { ...golden, outputs: { label: ["yes", "yes", "yes", "yes"] } } });
  expect((await takeGolden(people.alice, project, take)).golden?.sha256).toBe(taken.golden?.sha256);
  await compare(made.id);
  expect((await version(made.version)).golden?.check?.state).toBe("agrees");
});

test("a file that is lost is a finding that says so", async () => {
  const made = await register({ "touchstone/golden.json": golden });
  await prisma().modelVersion.update({ where: { id: made.id }, data: { sha256: "0".repeat(64) } });
  await compare(made.id);
  const done = await version(made.version);
  expect(done.golden?.check).toMatchObject({
    state: "failed",
    reason: expect.stringContaining("missing from the artifact store"),
  });
});
