import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { prisma } from "#server/platform/db.ts";
import { resetEnv } from "#server/platform/env.ts";
import { startQueue } from "#server/platform/jobs.ts";
import { log } from "#server/platform/log.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { assignAlias } from "./aliases.ts";
import { WEBHOOK_EVENTS, type WebhookEvent } from "./contract.ts";
import { deliver } from "./deliver-webhook.ts";
import {
  createModel,
  createWebhook,
  deleteAlias,
  deleteModel,
  deleteWebhook,
  getModel,
  getWebhookHealth,
  listDeliveries,
  listWebhooks,
  redeliver,
  registerVersion,
  renameModel,
  setAlias,
  testWebhook,
  updateModel,
  updateVersion,
  updateWebhook,
} from "./index.ts";
import { deliverWebhook } from "./jobs.ts";
import { isPublicAddress } from "./webhook-address.ts";

testDatabase();

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let people: Awaited<ReturnType<typeof somePeople>>;
let receiver: Server;
let url = "";
let answerWith = 200;
const received: Received[] = [];

beforeAll(async () => {
  people = await somePeople();
  receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      received.push({ headers: request.headers, body });
      response.writeHead(answerWith, answerWith === 302 ? { location: "http://127.0.0.1:1/" } : {}).end("thank you");
    });
  });
  await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
  const address = receiver.address();
  url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/hook`;
});
afterAll(() => new Promise<void>((done) => void receiver.close(() => done())));
beforeEach(async () => {
  received.length = 0;
  answerWith = 200;
  await prisma().webhook.deleteMany();
});

const hook = (events: readonly WebhookEvent[] = WEBHOOK_EVENTS, more: object = {}) =>
  createWebhook(people.alice, people.project.id, { name: "ci", url, events: [...events], secret: "shh", ...more });

/** Delivers what waits, as the worker does; the deliveries as they stand afterwards. */
async function deliverAll() {
  const waiting = await prisma().webhookDelivery.findMany({ where: { status: "waiting" }, orderBy: { id: "asc" } });
  for (const { id } of waiting) await deliver({ deliveryId: id }, { log }).catch(() => undefined);
  return await prisma().webhookDelivery.findMany({ orderBy: { id: "asc" } });
}
const told = () =>
  received.map(({ body }) => {
    const { entity, action, data } = JSON.parse(body) as { entity: string; action: string; data: unknown };
    return [`${entity}.${action}`, data];
  });

test("what happens in the registry is told, signed as MLflow signs, in the order in which it happened", async () => {
  const { alice, project } = people;
  await hook();
  await createModel(alice, project.id, { name: "told", tags: { a: "b" }, description: "about" });
  const version = await registerVersion(alice, project.id, { model: "told", source: "s3://x", tags: { t: "1" } });
  await updateVersion(alice, project.id, { name: "told", version: "1", tags: { k: "v" } });
  await updateVersion(alice, project.id, { name: "told", version: "1", tags: { k: null } });
  await setAlias(alice, project.id, { name: "told", alias: "trial", version: "1" });
  await deleteAlias(alice, project.id, { name: "told", alias: "trial" });
  await prisma().$transaction((tx) =>
    assignAlias(tx, { modelId: version.modelId, alias: "champion", versionId: version.id }),
  );
  await createModel(alice, project.id, { name: "hello", tags: { "mlflow.prompt.is_prompt": "true" } });
  await updateModel(alice, project.id, { name: "hello", tags: { x: "1" } });
  const prompt = { "mlflow.prompt.is_prompt": "true", "mlflow.prompt.text": "Hi {{x}}", n: "1" };
  await registerVersion(alice, project.id, { model: "hello", source: "prompt", tags: prompt });
  await setAlias(alice, project.id, { name: "hello", alias: "live", version: "1" });
  const deliveries = await deliverAll();
  expect(deliveries.every((one) => one.status === "delivered" && one.attempts === 1)).toBe(true);
  expect(told()).toEqual([
    ["registered_model.created", { name: "told", tags: { a: "b" }, description: "about" }],
    [
      "model_version.created",
      { name: "told", version: "1", source: "s3://x", run_id: null, tags: { t: "1" }, description: null },
    ],
    ["model_version_tag.set", { name: "told", version: "1", key: "k", value: "v" }],
    ["model_version_tag.deleted", { name: "told", version: "1", key: "k" }],
    ["model_version_alias.created", { name: "told", alias: "trial", version: "1" }],
    ["model_version_alias.deleted", { name: "told", alias: "trial" }],
    ["model_version_alias.created", { name: "told", alias: "champion", version: "1" }],
    ["prompt.created", { name: "hello", tags: { "mlflow.prompt.is_prompt": "true" }, description: null }],
    ["prompt_tag.set", { name: "hello", key: "x", value: "1" }],
    [
      "prompt_version.created",
      { name: "hello", version: "1", template: "Hi {{x}}", tags: { n: "1" }, description: null },
    ],
    ["prompt_alias.created", { name: "hello", alias: "live", version: "1" }],
  ]);
  for (const { headers, body } of received) {
    const [id, at] = [String(headers["x-mlflow-delivery-id"]), String(headers["x-mlflow-timestamp"])];
    const right = createHmac("sha256", "shh").update(`${id}.${at}.${body}`).digest("base64");
    expect(headers["x-mlflow-signature"]).toBe(`v1,${right}`);
    expect(Math.abs(Number(at) - Date.now() / 1000)).toBeLessThan(60);
  }
  expect(new Set(received.map(({ headers }) => headers["x-mlflow-delivery-id"])).size).toBe(received.length);
});

test("a change that is taken back tells nothing, and a webhook hears only what it asked for, while it is on", async () => {
  const { alice, project } = people;
  const other = await hook(["model_version.created"]);
  await expect(createModel(alice, project.id, { name: "told" })).rejects.toMatchObject({ code: "conflict" });
  await createModel(alice, project.id, { name: "quiet" });
  expect(await deliverAll()).toEqual([]);
  await updateWebhook(alice, project.id, { id: other.id, status: "DISABLED" });
  await registerVersion(alice, project.id, { model: "quiet" });
  expect(await deliverAll()).toEqual([]);
});

test("a receiver that fails for the moment is asked again, one that refuses is not; redirections are not followed", async () => {
  const { alice, project } = people;
  await hook(["registered_model.created"]);
  answerWith = 503;
  await createModel(alice, project.id, { name: "again" });
  expect(await deliverAll()).toMatchObject([{ status: "waiting", attempts: 1, responseStatus: 503 }]);
  expect(await deliverAll()).toMatchObject([{ status: "waiting", attempts: 2 }]);
  answerWith = 200;
  expect(await deliverAll()).toMatchObject([{ status: "delivered", attempts: 3, responseStatus: 200 }]);
  const ids = received.map(({ headers }) => headers["x-mlflow-delivery-id"]);
  expect(new Set(ids).size).toBe(1);
  for (const status of [400, 302]) {
    answerWith = status;
    await createModel(alice, project.id, { name: `refused ${status}` });
    expect((await deliverAll()).at(-1)).toMatchObject({ status: "failed", attempts: 1, responseStatus: status });
  }
  answerWith = 500;
  await createModel(alice, project.id, { name: "never" });
  for (let i = 0; i < 12; i++) await deliverAll();
  expect((await deliverAll()).at(-1)).toMatchObject({ status: "failed", attempts: 9, responseStatus: 500 });
});

test("a waiting delivery says when it is tried next, one that is settled does not", async () => {
  const { alice, dave, project } = people;
  const made = await hook(["registered_model.created"]);
  const first = async () =>
    (await listDeliveries(dave, project.id, { webhook: made.id })).deliveries.find(
      ({ data }) => nameOf(data) === "due",
    );
  const nameOf = (data: unknown) => (data as { name: string }).name;
  const before = Date.now();
  await createModel(alice, project.id, { name: "due" });
  expect((await first())?.nextTryAt).toBeGreaterThan(before - 1000);
  expect((await first())?.nextTryAt).toBeLessThan(Date.now() + 1000);
  // The queue itself, as a worker that takes everything and fails.
  const queue = await startQueue();
  const taken = await queue.fetch(deliverWebhook.name, { batchSize: 200 });
  expect((await first())?.nextTryAt).toBeNull();
  await queue.fail(
    deliverWebhook.name,
    taken.map((job) => job.id),
  );
  expect((await first())?.nextTryAt).toBeGreaterThan(Date.now());
  const health = await getWebhookHealth(dave, project.id, {});
  expect(health.find(({ webhookId }) => webhookId === made.id)?.last.nextTryAt).toBeGreaterThan(Date.now());
  await deliverAll();
  expect(await first()).toMatchObject({ status: "delivered", nextTryAt: null });
});

test("a test says what the receiver answered, and the secret never comes back", async () => {
  const { alice, project } = people;
  const made = await hook(["model_version_alias.created"]);
  expect(await testWebhook(alice, project.id, { id: made.id })).toEqual({
    success: true,
    responseStatus: 200,
    responseBody: "thank you",
    error: null,
  });
  expect(told()).toEqual([["model_version_alias.created", expect.objectContaining({ alias: "example_alias" })]]);
  answerWith = 418;
  expect(await testWebhook(alice, project.id, { id: made.id })).toMatchObject({ success: false, responseStatus: 418 });
  await updateWebhook(alice, project.id, { id: made.id, url: "http://127.0.0.1:1/" });
  expect(await testWebhook(alice, project.id, { id: made.id })).toMatchObject({
    success: false,
    error: expect.stringContaining("ECONNREFUSED"),
  });
  expect(JSON.stringify(await listWebhooks(alice, project.id, {}))).not.toContain("shh");
  const row = await prisma().webhook.findUniqueOrThrow({ where: { id: made.id } });
  expect(row.sealedSecret).toEqual(expect.any(String));
  expect(JSON.stringify(row)).not.toContain("shh");
  expect(JSON.stringify(await prisma().auditEvent.findMany({ where: { subjectId: made.id } }), text)).not.toContain(
    "shh",
  );
  await deleteWebhook(alice, project.id, { id: made.id });
  await expect(testWebhook(alice, project.id, { id: made.id })).rejects.toMatchObject({ code: "not_found" });
});
const text = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);

test("the page tells how each delivery went, and one that failed is sent again under its old id", async () => {
  const { alice, dave, project } = people;
  const made = await hook(["registered_model.created"]);
  expect(await getWebhookHealth(dave, project.id, {})).toEqual([]);
  await createModel(alice, project.id, { name: "heard" });
  await deliverAll();
  answerWith = 400;
  await createModel(alice, project.id, { name: "refused again" });
  await deliverAll();
  expect(await getWebhookHealth(dave, project.id, {})).toMatchObject([
    {
      webhookId: made.id,
      waiting: 0,
      delivered: 1,
      failed: 1,
      last: { status: "failed", responseStatus: 400, error: "The receiver answered 400." },
    },
  ]);
  const first = await listDeliveries(dave, project.id, { webhook: made.id, limit: 1 });
  expect(first.deliveries.map(({ data }) => data)).toMatchObject([{ name: "refused again" }]);
  const second = await listDeliveries(dave, project.id, { webhook: made.id, limit: 1, before: first.next ?? "" });
  expect(second).toMatchObject({ deliveries: [{ status: "delivered" }], next: null });
  const [failed] = (await listDeliveries(dave, project.id, { webhook: made.id, status: "failed" })).deliveries;
  const again = { webhook: made.id, delivery: failed?.id ?? "" };
  await updateWebhook(dave, project.id, { id: made.id, status: "DISABLED" });
  await expect(redeliver(dave, project.id, again)).rejects.toMatchObject({ code: "conflict" });
  await updateWebhook(dave, project.id, { id: made.id, status: "ACTIVE" });
  answerWith = 200;
  expect(await redeliver(dave, project.id, again)).toMatchObject({ status: "waiting", attempts: 0 });
  await expect(redeliver(dave, project.id, again)).rejects.toMatchObject({ code: "conflict" });
  await deliverAll();
  expect(received.at(-1)?.headers["x-mlflow-delivery-id"]).toBe(failed?.id);
  const { deliveries } = await listDeliveries(dave, project.id, { webhook: made.id });
  expect(deliveries.map(({ status, error }) => [status, error])).toEqual([
    ["delivered", null],
    ["delivered", null],
  ]);
});

test("another project's webhook is not there, and a viewer neither makes nor sees one", async () => {
  const made = await hook();
  const { eve, other, carol, project } = people;
  await expect(testWebhook(eve, other.id, { id: made.id })).rejects.toMatchObject({ code: "not_found" });
  await expect(deleteWebhook(eve, other.id, { id: made.id })).rejects.toMatchObject({ code: "not_found" });
  const input = { name: "x", url, events: [...WEBHOOK_EVENTS] };
  await expect(createWebhook(carol, project.id, input)).rejects.toMatchObject({ code: "forbidden" });
  // An address is often a secret by itself.
  await expect(listWebhooks(carol, project.id, {})).rejects.toMatchObject({ code: "forbidden" });
  await expect(listDeliveries(eve, other.id, { webhook: made.id })).rejects.toMatchObject({ code: "not_found" });
  await expect(redeliver(eve, other.id, { webhook: made.id, delivery: made.id })).rejects.toMatchObject({
    code: "not_found",
  });
});

test.each([
  ["8.8.8.8", true],
  ["2606:4700::1111", true],
  ["127.0.0.1", false],
  ["10.1.2.3", false],
  ["172.20.0.1", false],
  ["192.168.1.1", false],
  ["169.254.169.254", false],
  ["100.64.0.1", false],
  ["0.0.0.0", false],
  ["::1", false],
  ["::ffff:10.0.0.1", false],
  ["fd00::1", false],
  ["fe80::1", false],
  ["2002:a00:1::", false],
  ["64:ff9b::a00:1", false],
])("%s is public: %s", (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic);
});

test("in production a webhook goes to public addresses by https alone, unless inner ones are allowed", async () => {
  vi.stubEnv("TOUCHSTONE_ENV", "production");
  resetEnv();
  try {
    const inner = ["http://example.com/", url, "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.8/x"];
    for (const address of [...inner, "https://localhost/", "ftp://example.com", "nothing", "https://u:p@example.com"])
      await expect(hook(WEBHOOK_EVENTS, { url: address }), address).rejects.toMatchObject({ code: "invalid_input" });
    await hook(["registered_model.created"], { url: "https://example.com/hook" });
    // A row from before, or a name that now leads inside: judged again when it is connected to.
    const { id } = await hook(["registered_model.created"], { url: "https://example.com/hook" });
    await prisma().webhook.update({ where: { id }, data: { url } });
    expect(await testWebhook(people.alice, people.project.id, { id })).toMatchObject({ success: false });
    expect(received).toEqual([]);
    vi.stubEnv("WEBHOOK_PRIVATE", "1");
    resetEnv();
    expect(await testWebhook(people.alice, people.project.id, { id })).toMatchObject({ success: true });
  } finally {
    vi.unstubAllEnvs();
    resetEnv();
  }
});

test("a model is renamed and deleted only while nothing relies on it; its versions stay for lineage", async () => {
  const { alice, project } = people;
  const version = await registerVersion(alice, project.id, { model: "old", source: "x" });
  await setAlias(alice, project.id, { name: "old", alias: "trial", version: "1" });
  await renameModel(alice, project.id, { name: "old", newName: "new" });
  await expect(getModel(alice, project.id, { name: "old" })).rejects.toMatchObject({ code: "not_found" });
  expect((await getModel(alice, project.id, { name: "new" })).aliases).toEqual([{ alias: "trial", version: 1 }]);
  await createModel(alice, project.id, { name: "taken" });
  await expect(renameModel(alice, project.id, { name: "new", newName: "taken" })).rejects.toMatchObject({
    code: "conflict",
  });
  await deleteModel(alice, project.id, { name: "new" });
  await expect(getModel(alice, project.id, { name: "new" })).rejects.toMatchObject({ code: "not_found" });
  const kept = await prisma().modelVersion.findUniqueOrThrow({ where: { id: version.id }, include: { model: true } });
  expect(kept.model.name).toBe("new (deleted)");
  const fresh = await registerVersion(alice, project.id, { model: "new", source: "y" });
  expect(fresh.version).toBe(1);
  await assignAlias(prisma(), { modelId: fresh.modelId, alias: "champion", versionId: fresh.id });
  const refused = { code: "forbidden", message: expect.stringContaining("is its champion") };
  await expect(deleteModel(alice, project.id, { name: "new" })).rejects.toMatchObject(refused);
  await expect(renameModel(alice, project.id, { name: "new", newName: "newer" })).rejects.toMatchObject(refused);
});
