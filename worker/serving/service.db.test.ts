import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createToken, revokeToken, systemActor } from "#server/identity/index.ts";
import type { Scope } from "#server/identity/contract.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { pool, prisma } from "#server/platform/db.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { crown, registerOnnx } from "#server/platform/testing/champions.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { assignAlias } from "#server/registry/index.ts";
import {
  ensureEndpoint,
  getEndpoint,
  getEndpointTraffic,
  getPrediction,
  resumeEndpoint,
  stopEndpoint,
  tryEndpoint,
} from "#server/serving/index.ts";
import { columnsInputs } from "./testing/fixture.ts";
import { trainPenguins } from "./testing/penguins.ts";
import { type Stack, startStack } from "./testing/stack.ts";

testDatabase();

/** Two shared cores may take their time. */
const SOON = { timeout: 8_000 };

const platform = systemActor("test");
const row = {
  inputs: [
    ...Object.entries({ bill_length_mm: 39.1, bill_depth_mm: 18.7, flipper_length_mm: 181, body_mass_g: 3750 }).map(
      ([name, value]) => ({ name, datatype: "FP32", shape: [1, 1], data: [value] }),
    ),
    { name: "island", datatype: "BYTES", shape: [1, 1], data: ["Torgersen"] },
  ],
};
const INFER = "/v2/models/penguins/infer";
const OUTCOMES = "/v2/models/penguins/outcomes";
let people: Awaited<ReturnType<typeof somePeople>>;
let stack: Stack;
let folder: string;
let versions: Awaited<ReturnType<typeof registerOnnx>>[];
let token: string;

const tokenFor = async (actor: typeof people.alice, project: string, ...scopes: Scope[]) =>
  await createToken(actor, project, { name: "test", scopes, days: 1 });

beforeAll(async () => {
  people = await somePeople();
  folder = await mkdtemp(path.join(tmpdir(), "service-"));
  versions = [];
  for (const basis of ["linear", "quadratic"] as const) {
    const { entry } = await trainPenguins(folder, basis);
    versions.push(await registerOnnx(platform, people.project.id, "penguins", entry.path));
  }
  await ensureEndpoint(platform, people.project.id, { modelId: versions[0]?.modelId ?? "" });
  stack = await startStack(uuidv7());
  token = (await tokenFor(people.alice, people.project.slug, "serving:predict", "serving:outcomes")).secret;
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

const crowned = (i: number) => crown(versions[i] ?? versions[0]!, people.alice, people.bob);
const liveVersion = async () => (await stack.post(INFER, token, row)).body.model_version;

describe("a champion is served", () => {
  test("only once an approved request names it, and then at once", async () => {
    expect(await stack.post(INFER, token, row)).toMatchObject({
      status: 404,
      body: { error: expect.stringContaining("no live endpoint") },
    });
    await assignAlias(prisma(), {
      modelId: versions[0]!.modelId,
      alias: "champion",
      versionId: versions[0]!.versionId,
    });
    await sleep(300);
    expect((await stack.post(INFER, token, row)).status).toBe(404);
    const started = Date.now();
    const { number } = await crowned(0);
    await expect.poll(liveVersion, { interval: 20, timeout: 8_000 }).toBe("1");
    expect(Date.now() - started, "announced, not polled").toBeLessThan(4_500);
    await expect
      .poll(async () => (await getEndpoint(people.carol, people.project.slug, { name: "penguins" })).live, SOON)
      .toMatchObject({ version: 1, request: { number, approvedBy: ["Bob"] } });
  });

  test("the next one takes over under load without a failed request", async () => {
    const body = path.join(folder, "row.json");
    await writeFile(body, JSON.stringify(row));
    const script = path.join(import.meta.dirname, "../../bench/http-load.ts");
    const options = { port: stack.port, path: INFER, body, token, connections: 8, seconds: 5, warm: 0 };
    const child = spawn(process.execPath, [script, ...Object.entries(options).map(([k, v]) => `--${k}=${v}`)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const result = text(child.stdout);
    await sleep(1_000);
    for (const i of [1, 0, 1]) {
      await crowned(i);
      await expect.poll(liveVersion, { interval: 50, timeout: 8_000 }).toBe(String(i + 1));
      await sleep(200);
    }
    const { requests, statuses, broken } = JSON.parse(await result) as {
      requests: number;
      statuses: Record<string, number>;
      broken: number;
    };
    expect({ statuses, broken }).toEqual({ statuses: { 200: requests }, broken: 0 });
    expect(requests).toBeGreaterThan(100);
    const count = async () =>
      (await pool().query<{ n: number }>("select count(*)::int as n from serving_log.predictions")).rows[0]?.n ?? 0;
    // Every answer is logged: those of the load, and those that this test asked for.
    await expect.poll(count, SOON).toBeGreaterThanOrEqual(requests);
    const { deployments } = await getEndpoint(people.alice, people.project.slug, { name: "penguins" });
    expect(deployments.map((deployment) => [deployment.version, deployment.endedAt === null])).toEqual([
      [2, true],
      [1, false],
      [2, false],
      [1, false],
    ]);
  });
});

describe("tokens", () => {
  const status = async (secret: string | null, address = INFER, body: unknown = row) => {
    const answer = await stack.post(address, secret, body);
    return [answer.status, answer.body.error];
  };

  test("decide who may predict and who may tell outcomes", async () => {
    const outcomes = { outcomes: [{ id: "none", label: "Adelie" }] };
    const [predict, tell, foreign] = [
      (await tokenFor(people.alice, people.project.slug, "serving:predict")).secret,
      (await tokenFor(people.alice, people.project.slug, "serving:outcomes")).secret,
      (await tokenFor(people.eve, people.other.slug, "serving:predict", "serving:outcomes")).secret,
    ];
    expect(await status(null)).toEqual([401, expect.stringContaining("Authorization: Bearer")]);
    expect(await status("tst_nonsense")).toEqual([401, expect.stringContaining("valid API token")]);
    expect(await status(predict)).toEqual([200, undefined]);
    expect(await status(tell)).toEqual([403, expect.stringContaining("serving:predict")]);
    expect(await status(tell, OUTCOMES, outcomes)).toEqual([200, undefined]);
    expect(await status(predict, OUTCOMES, outcomes)).toEqual([403, expect.stringContaining("serving:outcomes")]);
    expect(await status(foreign)).toEqual([404, "There is no live endpoint named 'penguins'."]);
    expect(await status(foreign, OUTCOMES, outcomes)).toEqual([404, "There is no live endpoint named 'penguins'."]);
    expect((await stack.get("/v2/models/penguins", foreign)).status).toBe(404);
  });

  test("lose their power when the person does", async () => {
    const { secret, id } = await tokenFor(people.alice, people.project.slug, "serving:predict");
    expect((await status(secret))[0]).toBe(200);
    await revokeToken(people.alice, people.project.slug, { id });
    await expect.poll(async () => (await status(secret))[0], { timeout: 15_000, interval: 500 }).toBe(401);
  }, 20_000);

  test("the page's try is a real request, checked by the same rules", async () => {
    const request = { name: "penguins", form: "open-inference" as const, body: JSON.stringify(row) };
    const good = await tryEndpoint(people.alice, people.project.slug, request);
    expect(good).toMatchObject({ status: 200, body: { model_name: "penguins" } });
    expect(good.predictionIds).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    const wrong = await tryEndpoint(people.alice, people.project.slug, { ...request, body: '{"inputs": []}' });
    expect(wrong).toMatchObject({ status: 400, body: { error: expect.stringContaining("bill_length_mm") } });
    for (const [actor, code] of [
      [people.carol, "forbidden"],
      [people.bob, "forbidden"],
      [people.eve, "not_found"],
    ] as const)
      await expect(tryEndpoint(actor, people.project.slug, request)).rejects.toMatchObject({
        code,
      });
  });
});

describe("a prediction", () => {
  test("leads from its id to what was asked, answered and what happened", async () => {
    const id = `bird-${uuidv7()}`;
    const answer = await stack.post(INFER, token, { ...row, id, parameters: { event_time: "2009-11-16T00:00:00Z" } });
    expect(answer.body.parameters?.prediction_ids).toEqual([id]);
    // Told at once, faster than the log: it waits for it.
    expect(
      (
        await stack.post(OUTCOMES, token, {
          outcomes: [
            { id, label: "Gentoo" },
            { id: "no", label: "Gentoo" },
          ],
        })
      ).body,
    ).toEqual({
      accepted: 1,
      unknown: ["no"],
    });
    const found = await getPrediction(people.alice, people.project.slug, { name: "penguins", id });
    expect(found).toMatchObject({
      version: 2,
      eventTime: "2009-11-16T00:00:00.000Z",
      label: "Adelie",
      outcome: { label: "Gentoo" },
      lineage: { version: { model: "penguins", version: 2 } },
    });
    expect(found.features.map((feature) => feature.name)).toEqual(row.inputs.map((input) => input.name));
    expect(found.features.map((feature) => feature.value)).toEqual(row.inputs.map((input) => input.data[0]));
    expect(found.probabilities.reduce((sum, p) => sum + p.value, 0)).toBeCloseTo(1, 5);
  });
});

describe("stopping an endpoint", () => {
  test("answers 503 with who and why, takes outcomes, and resumes at once", async () => {
    const act = { name: "penguins", reason: "wrong scale" };
    await stopEndpoint(people.dave, people.project.slug, act);
    await expect.poll(async () => (await stack.post(INFER, token, row)).status, SOON).toBe(503);
    const { body } = await stack.post(INFER, token, row);
    expect(body.error).toMatch(/was stopped by Dave at .*: wrong scale\. It answers again/);
    expect((await stack.post(OUTCOMES, token, { outcomes: [{ id: "x", label: "Gentoo" }] })).status).toBe(200);
    const detail = () => getEndpoint(people.alice, people.project.slug, { name: "penguins" });
    await expect.poll(async () => (await detail()).live, SOON).toBeNull();
    await resumeEndpoint(people.dave, people.project.slug, { name: "penguins" });
    await expect.poll(async () => (await stack.post(INFER, token, row)).status, SOON).toBe(200);
    await expect.poll(async () => (await detail()).live?.version, SOON).toBe(2);
  });
});

test("a champion that cannot be loaded leaves the one before it in place, and the page says so", async () => {
  const other = await registerOnnx(
    platform,
    people.project.id,
    "penguins",
    path.join(import.meta.dirname, "../../package.json"),
  ).catch(() => null);
  expect(other, "what is no ONNX file is no version").toBeNull();
  const third = await registerOnnx(platform, people.project.id, "penguins");
  await prisma().modelVersion.update({ where: { id: third.versionId }, data: { sha256: "f".repeat(64) } });
  await crown(third, people.alice, people.bob);
  const problem = async () => (await prisma().endpoint.findUniqueOrThrow({ where: { name: "penguins" } })).problem;
  await expect.poll(problem, SOON).toContain("missing from the artifact store");
  await crowned(1);
  await expect.poll(problem, SOON).toBeNull();
  expect(await liveVersion()).toBe("2");
});

test("a process that is started again serves the same, and writes no new deployments", async () => {
  const before = await prisma().endpointDeployment.count();
  await stack.stop();
  await expect(stack.post(INFER, token, row)).rejects.toThrow("fetch failed");
  stack = await startStack(uuidv7());
  expect((await stack.post(INFER, token, row)).status).toBe(200);
  expect(await prisma().endpointDeployment.count()).toBe(before);
});

test("what was counted is there after a stop", async () => {
  const columns = await registerOnnx(platform, people.project.id, "columns");
  await ensureEndpoint(platform, people.project.id, { modelId: columns.modelId });
  await crown(columns, people.alice, people.bob);
  const address = "/v2/models/columns/infer";
  const good = { inputs: columnsInputs(2) };
  await expect.poll(async () => (await stack.get("/v2/models/columns/ready", token)).status, SOON).toBe(200);
  for (let i = 0; i < 5; i += 1) expect((await stack.post(address, token, good)).status).toBe(200);
  expect((await stack.post(address, token, { inputs: [] })).status).toBe(400);
  await stack.stop();
  const { total } = await getEndpointTraffic(people.carol, people.project.slug, { name: "columns" });
  expect(total).toMatchObject({ requests: 6, rows: 10, refused: 1, failed: 0, logDropped: 0 });
  expect(total.p95Ms).toBeGreaterThan(0);
  stack = await startStack(uuidv7());
});
