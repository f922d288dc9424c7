import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { ExpectationsFile } from "#server/data/contract.ts";
import { addVersion, createDataset, jobs as dataJobs } from "#server/data/index.ts";
import { systemActor } from "#server/identity/index.ts";
import { listInbox } from "#server/inbox/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { hexId, uuidv7 } from "#server/kernel/ids.ts";
import { prisma } from "#server/platform/db.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import { log } from "#server/platform/log.ts";
import { putFile } from "#server/platform/objects.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { runJob } from "#server/platform/testing/jobs.ts";
import { createPerson, somePeople } from "#server/platform/testing/people.ts";
import { getVersion, registerVersion, setAlias, updateVersion } from "#server/registry/index.ts";
import { setMember } from "#server/identity/index.ts";
import { models } from "#worker/runtimes/models.ts";
import { PENGUINS, trainPenguins } from "#worker/serving/testing/penguins.ts";
import { ApprovalStatement } from "./contract.ts";
import { evaluateRequestJob } from "./evaluate-request.ts";
import {
  commentOnRequest,
  decide,
  findApprovals,
  getRequest,
  listRequests,
  listUnsignedApprovals,
  reevaluateRequest,
  requestPromotion,
  signApprovals,
  versionToApprove,
  withdrawRequest,
  writePolicy,
} from "./index.ts";
import { followVersionChangeJob } from "./void-approvals.ts";

testDatabase();

const seeder = systemActor("test");
const context: JobContext = { log, signal: new AbortController().signal, models };
let people: Awaited<ReturnType<typeof somePeople>>;
let second: Awaited<ReturnType<typeof createPerson>>;
let project: string;
let datasetVersionId: string;
let folder: string;
const files: string[] = [];

beforeAll(async () => {
  people = await somePeople();
  project = people.project.id;
  second = await createPerson("Rita", ["reviewer"]);
  await setMember(seeder, project, { handle: second.handle, role: "reviewer" });
  const expectations = ExpectationsFile.parse(
    parse(readFileSync(path.join(PENGUINS, "expectations.yaml"), "utf8")),
  ).rules;
  await createDataset(seeder, project, { name: "penguins", expectations, labelColumn: "species" });
  const filePath = path.join(PENGUINS, "data/penguins-2007-2008.csv");
  const version = await addVersion(seeder, project, {
    dataset: "penguins",
    filePath,
    fileName: "penguins.csv",
    origin: { kind: "seed", file: "penguins.csv" },
  });
  datasetVersionId = version.id;
  await runJob(dataJobs, "data.profile-version", { projectId: project, versionId: version.id });
  folder = mkdtempSync(path.join(os.tmpdir(), "touchstone-governance-"));
  for (const basis of ["linear", "quadratic"] as const) files.push((await trainPenguins(folder, basis)).entry.path);
  await writePolicy(seeder, project, { text: policy() });
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function policy(changes: { p95?: number; reviewers?: number; margin?: number } = {}): string {
  return `version: 1
model: penguins
checks:
  - {id: data, type: dataset, dataset: penguins}
  - {id: primary, type: holdout, dataset: penguins, where: "sample_number % 4 = 0", label: species, metric: accuracy, margin: ${changes.margin ?? 0.2}, min_n: 30, rows: penguins}
  - {id: signature, type: signature}
  - {id: latency, type: latency, p95_ms: ${changes.p95 ?? 500}, requests: 60}
approvals: {reviewers: ${changes.reviewers ?? 1}}
`;
}

/** A version as a pipeline run makes it: with run, commit and data. `file` chooses one of the two trained models. */
async function makeVersion(file: number): Promise<number> {
  const experiment = await prisma().experiment.findFirstOrThrow({ where: { projectId: project } });
  const runId = hexId();
  await prisma().run.create({
    data: {
      id: runId,
      projectId: project,
      experimentId: experiment.id,
      startTime: 0n,
      createdBy: people.alice.userId,
      commit: "a".repeat(40),
    },
  });
  const { sha256 } = await putFile(files[file] ?? "");
  const version = await registerVersion(people.alice, project, {
    model: "penguins",
    sha256,
    runId,
    datasetVersionId,
    description: `from test ${uuidv7()}`,
  });
  return version.version;
}

async function requested(file: number): Promise<number> {
  const version = await makeVersion(file);
  const { number } = await requestPromotion(people.alice, project, {
    model: "penguins",
    version: String(version),
    reason: "better",
  });
  return number;
}

/** Carries out the checks that wait, as the worker does. */
async function evaluate(number: number): Promise<void> {
  const request = await prisma().promotionRequest.findFirstOrThrow({ where: { projectId: project, number } });
  await evaluateRequestJob({ projectId: project, requestId: request.id, evaluation: request.evaluation }, context);
}

async function refusal(act: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await act.then(
    () => new Error("it was not refused"),
    (e: unknown) => e,
  );
  if (!isAppError(error)) throw error;
  return { code: error.code, message: error.message };
}
const digestOf = async (number: number): Promise<string> =>
  (await getRequest(people.bob, project, { number })).digest ?? "";

test("a first champion: checks, four eyes, approval bound to the evidence, alias moved, all recorded", async () => {
  const number = await requested(0);
  const before = await getRequest(people.bob, project, { number });
  expect(before).toMatchObject({
    status: "checking",
    mayDecide: { allowed: false, reason: "The checks are still running." },
  });
  await evaluate(number);
  const request = await getRequest(people.bob, project, { number });
  expect(request.checkResults.map((check) => [check.checkId, check.state])).toEqual([
    ["data", "passed"],
    ["primary", "passed"],
    ["signature", "passed"],
    ["latency", "passed"],
  ]);
  expect(request.status).toBe("ready");
  expect(request.challenger.aliases).toEqual(["challenger"]);
  expect((await listInbox(people.bob, {})).items.map((item) => item.kind)).toContain("review");

  const vote = { number, vote: "approve" as const, digest: request.digest ?? "" };
  expect(await refusal(decide(people.alice, project, vote))).toMatchObject({ code: "forbidden" });
  expect(await refusal(decide(people.dave, project, vote))).toMatchObject({ code: "forbidden" });
  expect(await refusal(decide(people.carol, project, vote))).toMatchObject({ code: "forbidden" });
  expect(await refusal(decide(seeder, project, vote))).toMatchObject({ code: "forbidden" });
  expect(await refusal(decide(people.eve, project, vote))).toMatchObject({ code: "not_found" });
  expect(await refusal(decide(people.bob, project, { ...vote, vote: "reject" }))).toMatchObject({
    code: "invalid_input",
  });
  expect((await getVersion(people.alice, project, { name: "penguins", version: "1" })).state).toBe("challenger");

  await commentOnRequest(people.bob, project, { number, body: "Looks right." });
  expect(await decide(people.bob, project, vote)).toEqual({ number, status: "completed" });
  expect(await getVersion(people.carol, project, { name: "penguins", version: "@champion" })).toMatchObject({
    version: 1,
    state: "champion",
    aliases: ["champion"],
  });
  const actions = await prisma().auditEvent.findMany({
    where: { projectId: project, subjectType: { in: ["promotion-request", "model-version"] } },
    orderBy: { id: "asc" },
    select: { action: true },
  });
  expect(actions.map((event) => event.action)).toEqual([
    "model.registered",
    "promotion.requested",
    "promotion.ready",
    "promotion.commented",
    "promotion.approved",
    "champion.changed",
  ]);
  expect(
    await refusal(setAlias(people.alice, project, { name: "penguins", alias: "champion", version: "1" })),
  ).toMatchObject({ code: "forbidden", message: expect.stringContaining("Request one at") as string });
});

test("an approval is signed with its vote, and the audit trail carries the signature", async () => {
  const request = await getRequest(people.carol, project, { number: 1 });
  const [decision] = await prisma().decision.findMany({ where: { requestId: request.id } });
  expect(request.decisions).toMatchObject([
    { userName: "Bob", signature: { keyId: decision?.keyId, verifies: true, problem: null } },
  ]);
  const statement = ApprovalStatement.parse(JSON.parse(decision?.statement ?? ""));
  expect(statement).toMatchObject({
    projectId: project,
    versionId: request.challenger.id,
    version: 1,
    sha256: request.challenger.sha256,
    runtime: "onnx",
    requestNumber: 1,
    digest: request.digest,
    policy: request.policy.sha256,
    reviewers: 1,
    requestedBy: people.alice.userId,
    userId: people.bob.userId,
    at: decision?.createdAt.toISOString(),
  });
  expect(statement.barred).toContain(people.alice.userId);
  const event = await prisma().auditEvent.findFirstOrThrow({ where: { action: "promotion.approved" } });
  expect(event.details).toMatchObject({ signature: decision?.signature, keyId: decision?.keyId });
  const finding = async () =>
    (await findApprovals(prisma(), [await versionToApprove(prisma(), request.challenger.id)], "champion")).get(
      request.challenger.id,
    );
  expect(await finding()).toMatchObject({ approvedBy: ["Bob"], proof: { requestId: request.id } });
});

test("an approval from before there were signatures is signed once, if the rules of then and the audit trail bear it out", async () => {
  const request = await getRequest(people.carol, project, { number: 1 });
  const none = { statement: null, signature: null, keyId: null };
  await prisma().decision.updateMany({ where: { requestId: request.id }, data: none });
  const shown = async () => (await getRequest(people.carol, project, { number: 1 })).decisions.map((d) => d.signature);
  expect(await shown()).toEqual([{ keyId: null, verifies: false, problem: "It is not signed." }]);
  const list = async () => await listUnsignedApprovals(seeder, {});
  expect(await list()).toMatchObject([{ request: 1, version: 1, approvedBy: "Bob", refused: null }]);

  const version = { where: { id: request.challenger.id } };
  await prisma().modelVersion.update({ ...version, data: { sha256: "f".repeat(64) } });
  expect(await list()).toMatchObject([{ refused: "the version names another file than the one that was approved" }]);
  await prisma().modelVersion.update({ ...version, data: { sha256: request.challenger.sha256 } });
  const invented = await prisma().decision.create({
    data: {
      ...{ requestId: request.id, userId: second.userId, userName: "Rita" },
      ...{ vote: "approve", digest: request.digest ?? "" },
    },
  });
  expect((await list()).map(({ approvedBy, refused }) => [approvedBy, refused])).toEqual([
    ["Bob", null],
    ["Rita", "the audit trail does not tell of it"],
  ]);
  expect((await refusal(signApprovals(people.bob, {}))).code).toBe("forbidden");
  await signApprovals(seeder, {});
  expect(await shown()).toMatchObject([{ verifies: true }, { verifies: false }]);
  expect(await prisma().auditEvent.count({ where: { action: "promotion.approval_signed", projectId: project } })).toBe(
    1,
  );
  await prisma().decision.delete({ where: { id: invented.id } });
  expect(await list()).toEqual([]);
});

test("a challenger is compared with the champion row by row, and the counts add up", async () => {
  const number = await requested(1);
  await evaluate(number);
  const request = await getRequest(people.bob, project, { number });
  const primary = request.checkResults.find((check) => check.checkId === "primary");
  if (primary?.evidence.kind !== "holdout") throw new Error("no hold-out evidence");
  const { table, n, difference, champion, challenger } = primary.evidence;
  expect(table && table.bothRight + table.bothWrong + table.onlyChampion + table.onlyChallenger).toBe(n);
  expect(difference).toBeCloseTo(((table?.onlyChallenger ?? 0) - (table?.onlyChampion ?? 0)) / n, 12);
  expect(difference).toBeCloseTo(challenger.value - (champion?.value ?? 0), 12);
  expect(primary.summary).toMatch(/^On \d+ penguins the challenger /);
  expect(["superior", "non_inferior", "inferior", "inconclusive"]).toContain(primary.verdict);
  await withdrawRequest(people.alice, project, { number });
  expect((await getVersion(people.alice, project, { name: "penguins", version: "2" })).aliases).toEqual([]);
});

test("a check that does not pass blocks the request, tells the author, and nobody can approve", async () => {
  await writePolicy(seeder, project, { text: policy({ p95: 0.000001 }) });
  const number = await requested(0);
  await evaluate(number);
  const request = await getRequest(people.bob, project, { number });
  expect(request.status).toBe("blocked");
  expect(request.checkResults.find((check) => check.checkId === "latency")).toMatchObject({ state: "failed" });
  expect(
    await refusal(decide(people.bob, project, { number, vote: "approve", digest: request.digest ?? "" })),
  ).toMatchObject({ code: "forbidden" });
  expect((await listInbox(people.alice, {})).items.some((item) => item.title.includes("is blocked"))).toBe(true);
  await withdrawRequest(people.alice, project, { number });
});

test("a changed policy voids the approvals given, checks anew, and bars its author", async () => {
  await writePolicy(seeder, project, { text: policy({ reviewers: 2 }) });
  const number = await requested(1);
  await evaluate(number);
  expect(await decide(people.bob, project, { number, vote: "approve", digest: await digestOf(number) })).toMatchObject({
    status: "ready",
  });
  expect(
    await refusal(decide(people.bob, project, { number, vote: "approve", digest: await digestOf(number) })),
  ).toMatchObject({ code: "forbidden" });
  await writePolicy(second, project, { text: policy({ reviewers: 2, margin: 0.3 }) });
  const changed = await getRequest(people.bob, project, { number });
  expect(changed).toMatchObject({ status: "checking", evaluation: 2, approvals: { given: 0, needed: 2 } });
  expect(changed.decisions[0]?.voidReason).toContain("the policy was changed");
  await evaluate(number);
  const again = await getRequest(second, project, { number });
  expect(again.mayDecide).toEqual({
    allowed: false,
    reason: "You last changed the policy, so another person must decide.",
  });
  await withdrawRequest(people.alice, project, { number });
});

test("a changed record of the version voids what was approved, and the old digest is refused", async () => {
  await writePolicy(seeder, project, { text: policy({ reviewers: 2, margin: 0.25 }) });
  const number = await requested(1);
  await evaluate(number);
  const digest = await digestOf(number);
  await decide(people.bob, project, { number, vote: "approve", digest });
  const { challenger } = await getRequest(people.bob, project, { number });
  await updateVersion(people.alice, project, {
    name: "penguins",
    version: String(challenger.version),
    description: "something else",
  });
  // Even before the worker has noticed, the vote meets the change.
  expect(await refusal(decide(second, project, { number, vote: "approve", digest }))).toMatchObject({
    code: "conflict",
  });
  const voided = await getRequest(people.bob, project, { number });
  expect(voided).toMatchObject({ status: "checking", evaluation: 2, approvals: { given: 0 } });
  await followVersionChangeJob({ projectId: project, versionId: challenger.id }, context);
  expect((await getRequest(people.bob, project, { number })).evaluation).toBe(2);
  await evaluate(number);
  expect(await digestOf(number)).not.toBe(digest);
  await reevaluateRequest(people.alice, project, { number });
  expect(await refusal(decide(people.bob, project, { number, vote: "approve", digest }))).toMatchObject({
    code: "forbidden",
  });
  await withdrawRequest(people.alice, project, { number });
});

test("two requests for one model: the first approval makes the other stale", async () => {
  await writePolicy(seeder, project, { text: policy({ reviewers: 1, margin: 0.24 }) });
  const [one, two] = [await requested(0), await requested(1)];
  await evaluate(one);
  await evaluate(two);
  const kept = await digestOf(two);
  await decide(people.bob, project, { number: one, vote: "approve", digest: await digestOf(one) });
  expect((await getRequest(people.bob, project, { number: two })).status).toBe("stale");
  expect(await refusal(decide(people.bob, project, { number: two, vote: "approve", digest: kept }))).toMatchObject({
    code: "forbidden",
  });
  const open = await listRequests(people.bob, project, { state: "open" });
  expect(open.map((request) => request.number)).toContain(two);
});

test("a second request for a version leads to the first", async () => {
  const version = String(await makeVersion(0));
  const { number } = await requestPromotion(people.alice, project, { model: "penguins", version, reason: "better" });
  await expect(
    requestPromotion(people.alice, project, { model: "penguins", version, reason: "again" }),
  ).rejects.toMatchObject({
    code: "conflict",
    place: { page: { href: `/p/${people.project.slug}/reviews/${number}`, label: `Open request ${number}` } },
  });
  await withdrawRequest(people.alice, project, { number });
});

test("an incomplete version cannot be requested, and what is missing is said", async () => {
  const { sha256 } = await putFile(files[0] ?? "");
  const bare = await registerVersion(people.alice, project, { model: "penguins", sha256 });
  expect(bare.incomplete).toHaveLength(3);
  expect(
    (await refusal(requestPromotion(people.alice, project, { model: "penguins", version: String(bare.version) })))
      .message,
  ).toContain("names no commit");
});

test("a broken policy names the line", async () => {
  const wrong = policy().replace("margin: 0.2", "margin: lots");
  const { code, message } = await refusal(writePolicy(people.bob, project, { text: wrong }));
  expect(code).toBe("invalid_input");
  expect(message).toMatch(/^line 5, column \d+: checks\.1\.margin: /);
  expect((await refusal(writePolicy(people.alice, project, { text: policy({ margin: 0.01 }) }))).code).toBe(
    "forbidden",
  );
});

test("nothing of it is seen from another project", async () => {
  expect((await refusal(listRequests(people.eve, project, {}))).code).toBe("not_found");
  expect((await refusal(getRequest(people.eve, people.other.id, { number: 1 }))).code).toBe("not_found");
});
