import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { beforeAll, expect, test } from "vitest";
import { createRepository, readFileAt, resolveRef } from "#server/code/index.ts";
import { type Actor, setMember, systemActor } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { prisma } from "#server/platform/db.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { runJob } from "#server/platform/testing/jobs.ts";
import { createPerson, somePeople } from "#server/platform/testing/people.ts";
import { createRun, logBatch, updateRun, uploadArtifact } from "#server/tracking/index.ts";
import {
  claimStep,
  finishAttempt,
  forkRun,
  getRun as getPipelineRun,
  getRunOrigin,
  jobs,
  listReproductions,
  listRunEnvironments,
  recordAttemptOrigin,
  reproduceRun,
  startRun,
} from "./index.ts";

testDatabase();

const WORKER = uuidv7();
const PIPELINE = `version: 1
name: demo
params: {seed: 7}
steps:
  train: {run: "node train.js --seed \${params.seed}"}
`;
const HARDWARE = {
  host: "box",
  platform: "linux x64",
  release: "6.1",
  processor: "Fast",
  cores: 8,
  memoryBytes: 1e9,
  coresGiven: 1,
  memoryLimitBytes: 5e8,
  gpus: [],
};
let people: Awaited<ReturnType<typeof somePeople>>;

beforeAll(async () => {
  people = await somePeople();
  const dir = mkdtempSync(path.join(os.tmpdir(), "repo-"));
  writeFileSync(path.join(dir, "pipeline.yaml"), PIPELINE);
  await createRepository(people.project.id, "Demo", { name: "Alice", email: "alice@example.org" }, dir);
  rmSync(dir, { recursive: true });
});

/** Plays the worker: takes the step, logs a run as its process would, and ends it. */
async function work(number: number, metrics: Record<string, number>, file: string): Promise<string> {
  const { alice, project } = people;
  const claimed = await claimStep({ id: WORKER, slots: 4, freeSlots: 4 });
  if (claimed?.run.number !== number) throw new Error(`the step of run ${number} was not ready`);
  await recordAttemptOrigin(claimed.attemptId, {
    command: ["node", "train.js", "--seed", "7"],
    node: "24.0.0",
    python: null,
    hardware: HARDWARE,
  });
  const step: Actor = {
    ...alice,
    kind: "token",
    token: {
      id: uuidv7(),
      scopes: ["tracking:read", "tracking:write"],
      projectId: project.id,
      step: { pipelineRunId: claimed.run.id, step: "train", commit: claimed.run.commit, datasetVersionIds: [] },
    },
  };
  const run = await createRun(step, project.id, { name: "candidate" });
  await logBatch(step, project.id, {
    runId: run.id,
    metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: 1, step: 0 })),
    params: [{ key: "seed", value: "7" }],
    tags: [],
  });
  await uploadArtifact(
    step,
    project.id,
    { owner: { kind: "run", id: run.id }, path: "card.json" },
    Readable.from([Buffer.from(`{"run_id": "${run.id}", "file": "${file}"}`)]),
  );
  await updateRun(step, project.id, { runId: run.id, status: "FINISHED", endTime: Date.now() });
  await finishAttempt(WORKER, claimed.attemptId, { status: "succeeded", reason: null, message: null });
  return run.id;
}

const start = async () => (await startRun(people.alice, people.project.slug, {})).number;
async function compared(number: number) {
  const { id } = await getPipelineRun(people.alice, people.project.slug, { number });
  await runJob(jobs, "pipelines.compare-reproduction", {
    projectId: people.project.id,
    runId: id,
    status: "succeeded",
  });
}

test("a run remembers command, versions, machine, seed and who, without having logged them", async () => {
  const { alice, bob, project } = people;
  const run = await work(await start(), { auc: 0.9 }, "x");
  const origin = await getRunOrigin(bob, project.slug, { run });
  expect(origin).toMatchObject({
    kind: "pipeline",
    code: { commit: await resolveRef(project.id, "main"), branch: "main", stated: false, dirty: false },
    environment: {
      node: "24.0.0",
      hardware: HARDWARE,
      seed: { name: "seed", value: "7" },
      command: "node train.js --seed 7",
      stated: false,
    },
    pipeline: { step: "train", attempt: 1, params: { seed: 7 }, trigger: "started by Alice" },
    who: { known: "Alice" },
    missing: [],
  });
  expect(origin.code.distance).toMatchObject({ branch: "main", behind: 0, files: [] });
  const outside = await createRun(alice, project.id, {
    name: "outside",
    tags: [
      { key: "mlflow.source.git.commit", value: "c0ffee" },
      { key: "mlflow.user", value: "ally" },
      { key: "mlflow.source.git.diff", value: "+ one line" },
    ],
  });
  await uploadArtifact(
    alice,
    project.id,
    { owner: { kind: "run", id: outside.id }, path: "model/requirements.txt" },
    Readable.from([Buffer.from("mlflow==3.4.0\n")]),
  );
  const said = await getRunOrigin(bob, project.slug, { run: outside.id });
  expect(said).toMatchObject({
    kind: "client",
    code: { commit: "c0ffee", stated: true, dirty: true, diff: "+ one line", distance: null },
    environment: { stated: true, packages: { mlflow: "3.4.0" }, hardware: null },
    who: { known: "Alice", stated: "ally" },
  });
  expect(said.missing.join(" ")).toMatch(/command.*does not hold the commit c0ffee.*no dataset version/);
  await expect(reproduceRun(alice, project.slug, { run: outside.id })).rejects.toMatchObject({ code: "conflict" });
  const beside = await listRunEnvironments(bob, project.slug, { runs: `${outside.id},${run}` });
  expect(beside.map((one) => [one.runId, one.stated])).toEqual([
    [outside.id, true],
    [run, false],
  ]);
});

test("a repetition that does the same is equal; one that does not shows in what", async () => {
  const { alice, bob, project } = people;
  const run = await work(await start(), { auc: 0.9, fit_seconds: 1 }, "x");
  const again = await reproduceRun(alice, project.slug, { run });
  expect(again).toMatchObject({ status: "running", tolerance: { absolute: 1e-9, relative: 1e-6, histories: false } });
  await expect(reproduceRun(alice, project.slug, { run })).rejects.toMatchObject({ code: "conflict" });
  const repeated = await work(again.pipelineRun, { auc: 0.9, fit_seconds: 2 }, "x");
  await compared(again.pipelineRun);
  const [equal] = await listReproductions(bob, project.slug, { run });
  expect(equal).toMatchObject({ status: "equal", runId: repeated });
  expect(equal?.result?.artifacts).toMatchObject([{ name: "card.json", verdict: "explained" }]);
  expect((await listReproductions(bob, project.slug, { run: repeated })).map((one) => one.id)).toEqual([equal?.id]);

  const other = await reproduceRun(alice, project.slug, { run });
  await work(other.pipelineRun, { auc: 0.8, fit_seconds: 2 }, "y");
  await compared(other.pipelineRun);
  const [different] = await listReproductions(bob, project.slug, { run });
  expect(different).toMatchObject({
    status: "different",
    summary: "2 differences: auc 0.9 against 0.8; file card.json.",
  });
  const actions = await prisma().auditEvent.findMany({ where: { subjectId: run }, orderBy: { id: "asc" } });
  expect(actions.map((event) => event.action).filter((action) => action.startsWith("run.repro"))).toEqual([
    "run.reproduction_started",
    "run.reproduced",
    "run.reproduction_started",
    "run.reproduced",
  ]);
});

test("another member forks a run: a branch at its commit with its parameters, under a free name", async () => {
  const { alice, bob, project } = people;
  const frank = await createPerson("Frank", ["scientist"]);
  await setMember(systemActor("test"), project.slug, { handle: frank.handle, role: "scientist" });
  const { number } = await startRun(alice, project.slug, { params: { seed: 42 } });
  const run = await work(number, { auc: 0.9 }, "x");
  const fork = await forkRun(frank, project.slug, { run });
  expect(fork).toMatchObject({ branch: "fork/candidate", path: "pipeline.yaml", changes: ["seed: 7 → 42"] });
  expect((await readFileAt(project.id, "fork/candidate", "pipeline.yaml"))?.toString()).toBe(
    PIPELINE.replace("seed: 7", "seed: 42"),
  );
  expect((await forkRun(alice, project.slug, { run })).branch).toBe("fork/candidate-2");
  await expect(forkRun(alice, project.slug, { run, branch: "main" })).rejects.toMatchObject({ code: "conflict" });
  await expect(forkRun(bob, project.slug, { run })).rejects.toMatchObject({ code: "forbidden" });
  expect(await prisma().auditEvent.count({ where: { subjectId: run, action: "run.forked" } })).toBe(2);
});

test("another project sees neither origin nor reproductions, and cannot ask for one", async () => {
  const { eve, bob, project, other } = people;
  const run = await work(await start(), { auc: 0.9 }, "x");
  const missing = { code: "not_found" };
  await expect(getRunOrigin(eve, other.slug, { run })).rejects.toMatchObject(missing);
  await expect(listReproductions(eve, other.slug, { run })).rejects.toMatchObject(missing);
  await expect(reproduceRun(eve, other.slug, { run })).rejects.toMatchObject(missing);
  await expect(forkRun(eve, other.slug, { run })).rejects.toMatchObject(missing);
  expect(await listRunEnvironments(eve, other.slug, { runs: [run] })).toEqual([]);
  await expect(reproduceRun(bob, project.slug, { run })).rejects.toMatchObject({ code: "forbidden" });
});
