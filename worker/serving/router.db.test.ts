import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createToken, systemActor } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { pool, prisma } from "#server/platform/db.ts";
import { crown, registerOnnx } from "#server/platform/testing/champions.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import {
  changeArm,
  endArm,
  ensureEndpoint,
  listArms,
  resumeEndpoint,
  setFallback,
  startArm,
  stopEndpoint,
} from "#server/serving/index.ts";
import { columnsInputs } from "./testing/fixture.ts";
import { type Stack, startStack } from "./testing/stack.ts";

testDatabase();

// The whole serving process on a real database: what people do takes effect in it, and what it does is written down.
const SOON = { timeout: 8_000, interval: 10 };
/** The product promises a second; two shared cores may take their time, but it is announced and not polled. */
const ANNOUNCED_MS = 4_500;
const INFER = "/v2/models/columns/infer";
const platform = systemActor("test");
let people: Awaited<ReturnType<typeof somePeople>>;
let stack: Stack;
let token: { id: string; secret: string };
let ids: { first: string; second: string; endpoint: string };

beforeAll(async () => {
  people = await somePeople();
  const version = () => registerOnnx(platform, people.project.id, "columns");
  const [first, second] = [await version(), await version()];
  await version();
  await ensureEndpoint(platform, people.project.id, { modelId: first.modelId });
  await crown(second, people.alice, people.bob);
  await crown(first, people.alice, people.bob);
  const { id: endpoint } = await prisma().endpoint.findUniqueOrThrow({ where: { name: "columns" } });
  ids = { first: first.versionId, second: second.versionId, endpoint };
  token = await createToken(people.alice, people.project.slug, { name: "t", scopes: ["serving:predict"], days: 1 });
  stack = await startStack(uuidv7());
});
afterAll(() => stack.stop());
afterEach(async () => {
  for (const arm of await listArms(people.alice, people.project.slug, act))
    if (arm.state !== "ended") await endArm(people.alice, people.project.slug, { ...act, id: arm.id });
});

const ask = (change: object = {}, secret = token.secret) =>
  stack.post(INFER, secret, { inputs: columnsInputs(), ...change });
const answered = async () => {
  const { status, body } = await ask();
  return status === 200 ? (body.parameters as unknown as { arm: string }).arm : status;
};
const act = { name: "columns" };
/** How long it takes until requests are answered so, from when the act is done. */
async function until(wanted: string | number): Promise<number> {
  const started = performance.now();
  await expect.poll(answered, SOON).toBe(wanted);
  return performance.now() - started;
}
const start = (change: object) => startArm(people.alice, people.project.slug, { ...act, ...change } as never);

test("a canary begins, grows and ends within a second", async () => {
  const arm = await start({ kind: "canary", version: 2, share: 0.0001 });
  await changeArm(people.alice, people.project.slug, { ...act, id: arm.id, share: 1 });
  expect(await until("canary")).toBeLessThan(ANNOUNCED_MS);
  await endArm(people.alice, people.project.slug, { ...act, id: arm.id });
  expect(await until("champion")).toBeLessThan(ANNOUNCED_MS);
});

test("a stop takes effect within a second: 503, or the declared answer", async () => {
  await stopEndpoint(people.dave, people.project.slug, act);
  expect(await until(503)).toBeLessThan(ANNOUNCED_MS);
  await setFallback(people.alice, people.project.slug, { ...act, fallback: { label: "no", probabilities: [1, 0] } });
  expect(await until("fallback")).toBeLessThan(ANNOUNCED_MS);
  await resumeEndpoint(people.dave, people.project.slug, act);
  expect(await until("champion")).toBeLessThan(ANNOUNCED_MS);
});

test("an earlier champion is back within five seconds", async () => {
  const versions = await prisma().modelVersion.findMany({ orderBy: { version: "asc" } });
  const registered = versions.map((v) => ({
    projectId: v.projectId,
    modelId: v.modelId,
    versionId: v.id,
    version: v.version,
  }));
  await crown(registered[1]!, people.alice, people.bob);
  await expect.poll(async () => (await ask()).body.model_version, SOON).toBe("2");
  await crown(registered[0]!, people.alice, people.bob);
  const started = performance.now();
  await expect.poll(async () => (await ask()).body.model_version, SOON).toBe("1");
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("what was answered, shadowed and refused is written down with arm, entity and caller", async () => {
  await start({ kind: "canary", version: 2, share: 1 });
  const shadow = await start({ kind: "shadow", version: 3 });
  await expect.poll(answered, SOON).toBe("canary");
  await expect
    .poll(async () => {
      await ask({ id: `w-${uuidv7()}` });
      return (await pool().query("select 1 from serving_log.shadow_predictions limit 1")).rowCount;
    }, SOON)
    .toBe(1);
  const id = `row-${uuidv7()}`;
  await ask({ id, parameters: { entity_key: "customer-7" } });
  const wrong = { id, inputs: [{ name: "nothing" }], parameters: { entity_key: "customer-8" } };
  expect((await ask(wrong)).status).toBe(400);
  const read = async (sql: string) => (await pool().query<Record<string, unknown>>(sql, [id])).rows;
  await expect
    .poll(
      () =>
        read(
          "select arm, routed, entity_key, caller, version_id from serving_log.predictions where prediction_id = $1",
        ),
      SOON,
    )
    .toEqual([{ arm: 1, routed: true, entity_key: "customer-7", caller: token.id, version_id: ids.second }]);
  // A busy machine lets a shadow leave rows out, which is counted; this one may be among them.
  const shadows = await read("select arm_id, label from serving_log.shadow_predictions where prediction_id = $1");
  for (const row of shadows) expect(row["arm_id"]).toBe(shadow.id);
  await expect
    .poll(
      async () =>
        (
          await pool().query<Record<string, unknown>>(
            "select status, arm, entity_key, caller, body from serving_log.request_errors where endpoint_id = $1 and entity_key = 'customer-8'",
            [ids.endpoint],
          )
        ).rows,
      SOON,
    )
    .toEqual([
      {
        status: 400,
        arm: 1,
        entity_key: "customer-8",
        caller: token.id,
        body: JSON.stringify({ inputs: wrong.inputs, id, parameters: wrong.parameters }),
      },
    ]);
});

test("a token is held to its limits, and its use is added up", async () => {
  const limits = { name: "slow", scopes: ["serving:predict" as const], days: 1, ratePerSecond: 5, rowsPerDay: 12 };
  const slow = await createToken(people.alice, people.project.slug, limits);
  const statuses = (await Promise.all(Array.from({ length: 12 }, () => ask({}, slow.secret)))).map(
    ({ status }) => status,
  );
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(5);
  await expect
    .poll(async () => (await ask({ inputs: columnsInputs(20) }, slow.secret)).body.error ?? "", {
      timeout: 8_000,
      interval: 400,
    })
    .toMatch(/^This token may ask for 12 rows a day \(UTC\)/);
  const used = async () =>
    (
      await pool().query<{ rows: string; limited: string }>(
        "select rows, limited from serving_log.token_days where token_id = $1",
        [slow.id],
      )
    ).rows[0];
  await expect.poll(async () => Number((await used())?.limited ?? 0), SOON).toBeGreaterThan(5);
  expect(Number((await used())?.rows)).toBeLessThanOrEqual(12);
});
