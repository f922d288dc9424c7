import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createToken, systemActor } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { pool } from "#server/platform/db.ts";
import { crown, registerOnnx } from "#server/platform/testing/champions.ts";
import { testDataDir } from "#server/platform/testing/database.ts";
import { ownCluster } from "#server/platform/testing/own-cluster.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { ensureEndpoint } from "#server/serving/index.ts";
import { columnsInputs } from "./testing/fixture.ts";
import { type Stack, startStack } from "./testing/stack.ts";

testDataDir();

const INFER = "/v2/models/columns/infer";
let cluster: Awaited<ReturnType<typeof ownCluster>>;
let stack: Stack;
let token: string;

beforeAll(async () => {
  cluster = await ownCluster();
  const people = await somePeople();
  const version = await registerOnnx(systemActor("test"), people.project.id, "columns");
  await ensureEndpoint(systemActor("test"), people.project.id, { modelId: version.modelId });
  await crown(version, people.alice, people.bob);
  const scopes = ["serving:predict" as const, "serving:outcomes" as const];
  token = (await createToken(people.alice, people.project.slug, { name: "t", scopes, days: 1 })).secret;
  stack = await startStack(uuidv7());
});
afterAll(async () => {
  await stack.stop();
  await cluster.remove();
});

test("no request fails while Postgres is away, and everything is logged when it is back", async () => {
  const statuses = new Map<number, number>();
  let sent = 0;
  const end = new AbortController();
  const caller = async () => {
    while (!end.signal.aborted) {
      const { status } = await stack.post(INFER, token, { inputs: columnsInputs(2), id: `r${(sent += 1)}` });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      await sleep(20);
    }
  };
  const callers = [caller(), caller(), caller()];
  await sleep(1_000);
  await cluster.stop();
  // Longer than a token is believed without a question, and longer than the plan's interval.
  await sleep(12_000);
  const during = sent;
  const outcome = { outcomes: [{ id: "r1:0", label: "yes" }] };
  expect(await stack.post("/v2/models/columns/outcomes", token, outcome)).toMatchObject({
    status: 503,
    body: { error: expect.stringContaining("Send them again") },
  });
  expect((await stack.post(INFER, "tst_unknown", { inputs: columnsInputs() })).status).toBe(503);
  await cluster.start();
  await sleep(3_000);
  end.abort();
  await Promise.all(callers);
  expect([...statuses]).toEqual([[200, sent]]);
  expect(during).toBeGreaterThan(50);
  const logged = async () =>
    (await pool().query<{ n: number }>("select count(distinct prediction_id)::int as n from serving_log.predictions"))
      .rows[0]?.n;
  await expect.poll(logged, { timeout: 15_000 }).toBe(2 * sent);
  expect((await stack.post("/v2/models/columns/outcomes", token, outcome)).body).toEqual({ accepted: 1, unknown: [] });
}, 60_000);
