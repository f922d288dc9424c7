import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createToken, systemActor } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { pool, prisma } from "#server/platform/db.ts";
import { announceNow } from "#server/platform/events.ts";
import { putFile } from "#server/platform/objects.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { crown, registerOnnx } from "#server/platform/testing/champions.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { ensureEndpoint, getEndpoint, readIntents, whyNotApproved } from "#server/serving/index.ts";
import { columnsInputs } from "./testing/fixture.ts";
import { servingPlan } from "./testing/plan.ts";
import { serve } from "./testing/serve.ts";
import { type Stack, startStack } from "./testing/stack.ts";

testDatabase();

// Somebody who may write to the database, and has no key, tries to get a version served that nobody approved.
const SOON = { timeout: 8_000, interval: 50 };
const platform = systemActor("test");
const body = { inputs: columnsInputs(1) };
let people: Awaited<ReturnType<typeof somePeople>>;
let stack: Stack;
let token: string;

beforeAll(async () => {
  people = await somePeople();
  stack = await startStack(uuidv7());
  // The page asks whether a serving process lives, which the worker around the service would tell.
  await prisma().worker.create({
    data: {
      id: uuidv7(),
      host: "test",
      pid: 1,
      roles: ["serving"],
      version: "1",
      slots: 1,
      heartbeatAt: new Date(Date.now() + 3_600_000),
    },
  });
  token = (await createToken(people.alice, people.project.id, { name: "test", scopes: ["serving:predict"], days: 1 }))
    .secret;
});
afterAll(async () => {
  await stack.stop();
});

let name: string;
let approved: Awaited<ReturnType<typeof registerOnnx>>;
let other: Awaited<ReturnType<typeof registerOnnx>>;
let request: { requestId: string; number: number };

beforeEach(async () => {
  name = `m-${uuidv7().slice(-12)}`;
  approved = await registerOnnx(platform, people.project.id, name);
  other = await registerOnnx(platform, people.project.id, name);
  await ensureEndpoint(platform, people.project.id, { modelId: approved.modelId });
  request = await crown(approved, people.alice, people.bob);
  await expect.poll(answered, SOON).toBe("1");
});

const answered = async () => {
  const { status, body: answer } = await stack.post(`/v2/models/${name}/infer`, token, body);
  return status === 200 ? answer.model_version : status;
};
/** What the endpoint's page says. */
const reason = async () => (await getEndpoint(people.carol, people.project.id, { name })).reason;
async function edit(sql: string, ...values: unknown[]): Promise<void> {
  await pool().query(sql, values);
  await announceNow({ projectId: people.project.id, topic: "models", id: approved.modelId });
}
async function expectRefused(because: string): Promise<void> {
  await expect.poll(answered, SOON).not.toBe("1");
  expect(await answered()).not.toBe("2");
  await expect.poll(reason, SOON).toContain(because);
  const [event] = await prisma().auditEvent.findMany({
    where: { action: "endpoint.failed" },
    orderBy: { id: "desc" },
    take: 1,
  });
  expect(event?.summary).toContain(because);
}
const moveAlias = async () =>
  await edit("update model_aliases set version_id = $1 where model_id = $2", other.versionId, other.modelId);

describe("nothing is served", () => {
  test("when the alias is moved to a version that nobody approved", async () => {
    await moveAlias();
    await expectRefused("Version 2 is champion, but no approved promotion request names it");
  });

  test("when the version's file is exchanged", async () => {
    const { sha256 } = await putFile(path.join(import.meta.dirname, "../../server/registry/fixtures/regression.onnx"));
    await edit("update model_versions set sha256 = $1 where id = $2", sha256, approved.versionId);
    await expectRefused("Bob approved the file");
  });

  test("when the approved request is pointed at another version", async () => {
    await edit("update promotion_requests set version_id = $1 where id = $2", other.versionId, request.requestId);
    await moveAlias();
    await expectRefused("Bob approved another version than this");
  });

  test("when a request is completed by hand, with or without an invented vote", async () => {
    await moveAlias();
    const { requestId } = await crown(other, people.alice, people.bob, { status: "ready", vote: "reject" });
    await edit("update promotion_requests set status = 'completed' where id = $1", requestId);
    await expectRefused("has 0 of 1 signed approval");
    await edit(
      "insert into decisions (id, request_id, user_id, user_name, vote, digest) select $1, id, $2, 'Bob', 'approve', digest from promotion_requests where id = $3",
      uuidv7(),
      people.bob.userId,
      requestId,
    );
    await expectRefused("by Bob is not signed");
  });

  test("when a real vote is copied from the request of another version", async () => {
    const { requestId } = await crown(other, people.alice, people.bob, { unsigned: true });
    await edit(
      `update decisions d set statement = s.statement, signature = s.signature, key_id = s.key_id, digest = s.digest
       from decisions s where s.request_id = $1 and d.request_id = $2`,
      request.requestId,
      requestId,
    );
    await edit(
      "update promotion_requests set digest = (select digest from promotion_requests where id = $1) where id = $2",
      request.requestId,
      requestId,
    );
    await expectRefused(`Bob gave it on request ${request.number}, not on this one`);
  });

  test("when a signed statement is rewritten to name the other version", async () => {
    const { requestId } = await crown(other, people.alice, people.bob, { unsigned: true });
    await edit(
      `update decisions d set signature = s.signature, key_id = s.key_id,
         statement = replace(replace(s.statement, $3, $4), $1, $2)
       from decisions s where s.request_id = $1::text::uuid and d.request_id = $2::text::uuid`,
      request.requestId,
      requestId,
      approved.versionId,
      other.versionId,
    );
    await expectRefused("changed after it was given");
  });

  test("when the requester votes, or too few do", async () => {
    await crown(other, people.alice, people.alice);
    await expectRefused("Alice may not decide on this request");
    await crown(other, people.alice, people.bob, { reviewers: 2 });
    await expectRefused("has 1 of 2 signed approvals");
  });

  test("when a vote became void, until the vote stands again", async () => {
    await edit("update decisions set voided_at = now() where request_id = $1", request.requestId);
    await expectRefused("has 0 of 1 signed approval");
    await edit("update decisions set voided_at = null where request_id = $1", request.requestId);
    await expect.poll(answered, SOON).toBe("1");
    await expect.poll(reason, SOON).toBeNull();
  });
});

test("the serving process believes no plan: it verifies the votes and the file's hash itself", async () => {
  const intent = (await readIntents()).find((one) => one.endpoint === name);
  const entry = intent?.plan.arms[0]?.entry;
  if (!entry?.approval) throw new Error("the plan has no approved entry");
  const serving = await serve({}, { whyNotApproved });
  const apply = async (change: Partial<typeof entry>) =>
    (await serving.applyPlan(servingPlan({ m: { ...entry, ...change } })))[0];
  const failed = (part: string) => ({ state: "failed", error: expect.stringContaining(part) as string });
  const proof = entry.approval;
  expect(await apply({ approval: undefined })).toMatchObject(failed("no signed approval came with it"));
  expect(await apply({ modelVersionId: other.versionId, version: 2 })).toMatchObject(
    failed("approved another version"),
  );
  expect(await apply({ sha256: "f".repeat(64) })).toMatchObject(failed("Bob approved the file"));
  expect(await apply({ projectId: people.other.id })).toMatchObject(failed("approved another version"));
  expect(await apply({ version: 1, approval: { ...proof, votes: [] } })).toMatchObject(
    failed("has 0 of 1 signed approval"),
  );
  expect(await apply({})).toMatchObject({ state: "live" });
  await serving.stop();
}, 30_000);
