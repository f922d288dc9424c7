import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { jobs as governanceJobs } from "#server/governance/index.ts";
import {
  decide,
  getRequest,
  listRollbackTargets,
  requestPromotion,
  rollBack,
  writePolicy,
} from "#server/governance/index.ts";
import { createToken, systemActor } from "#server/identity/index.ts";
import { listInbox } from "#server/inbox/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { jobs as monitoringJobs } from "#server/monitoring/index.ts";
import { pool, prisma } from "#server/platform/db.ts";
import { log } from "#server/platform/log.ts";
import { crown, registerOnnx } from "#server/platform/testing/champions.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { runJob } from "#server/platform/testing/jobs.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import {
  changeArm,
  completeRolloutEarly,
  endArm,
  ensureEndpoint,
  getEndpoint,
  getRollout,
  listArms,
  pauseRollout,
  resumeRollout,
  revertRolloutByHand,
  startArm,
  watchRollouts,
} from "#server/serving/index.ts";
import { type Stack, startStack } from "./testing/stack.ts";

testDatabase();

// A model of a table with four numbers: `index` 0 is asked when a version is proven, callers ask for the others.
const FILE = path.join(import.meta.dirname, "../../server/registry/fixtures/lookup.onnx");
const TWENTY = Buffer.from(new Float32Array([20]).buffer);
/** Two shared cores may take their time; what must be quick is measured by itself. */
const SOON = { timeout: 60_000, interval: 100 };
const platform = systemActor("test");
let people: Awaited<ReturnType<typeof somePeople>>;
let stack: Stack;
let token: string;
let folder: string;
let project: string;

beforeAll(async () => {
  people = await somePeople();
  project = people.project.id;
  folder = mkdtempSync(path.join(tmpdir(), "rollouts-"));
  stack = await startStack(uuidv7());
  token = (await createToken(people.alice, project, { name: "test", scopes: ["serving:predict"], days: 1 })).secret;
});
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});

let name: string;
let modelId: string;
beforeEach(async () => {
  name = `m-${uuidv7().slice(-12)}`;
  const first = await registerOnnx(platform, project, name, FILE);
  modelId = first.modelId;
  await ensureEndpoint(platform, project, { modelId });
  await crown(first, people.alice, people.bob);
  await expect.poll(liveVersion, SOON).toBe("1");
}, 120_000);

/** The fixture with another number in the place of twenty; NaN is no answer, so a version with it fails every request for that row. */
function fileWith(value: number): string {
  const bytes = readFileSync(FILE);
  const at = bytes.indexOf(TWENTY);
  if (at < 0) throw new Error("the fixture has no twenty");
  bytes.writeFloatLE(value, at);
  const file = path.join(folder, `${value}-${uuidv7()}.onnx`);
  writeFileSync(file, bytes);
  return file;
}

async function ask(key?: string): Promise<{ status: number; version: string | undefined }> {
  const { status, body } = await stack.post(`/v2/models/${name}/infer`, token, {
    inputs: [{ name: "index", datatype: "INT64", shape: [1, 1], data: [1] }],
    ...(key === undefined ? {} : { parameters: { entity_key: key } }),
  });
  return { status, version: body.model_version };
}
const liveVersion = async () => (await ask()).version;
async function askTimes(n: number): Promise<{ ok: number; failed: number }> {
  const answers = await Promise.all(Array.from({ length: n }, () => ask()));
  const ok = answers.filter((answer) => answer.status === 200).length;
  return { ok, failed: n - ok };
}

function policy(rollout: string): string {
  return `version: 1\nmodel: ${name}\nchecks:\n  - {id: signature, type: signature}\nrollout: ${rollout}\n`;
}

/** Registers a version, requests it and has Bob approve it under this policy, as people do. */
async function approve(value: number, rollout: string) {
  await writePolicy(platform, project, { text: policy(rollout) });
  const version = await registerOnnx(platform, project, name, fileWith(value));
  await prisma().modelVersion.update({ where: { id: version.versionId }, data: { incomplete: [] } });
  const { number, id } = await requestPromotion(people.alice, project, {
    model: name,
    version: String(version.version),
  });
  await runJob(governanceJobs, "governance.evaluate-request", { projectId: project, requestId: id, evaluation: 1 });
  const request = await getRequest(people.bob, project, { number });
  const { status } = await decide(people.bob, project, { number, vote: "approve", digest: request.digest ?? "" });
  return { ...version, number, requestId: id, status };
}
const rolloutOf = async (number: number, actor = people.bob) => await getRollout(actor, project, { number });
async function code(act: Promise<unknown>): Promise<string> {
  const error = await act.then(
    () => null,
    (caught: unknown) => caught,
  );
  return isAppError(error) ? error.code : String(error);
}
/** Looks as the worker does, with traffic, until the rollout is in a state. */
async function untilState(number: number, state: string, seconds = 120): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    await watchRollouts(log);
    const rollout = await rolloutOf(number);
    if (rollout?.state === state) return;
    if (Date.now() > end) throw new Error(`still ${rollout?.state}: ${JSON.stringify(rollout)}`);
    await askTimes(20);
    await sleep(200);
  }
}

describe("a challenger that fails on every request", () => {
  test("gives its traffic back by itself, and everybody is told", async () => {
    const endpoint = await prisma().endpoint.findUniqueOrThrow({ where: { name } });
    await prisma().monitor.create({ data: { projectId: project, endpointId: endpoint.id, name, config: {} } });
    const { number, requestId, versionId, status, version } = await approve(
      Number.NaN,
      "{steps: [{share: 0.5, minutes: 5}], guards: {min_requests: 1000}}",
    );
    expect(status).toBe("rolling_out");
    await watchRollouts(log);
    expect(await listArms(people.carol, project, { name })).toMatchObject([{ kind: "canary", version, share: 0.5 }]);
    await expect.poll(async () => (await askTimes(20)).failed, SOON).toBeGreaterThan(0);
    const failing = Date.now();
    await untilState(number, "reverted");
    await expect.poll(async () => (await askTimes(20)).failed, SOON).toBe(0);
    const seconds = (Date.now() - failing) / 1000;
    log.warn({ seconds }, "from the first failed request to none");
    expect(seconds).toBeLessThan(15);
    expect(await askTimes(100)).toEqual({ ok: 100, failed: 0 });
    expect(await getRequest(people.carol, project, { number })).toMatchObject({
      status: "reverted",
      decisions: [{ voidReason: "the rollout was reverted" }],
      challenger: { state: "rejected", aliases: [] },
    });
    expect(await rolloutOf(number, people.carol)).toMatchObject({
      reason: expect.stringMatching(/^The challenger failed \d+ of \d+ \(100%\), the champion 0 of \d+/),
      endedBy: "Touchstone",
      share: 0,
    });
    const event = await prisma().auditEvent.findFirstOrThrow({
      where: { action: "rollout.reverted", subjectId: requestId },
    });
    expect(event.details).toMatchObject({ reading: { guards: [{ guard: "errors", state: "breached" }] } });
    for (const person of [people.alice, people.bob])
      expect((await listInbox(person, {})).items.map((item) => item.title)).toContain(
        `The rollout of ${name} version ${version} was reverted`,
      );
    const told = { projectId: project, modelId, modelName: name, versionId, version, requestId, requestNumber: number };
    for (let twice = 0; twice < 2; twice++)
      await runJob(monitoringJobs, "monitoring.follow-reverted-rollout", {
        ...{ ...told, reason: "it failed", by: "guard", byName: "Touchstone" },
      });
    const alerts = await prisma().alert.findMany({ where: { projectId: project, kind: "rollout" } });
    expect(alerts).toMatchObject([
      { title: expect.stringContaining("rollout was reverted"), promotionRequestId: requestId },
    ]);
  }, 300_000);

  test("cannot be put back by an edit of the database", async () => {
    const { number, requestId, version } = await approve(Number.NaN, "{steps: [{share: 0.5, minutes: 5}]}");
    await watchRollouts(log);
    await revertRolloutByHand(people.dave, project, { number, reason: "wrong file" });
    await expect.poll(async () => (await askTimes(20)).failed, SOON).toBe(0);
    await pool().query("update promotion_requests set status = 'rolling_out' where id = $1", [requestId]);
    await pool().query("update endpoint_arms set ended_at = null where request_id = $1", [requestId]);
    await sleep(6_000);
    expect(await askTimes(40)).toEqual({ ok: 40, failed: 0 });
    const [arm] = await listArms(people.carol, project, { name });
    expect(arm).toMatchObject({ version, problem: expect.stringContaining("0 of 1 signed approval") });
    await pool().query("update promotion_requests set status = 'reverted' where id = $1", [requestId]);
  }, 240_000);
});

test("a good challenger goes through its steps and becomes champion", async () => {
  const { number, version } = await approve(
    21,
    "{steps: [{share: 0.2, minutes: 0}, {share: 0.6, minutes: 0.02}], guards: {min_requests: 20, latency: {p95_ms: 10000}}}",
  );
  await watchRollouts(log);
  await expect.poll(async () => (await listArms(people.carol, project, { name }))[0]?.share, SOON).toBe(0.2);
  // Sticky: a growing share keeps those who have it.
  const keys = Array.from({ length: 60 }, (_, i) => `customer ${i}`);
  const versionsOf = async () => await Promise.all(keys.map(async (key) => (await ask(key)).version));
  await expect.poll(async () => (await versionsOf()).includes(String(version)), SOON).toBe(true);
  const before = await versionsOf();
  await untilState(number, "completed");
  expect(before.filter((v) => v === String(version)).length).toBeLessThan(30);
  await expect.poll(liveVersion, SOON).toBe(String(version));
  const rollout = await rolloutOf(number, people.carol);
  expect(rollout?.history.map((step) => step.share)).toEqual([0.2, 0.6]);
  for (const step of rollout?.history ?? []) expect(step.requests).toBeGreaterThanOrEqual(20);
  expect(rollout?.history.map((step) => step.errors)).toEqual([0, 0]);
  const request = await getRequest(people.carol, project, { number });
  expect(request).toMatchObject({ status: "completed", challenger: { state: "champion", aliases: ["champion"] } });
  expect(request.champion?.state).toBe("retired");
  expect((await listArms(people.carol, project, { name })).map((arm) => arm.state)).toEqual(["ended"]);
  await expect
    .poll(async () => (await getEndpoint(people.carol, project, { name })).live, SOON)
    .toMatchObject({ version, request: { number, approvedBy: ["Bob"] } });
  const actions = await prisma().auditEvent.findMany({
    where: { subjectId: request.id, action: { startsWith: "rollout." } },
    orderBy: { id: "asc" },
    select: { action: true },
  });
  expect(actions.map((event) => event.action)).toEqual(["rollout.started", "rollout.stepped", "rollout.completed"]);
}, 300_000);

test("without traffic a step never ends, and looks alone are no evidence", async () => {
  const { number } = await approve(22, "{steps: [{share: 0.5, minutes: 0}], guards: {min_requests: 10}}");
  for (let look = 0; look < 4; look++) await watchRollouts(log);
  expect(await rolloutOf(number)).toMatchObject({ state: "running", step: 0, timeLeftMs: 0, requestsLeft: 10 });
  expect((await prisma().rollout.findFirstOrThrow({ where: { requestNumber: number } })).looks).toBeLessThanOrEqual(2);
  await revertRolloutByHand(people.bob, project, { number, reason: "enough" });
}, 240_000);

describe("people", () => {
  test("pause, resume, revert and complete a rollout, each only who may", async () => {
    const { number, version } = await approve(
      23,
      "{steps: [{share: 0.1, minutes: 60}], guards: {min_requests: 10}, complete_early: true}",
    );
    await watchRollouts(log);
    expect(await code(pauseRollout(people.carol, project, { number }))).toBe("forbidden");
    expect(await code(pauseRollout(people.alice, project, { number }))).toBe("forbidden");
    expect(await code(pauseRollout(people.eve, project, { number }))).toBe("not_found");
    expect(await code(resumeRollout(people.bob, project, { number }))).toBe("conflict");
    await pauseRollout(people.dave, project, { number, reason: "let us wait" });
    expect(await rolloutOf(number)).toMatchObject({
      state: "paused",
      may: { pause: false, resume: true, revert: true },
    });
    expect(await code(pauseRollout(people.bob, project, { number }))).toBe("conflict");
    await resumeRollout(people.bob, project, { number });
    expect(await code(completeRolloutEarly(people.dave, project, { number, reason: "x" }))).toBe("forbidden");
    expect(await code(completeRolloutEarly(people.bob, project, { number, reason: "" }))).toBe("invalid_input");
    expect(await rolloutOf(number, people.alice)).toMatchObject({
      may: { pause: false, revert: false, complete: false },
    });
    await completeRolloutEarly(people.bob, project, { number, reason: "seen enough" });
    await expect.poll(liveVersion, SOON).toBe(String(version));
    expect(await code(revertRolloutByHand(people.bob, project, { number, reason: "late" }))).toBe("conflict");
  }, 240_000);

  test("do not change the arms of a rollout past its steps, nor approve a second one", async () => {
    const { number, version } = await approve(24, "{steps: [{share: 0.1, minutes: 60}]}");
    await watchRollouts(log);
    const [arm] = await listArms(people.alice, project, { name });
    const id = arm?.id ?? "";
    expect(arm).toMatchObject({ isRollingOut: true, request: { number } });
    expect(await code(changeArm(people.alice, project, { name, id, share: 0.9 }))).toBe("conflict");
    expect(await code(endArm(people.alice, project, { name, id }))).toBe("conflict");
    expect(await code(startArm(people.alice, project, { name, kind: "canary", version, share: 0.9 }))).toBe("conflict");
    expect(await code(requestPromotion(people.alice, project, { model: name, version: String(version) }))).toBe(
      "conflict",
    );
    expect(await code(completeRolloutEarly(people.bob, project, { number, reason: "now" }))).toBe("conflict");
    expect(await code(approve(25, "{steps: [{share: 0.2, minutes: 60}]}"))).toBe("conflict");
    await revertRolloutByHand(people.bob, project, { number, reason: "enough" });
  }, 240_000);
});

describe("rolling back", () => {
  test("reaches serving within five seconds, ends a rollout, and makes open requests stale", async () => {
    const second = await registerOnnx(platform, project, name, fileWith(30));
    await crown(second, people.alice, people.bob);
    await expect.poll(liveVersion, SOON).toBe("2");
    const open = await approve(31, "{steps: [{share: 0.3, minutes: 60}]}");
    await watchRollouts(log);
    expect(await code(rollBack(people.alice, project, { model: name, reason: "x" }))).toBe("forbidden");
    expect(await code(rollBack(people.carol, project, { model: name, reason: "x" }))).toBe("forbidden");
    expect(await code(rollBack(people.eve, project, { model: name, reason: "x" }))).toBe("not_found");
    expect(await code(rollBack(people.bob, project, { model: name, reason: " " }))).toBe("invalid_input");
    expect(await code(rollBack(people.bob, project, { model: name, reason: "x", version: 2 }))).toBe("conflict");
    expect(await code(rollBack(people.bob, project, { model: name, reason: "x", version: 3 }))).toBe("not_found");
    expect(await listRollbackTargets(people.carol, project, { model: name })).toMatchObject({
      current: 2,
      targets: [{ version: 1, approvedBy: ["Bob"], refused: null }],
    });
    const started = Date.now();
    expect(await rollBack(people.dave, project, { model: name, reason: "prices are wrong" })).toMatchObject({
      before: 2,
      version: 1,
      stale: [open.number],
    });
    await expect
      .poll(
        async () =>
          new Set(await Promise.all(Array.from({ length: 20 }, liveVersion))).size === 1 && (await liveVersion()),
        { timeout: 5_000, interval: 20 },
      )
      .toBe("1");
    const ms = Date.now() - started;
    log.warn({ ms }, "from the act to the answer");
    expect(ms).toBeLessThan(5_000);
    await watchRollouts(log);
    expect(await getRequest(people.carol, project, { number: open.number })).toMatchObject({ status: "stale" });
    expect(await rolloutOf(open.number)).toMatchObject({ state: "superseded" });
    expect((await listInbox(people.alice, {})).items.map((item) => item.title)).toContain(
      `Dave rolled ${name} back from version 2 to version 1`,
    );
    expect(await prisma().auditEvent.count({ where: { action: "champion.rolled_back", subjectId: { not: "" } } })).toBe(
      1,
    );
    // And forward again, to a version that is named.
    await rollBack(people.bob, project, { model: name, version: 2, reason: "it was the data" });
    await expect.poll(liveVersion, SOON).toBe("2");
  }, 240_000);

  test("is refused to a version whose approval holds no more", async () => {
    const second = await registerOnnx(platform, project, name, fileWith(40));
    await crown(second, people.alice, people.bob);
    await pool().query(
      "update decisions set signature = 'AAAA' where request_id in (select id from promotion_requests where model_id = $1 and version_id <> $2)",
      [modelId, second.versionId],
    );
    expect(await code(rollBack(people.bob, project, { model: name, reason: "x" }))).toBe("conflict");
    expect(await code(rollBack(people.bob, project, { model: name, reason: "x", version: 1 }))).toBe("conflict");
    expect((await listRollbackTargets(people.bob, project, { model: name })).targets[0]?.refused).toContain(
      "changed after it was given",
    );
  }, 240_000);
});
