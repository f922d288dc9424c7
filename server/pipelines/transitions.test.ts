import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { createRepository } from "#server/code/index.ts";
import { systemActor } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { pool, prisma } from "#server/platform/db.ts";
import { startQueue } from "#server/platform/jobs.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import type { AttemptOutcome } from "./end-attempt.ts";
import {
  appendLog,
  cancelRun,
  type ClaimedStep,
  claimStep,
  finishAttempt,
  getRun,
  issueAttemptToken,
  listPipelines,
  listRuns,
  readLog,
  recoverLostAttempts,
  renewLeases,
  rerun,
  startRun,
} from "./index.ts";

testDatabase();

const W1 = uuidv7();
const W2 = uuidv7();
const DONE: AttemptOutcome = { status: "succeeded", reason: null, message: null };
const FAILED: AttemptOutcome = { status: "failed", reason: "exit", message: "Exit code 1.", exitCode: 1 };

let people: Awaited<ReturnType<typeof somePeople>>;

const FILES = {
  "pipeline.yaml": `version: 1
name: diamond
params: {rate: 0.5, label: late, deep: true}
steps:
  a: {run: "true", outputs: {o: out/o}}
  b: {run: "true", needs: [a], retries: {max: 1, backoff: 1ms, on: [failed]}}
  c: {run: "true", matrix: {m: [1, 2]}, inputs: {i: a.o}}
  d: {run: "true", needs: [b, c]}
`,
  "single.pipeline.yaml": 'version: 1\nname: single\nsteps:\n  only: {run: "true"}\n',
  "lost.pipeline.yaml": 'version: 1\nname: lost\nsteps:\n  only: {run: "true", retries: 0}\n',
  "big.pipeline.yaml": 'version: 1\nname: big\nsteps:\n  only: {run: "true", resources: {cpu: 4}}\n',
  "data.pipeline.yaml": 'version: 1\nname: data\nsteps:\n  only: {run: "true", inputs: {x: "dataset:absent"}}\n',
  "wrong.pipeline.yaml": 'version: 1\nname: wrong\nsteps:\n  only: {rum: "true"}\n',
};

beforeAll(async () => {
  people = await somePeople();
  const dir = mkdtempSync(path.join(os.tmpdir(), "repo-"));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(dir, name), text);
  await createRepository(people.project.id, "Demo", { name: "Alice", email: "alice@example.org" }, dir);
  rmSync(dir, { recursive: true });
});
beforeEach(async () => {
  await prisma().pipelineRun.deleteMany();
});

const claim = (worker = W1, slots = 8, freeSlots = slots) => claimStep({ id: worker, slots, freeSlots });
const finish = (claimed: ClaimedStep | null, outcome: AttemptOutcome = DONE, worker = W1) =>
  finishAttempt(worker, claimed?.attemptId ?? "", outcome);
const start = (pipelinePath = "pipeline.yaml", input: object = {}) =>
  startRun(people.alice, people.project.slug, { pipelinePath, ...input });
const detail = (number: number) => getRun(people.alice, people.project.slug, { number });
const name = (claimed: ClaimedStep | null) =>
  claimed ? `${claimed.step.id}${claimed.matrixKey ? `(${claimed.matrixKey})` : ""}` : null;
async function states(number: number): Promise<Record<string, string>> {
  const { stepRuns } = await detail(number);
  return Object.fromEntries(stepRuns.map((s) => [s.matrixKey ? `${s.name}(${s.matrixKey})` : s.name, s.status]));
}

test("steps become ready when all they need has succeeded, and the run ends with its last", async () => {
  const { number } = await start();
  expect(await states(number)).toEqual({
    a: "ready",
    b: "pending",
    "c(m=1)": "pending",
    "c(m=2)": "pending",
    d: "pending",
  });
  const a = await claim();
  expect(name(a)).toBe("a");
  expect(await claim()).toBeNull();
  const stored = { sha256: "0".repeat(64), sizeBytes: 1, kind: "file", path: "out/o", files: 1 } as const;
  expect(await finish(a, { ...DONE, outputs: { o: stored }, peakRssBytes: 1234 })).toBe(true);

  const [b, c1, c2] = [await claim(), await claim(), await claim()];
  expect([b, c1, c2].map(name)).toEqual(["b", "c(m=1)", "c(m=2)"]);
  expect(c2?.matrix).toEqual({ m: 2 });
  expect(c1?.upstream["a"]).toEqual([{ o: stored }]);
  await finish(c1);
  await finish(b);
  expect((await states(number))["d"]).toBe("pending");
  await finish(c2);
  await finish(await claim());

  const run = await detail(number);
  expect(run.status).toBe("succeeded");
  expect(run.steps).toEqual({ total: 5, done: 5 });
  expect(run.edges).toHaveLength(6);
  expect(run.stepRuns[0]?.attempts[0]).toMatchObject({ number: 1, status: "succeeded", peakRssBytes: 1234 });
  const actions = (await prisma().auditEvent.findMany({ where: { subjectId: run.id }, orderBy: { id: "asc" } })).map(
    (e) => e.action,
  );
  expect(actions).toEqual(["pipeline-run.started", "pipeline-run.succeeded"]);
});

test("the end of a run is published once", async () => {
  const boss = await startQueue();
  await boss.createQueue("heard");
  await boss.subscribe("pipeline-run.finished", "heard");
  const { id } = await start("single.pipeline.yaml");
  await finish(await claim());
  const heard = await boss.fetch("heard", { batchSize: 10 });
  await boss.unsubscribe("pipeline-run.finished", "heard");
  expect(heard.map((job) => job.data)).toEqual([{ projectId: people.project.id, runId: id, status: "succeeded" }]);
});

test("a failed step is retried as its file says, then fails with all that depends on it; the rest goes on", async () => {
  const { number } = await start();
  await finish(await claim());
  const b = await claim();
  await finish(b, FAILED);
  expect((await states(number))["b"]).toBe("ready");
  await sleep(5);
  const cells = [await claim(), await claim()];
  const again = await claim();
  expect(name(again)).toBe("b");
  expect(again?.attempt).toBe(2);
  await finish(again, FAILED);
  expect(await states(number)).toMatchObject({ b: "failed", "c(m=1)": "running", d: "skipped" });
  for (const cell of cells) await finish(cell);
  const run = await detail(number);
  expect(run.status).toBe("failed");
  expect(run.error).toBe("b: Exit code 1.");
  expect(run.stepRuns.find((s) => s.name === "b")?.attempts.map((x) => x.status)).toEqual(["failed", "failed"]);
  const inbox = await prisma().inboxItem.findMany({ where: { userId: people.alice.userId, kind: "run" } });
  expect(inbox.some((item) => item.title === `Run ${number} of diamond failed`)).toBe(true);
});

test("a failed gate is never retried", async () => {
  const { number } = await start();
  await finish(await claim());
  await finish(await claim(), { status: "failed", reason: "gate", message: "auc is 0.5" });
  expect((await states(number))["b"]).toBe("failed");
});

test("two workers that claim at the same time never get the same step", async () => {
  await start();
  await finish(await claim());
  const claims = await Promise.all(Array.from({ length: 12 }, (_, i) => claim(i % 2 === 0 ? W1 : W2)));
  const got = claims.map(name).filter((x) => x !== null);
  expect(got.sort()).toEqual(["b", "c(m=1)", "c(m=2)"]);
  expect(await prisma().stepAttempt.count({ where: { status: "running" } })).toBe(3);
});

test("steps that finish at the same time release their common child exactly once", async () => {
  for (let round = 0; round < 5; round++) {
    const { number } = await start();
    await finish(await claim());
    const three = [await claim(), await claim(), await claim()];
    expect(await Promise.all(three.map((c) => finish(c)))).toEqual([true, true, true]);
    expect((await states(number))["d"]).toBe("ready");
    await finish(await claim());
    expect((await detail(number)).status).toBe("succeeded");
  }
});

test("a step waits for as many free slots as it has processors, but runs alone on a smaller worker", async () => {
  await start("big.pipeline.yaml");
  expect(await claim(W1, 8, 3)).toBeNull();
  expect(await claim(W1, 2, 1)).toBeNull();
  expect(name(await claim(W1, 2, 2))).toBe("only");
});

async function expire(attemptId: string): Promise<void> {
  await pool().query("update step_attempts set lease_until = now() - interval '1 second' where id = $1", [attemptId]);
}

test("a dead worker's step is given back once, and what it still delivers is refused", async () => {
  const { number } = await start("single.pipeline.yaml");
  const first = await claim(W1);
  const token = await issueAttemptToken(first!, "process");
  expect(token).toMatch(/^tst_/);
  await expire(first!.attemptId);

  expect((await renewLeases(W1, [first!.attemptId])).held.size).toBe(0);
  expect((await Promise.all([recoverLostAttempts(), recoverLostAttempts()])).reduce((a, b) => a + b)).toBe(1);
  const token1 = await prisma().apiToken.findFirst({ where: { name: "step only" }, orderBy: { createdAt: "desc" } });
  expect(token1?.revokedAt).not.toBeNull();

  await sleep(1100); // the default back-off
  const second = await claim(W2);
  expect(second?.attempt).toBe(2);
  await appendLog({ workerId: W1, attemptId: first!.attemptId, projectId: people.project.id, seq: 9, text: "ghost" });
  expect(await finish(first, DONE, W1)).toBe(false);
  expect(await finish(second, DONE, W2)).toBe(true);
  const run = await detail(number);
  expect(run.status).toBe("succeeded");
  expect(run.stepRuns[0]?.attempts.map((x) => x.status)).toEqual(["lost", "succeeded"]);
  expect(await prisma().stepLogChunk.count({ where: { text: "ghost" } })).toBe(0);
});

test("an expired lease cannot finish a step even before anybody noticed", async () => {
  await start("single.pipeline.yaml");
  const first = await claim(W1);
  await expire(first!.attemptId);
  expect(await finish(first, DONE, W1)).toBe(false);
});

test("without retries a lost step fails the run and says why", async () => {
  const { number } = await start("lost.pipeline.yaml");
  await expire((await claim())!.attemptId);
  await recoverLostAttempts();
  expect((await detail(number)).error).toBe("only: The worker that ran this step stopped answering.");
});

test("a worker that is stopped gives its steps back without using up an attempt", async () => {
  const { number } = await start("lost.pipeline.yaml");
  for (let i = 1; i <= 3; i++) {
    const claimed = await claim();
    expect(claimed?.attempt).toBe(i);
    await finish(claimed, { status: "lost", reason: "stopped", message: "The worker was stopped." });
  }
  await finish(await claim());
  expect((await detail(number)).status).toBe("succeeded");
});

test("cancelling ends what has not begun, marks the rest, and the run ends with its last process", async () => {
  const { number } = await start();
  await finish(await claim());
  const b = await claim();
  await cancelRun(people.alice, people.project.slug, { number });
  expect(await states(number)).toMatchObject({ a: "succeeded", b: "running", "c(m=1)": "cancelled", d: "cancelled" });
  expect((await renewLeases(W1, [b!.attemptId])).cancelled.has(b!.attemptId)).toBe(true);
  expect(await claim()).toBeNull();
  await finish(b, { status: "cancelled", reason: "cancelled", message: "The run was cancelled." });
  const run = await detail(number);
  expect([run.status, run.cancelledBy]).toEqual(["cancelled", "Alice"]);
  await expect(cancelRun(people.alice, people.project.slug, { number })).rejects.toMatchObject({ code: "conflict" });
});

test("a cancelled run whose worker died ends as cancelled, not as lost", async () => {
  const { number } = await start("single.pipeline.yaml");
  const only = await claim();
  await cancelRun(people.alice, people.project.slug, { number });
  await expire(only!.attemptId);
  await recoverLostAttempts();
  expect((await detail(number)).status).toBe("cancelled");
});

test("a run that nobody has begun is cancelled at once", async () => {
  const { number } = await start();
  await cancelRun(people.alice, people.project.slug, { number });
  expect((await detail(number)).status).toBe("cancelled");
});

test("a run can be repeated whole or from what failed, with the same commit, parameters and pins", async () => {
  const { number } = await start("pipeline.yaml", { params: { rate: 0.9 } });
  await finish(await claim());
  const three = [await claim(), await claim(), await claim()];
  await finish(three[1]!);
  await finish(three[2]!);
  await finish(three[0]!, { status: "failed", reason: "gate", message: "too low" });
  expect((await detail(number)).status).toBe("failed");

  const again = await rerun(people.alice, people.project.slug, { number, steps: "failed" });
  const run = await detail(again.number);
  expect(run.stepRuns.map((s) => [s.name, s.status, s.reusedFrom])).toEqual([
    ["a", "succeeded", number],
    ["b", "ready", null],
    ["c", "succeeded", number],
    ["c", "succeeded", number],
    ["d", "pending", null],
  ]);
  expect(run).toMatchObject({
    rerunOf: number,
    params: { rate: 0.9, label: "late", deep: true },
    trigger: { kind: "rerun", number },
  });
  await finish(await claim());
  await finish(await claim());
  expect((await detail(again.number)).status).toBe("succeeded");
  await expect(
    rerun(people.alice, people.project.slug, { number: again.number, steps: "failed" }),
  ).rejects.toMatchObject({ code: "conflict" });
  const whole = await rerun(people.alice, people.project.slug, { number });
  expect((await states(whole.number))["a"]).toBe("ready");
});

test("parameters keep their types, and names must be known", async () => {
  await expect(start("pipeline.yaml", { params: { rat: 1 } })).rejects.toMatchObject({
    code: "invalid_input",
    place: { field: "params.rat", remedy: "Did you mean 'rate'?" },
  });
  await expect(start("pipeline.yaml", { params: { rate: "high" } })).rejects.toMatchObject({
    place: { field: "params.rate" },
  });
  await expect(start("pipeline.yaml", { datasets: { flights: 2 } })).rejects.toMatchObject({
    place: { field: "datasets.flights" },
  });
});

test("what is missing or wrong is refused before there is a run", async () => {
  await expect(start("nowhere/pipeline.yaml")).rejects.toMatchObject({ code: "not_found" });
  await expect(start("pipeline.yaml", { ref: "no-such-branch" })).rejects.toMatchObject({ code: "not_found" });
  await expect(start("data.pipeline.yaml")).rejects.toMatchObject({ code: "not_found" });
  await expect(start("wrong.pipeline.yaml")).rejects.toMatchObject({
    message: "wrong.pipeline.yaml, line 4, column 10: Unknown key 'rum' in step 'only'.",
  });
  await expect(start("pipeline.yaml", { trigger: { kind: "alert", alertId: "x" } })).rejects.toMatchObject({
    code: "forbidden",
  });
  expect((await listRuns(people.alice, people.project.slug, {})).total).toBe(0);
});

test("the platform starts runs in its own name", async () => {
  const { number } = await startRun(systemActor("monitoring"), people.project.id, {
    pipelinePath: "single.pipeline.yaml",
    trigger: { kind: "alert", alertId: "a-1", reason: "carrier drifted" },
  });
  expect(await detail(number)).toMatchObject({
    createdBy: "monitoring",
    trigger: { kind: "alert", reason: "carrier drifted" },
  });
});

test("runs are numbered without gaps, also when started at the same time", async () => {
  const started = await Promise.all(Array.from({ length: 6 }, () => start("single.pipeline.yaml")));
  const numbers = started.map((r) => r.number).sort((a, b) => a - b);
  expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
});

test("pipeline files are found with their graph or their errors", async () => {
  const { files } = await listPipelines(people.alice, people.project.slug, {});
  expect(files.map((f) => f.path)).toContain("pipeline.yaml");
  expect(files.find((f) => f.path === "pipeline.yaml")?.preview?.steps.map((s) => s.id)).toEqual(["a", "b", "c", "d"]);
  expect(files.find((f) => f.path === "wrong.pipeline.yaml")?.problems[0]).toMatchObject({ line: 4, column: 10 });
});

test("scientists run, members see, viewers and strangers do neither", async () => {
  const { number } = await start("single.pipeline.yaml");
  const { project, bob, carol, dave, eve } = people;
  expect((await listRuns(bob, project.slug, {})).runs).toHaveLength(1);
  await expect(listRuns(carol, project.slug, {})).rejects.toMatchObject({ code: "forbidden" });
  for (const who of [bob, carol, dave]) {
    await expect(startRun(who, project.slug, {})).rejects.toMatchObject({ code: "forbidden" });
    await expect(cancelRun(who, project.slug, { number })).rejects.toMatchObject({ code: "forbidden" });
    await expect(rerun(who, project.slug, { number })).rejects.toMatchObject({ code: "forbidden" });
  }
  await expect(getRun(eve, project.slug, { number })).rejects.toMatchObject({ code: "not_found" });
});

test("what belongs to another project is not there", async () => {
  const { number } = await start("single.pipeline.yaml");
  const claimed = await claim();
  await appendLog({
    workerId: W1,
    attemptId: claimed!.attemptId,
    projectId: people.project.id,
    seq: 0,
    text: "secret\n",
  });
  const attempt = claimed!.attemptId;
  expect((await readLog(people.alice, people.project.slug, { number, attempt })).chunks[0]?.text).toBe("secret\n");
  const { eve, other } = people;
  await expect(getRun(eve, other.slug, { number })).rejects.toMatchObject({ code: "not_found" });
  await expect(readLog(eve, other.slug, { number, attempt })).rejects.toMatchObject({ code: "not_found" });
  await expect(cancelRun(eve, other.slug, { number })).rejects.toMatchObject({ code: "not_found" });
  await expect(rerun(eve, other.slug, { number })).rejects.toMatchObject({ code: "not_found" });
});
