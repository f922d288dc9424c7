import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRepository } from "#server/code/index.ts";
import { createToken } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { prisma } from "#server/platform/db.ts";
import { crown, registerOnnx } from "#server/platform/testing/champions.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { systemActor } from "#server/identity/index.ts";
import {
  ensureEndpoint,
  getService,
  listPublishableFiles,
  listServiceCalls,
  listServices,
  listTokenUsage,
  publishService,
  resumeService,
  stopService,
  tryService,
  unpublishService,
  updateService,
} from "#server/serving/index.ts";
import { readProcessTable } from "../../isolation/process-table.ts";
import { trainPenguins } from "../testing/penguins.ts";
import { type Stack, startStack } from "../testing/stack.ts";

testDatabase();

const SOON = { timeout: 90_000, interval: 200 };
const hasPython = spawnSync("python3", ["-c", "import sys; assert sys.version_info >= (3, 9)"]).status === 0;

const DESK = `
import { round } from "./rounding.ts";

export const input = {
  type: "object",
  required: ["island", "mass"],
  additionalProperties: false,
  properties: {
    island: { enum: ["Torgersen", "Biscoe", "Dream"] },
    mass: { type: "number", exclusiveMinimum: 0, examples: [3750] },
    secret: { type: "string" },
    act: { type: "string" },
  },
};
export const output = { type: "object", required: ["species"], properties: { species: { type: "string" } } };

interface Request { island: string; mass: number; act?: string }

export async function handle(request: Request, context: any) {
  if (request.act === "crash") process.exit(9);
  if (request.act === "throw") throw new TypeError("no such bird");
  if (request.act === "refuse") throw context.refuse("Only birds.", 422);
  if (request.act === "lie") return { species: 7 };
  if (request.act === "wait") await new Promise((resolve) => setTimeout(resolve, 20_000));
  if (request.act === "look") return { species: JSON.stringify(process.env) };
  const row = { bill_length_mm: 39.1, bill_depth_mm: 18.7, flipper_length_mm: 181, body_mass_g: request.mass, island: request.island };
  const [first, second] = await context.predict("penguins", [row, row]);
  const one = await context.predict(request.act === "stranger" ? "foreign" : "penguins", row);
  if (first.label !== one.label || second.label !== one.label) throw new Error("they differ");
  return { species: round(one.label) };
}
`;
const ADDER = `
INPUT = {"type": "object", "required": ["a", "b"], "properties": {"a": {"$ref": "#/$defs/n"}, "b": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"type": "number", "default": 2}}}
OUTPUT = {"type": "number"}

def handle(request, context):
    print("adding", request)
    if request["a"] == 0:
        return 1 / request["a"]
    if request["a"] < 0:
        raise context.refuse("a is negative", 400)
    return request["a"] + request["b"]
`;

let people: Awaited<ReturnType<typeof somePeople>>;
let stack: Stack;
let token: string;

beforeAll(async () => {
  people = await somePeople();
  const { project, alice } = people;
  const dir = mkdtempSync(path.join(os.tmpdir(), "services-"));
  const files = {
    "services/bird-desk.ts": DESK,
    "services/rounding.ts": "export const round = (text: string): string => text.trim();\n",
    "services/adder.py": ADDER,
    "services/broken.ts": "export const input = {};\n",
    "services/badschema.ts":
      'export const input = { type: "nonsense" };\nexport const output = {};\nexport function handle() {}\n',
    "services/slowschema.ts":
      'export const input = { type: "string", pattern: "^(a+)+$" };\nexport const output = {};\nexport const handle = () => 1;\n',
    "readme.md": "services\n",
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  await createRepository(project.id, "Services", { name: "Alice", email: await emailOf(alice.userId) }, dir);
  rmSync(dir, { recursive: true });
  const folder = mkdtempSync(path.join(os.tmpdir(), "birds-"));
  const { entry } = await trainPenguins(folder, "linear");
  const version = await registerOnnx(systemActor("test"), project.id, "penguins", entry.path);
  await crown(version, people.alice, people.bob);
  await ensureEndpoint(systemActor("test"), project.id, { modelId: version.modelId });
  rmSync(folder, { recursive: true });
  const id = uuidv7();
  await prisma().worker.create({
    data: {
      id,
      host: "test",
      pid: process.pid,
      roles: ["serving"],
      version: "1",
      slots: 1,
      heartbeatAt: new Date(Date.now() + 3_600_000),
    },
  });
  stack = await startStack(id);
  token = (await createToken(alice, project.slug, { name: "app", scopes: ["serving:predict"], days: 1 })).secret;
}, 240_000);
afterAll(() => stack.stop());

async function emailOf(userId: string | null): Promise<string> {
  return (await prisma().user.findUniqueOrThrow({ where: { id: userId ?? "" } })).email;
}

const ask = (name: string, body: unknown, secret: string | null = token) =>
  stack.post(`/services/${name}`, secret, body);
const detail = (name: string) => getService(people.bob, people.project.slug, { name });
const live = async (name: string) =>
  await expect.poll(async () => (await detail(name)).health, { ...SOON }).toBe("live");
const publish = (who: typeof people.alice, input: Parameters<typeof publishService>[2]) =>
  publishService(who, people.project.slug, input);

describe("publishing", () => {
  test("lists what can be published, and refuses one's own code, other branches and strange paths", async () => {
    const { alice, project } = people;
    const { files } = await listPublishableFiles(alice, project.slug, {});
    expect(files.map((file) => file.name)).toEqual([
      "adder",
      "badschema",
      "bird-desk",
      "broken",
      "rounding",
      "slowschema",
    ]);
    await expect(publish(alice, { path: "services/bird-desk.ts" })).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("Nobody publishes their own code"),
    });
    await expect(publish(people.bob, { path: "services/bird-desk.ts" })).rejects.toMatchObject({ code: "forbidden" });
    await expect(publish(people.dave, { path: "services/none.ts" })).rejects.toMatchObject({ code: "not_found" });
    await expect(publish(people.dave, { path: "src/x.ts" })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(publish(people.dave, { path: "services/adder.py", commit: "0".repeat(40) })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("puts a TypeScript service live, behind its token and schema, with an endpoint of the project at hand", async () => {
    await publish(people.dave, { path: "services/bird-desk.ts", redaction: { secret: "drop" }, timeoutMs: 2000 });
    await live("bird-desk");
    // What is published already is not offered again.
    expect((await detail("bird-desk")).newerCommit).toBeNull();
    const good = { island: "Torgersen", mass: 3750, secret: "s3cret" };
    expect(await ask("bird-desk", good)).toMatchObject({ status: 200, body: { species: "Adelie" } });
    expect(await ask("bird-desk", good, null)).toMatchObject({ status: 401 });
    expect(await ask("bird-desk", good, "tst_wrong")).toMatchObject({ status: 401 });
    expect(await ask("nothing", good)).toMatchObject({ status: 404 });
    const wrong = await ask("bird-desk", { island: "Mars", mass: "x", extra: 1 });
    expect(wrong.status).toBe(400);
    expect(wrong.body["issues"]).toEqual(
      expect.arrayContaining([
        { field: "mass", value: "x", message: "must be number", remedy: "Send number." },
        { field: "extra", message: "is not known", remedy: "Leave it out, or correct its name." },
        expect.objectContaining({
          field: "island",
          value: "Mars",
          remedy: 'Send one of ["Torgersen","Biscoe","Dream"].',
        }),
      ]),
    );
    expect(await ask("bird-desk", "no object")).toMatchObject({ status: 400 });
    const act = (name: string) => ask("bird-desk", { ...good, act: name });
    expect(await act("refuse")).toMatchObject({ status: 422, body: { error: "Only birds." } });
    expect(await act("throw")).toMatchObject({ status: 500, body: { error: expect.stringContaining("no such bird") } });
    expect(await act("lie")).toMatchObject({ status: 502, body: { error: expect.stringContaining("own schema") } });
    expect(await act("wait")).toMatchObject({ status: 504 });
    expect(await act("stranger")).toMatchObject({
      status: 500,
      body: { error: expect.stringContaining("no live endpoint") },
    });
    expect((await act("look")).body["species"]).not.toContain("DATABASE_URL");
    expect(await act("crash")).toMatchObject({ status: 503, body: { error: expect.stringContaining("exit code 9") } });
    await expect.poll(async () => (await ask("bird-desk", good)).status, SOON).toBe(200);
  }, 240_000);

  test.skipIf(!hasPython)(
    "puts a Python service live; what it refuses, fails at and prints goes where it belongs",
    async () => {
      await publish(people.dave, { path: "services/adder.py" });
      await live("adder");
      expect(await ask("adder", { a: 1, b: 2.5 })).toMatchObject({ status: 200, body: 3.5 });
      expect(await ask("adder", { a: -1, b: 0 })).toMatchObject({ status: 400, body: { error: "a is negative" } });
      expect(await ask("adder", { a: 0, b: 0 })).toMatchObject({
        status: 500,
        body: { error: expect.stringContaining("ZeroDivisionError") },
      });
      expect((await detail("adder")).example).toEqual({ a: 2, b: 2 });
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask("adder", { a: i + 1, b: 1 })));
      expect(answers.map(({ body }) => body)).toEqual(answers.map((_, i) => i + 2));
    },
    60_000,
  );

  test("says what is wrong with code that cannot be served, and with a pattern that never ends", async () => {
    await publish(people.dave, { path: "services/broken.ts" });
    await publish(people.dave, { path: "services/badschema.ts" });
    await publish(people.dave, { path: "services/slowschema.ts" });
    await expect
      .poll(async () => (await detail("broken")).reason, SOON)
      .toContain("broken.ts exports no output: a JSON Schema as an object");
    await expect.poll(async () => (await detail("badschema")).reason, SOON).toContain("input is no JSON Schema");
    expect(await ask("broken", {})).toMatchObject({ status: 503 });
    await live("slowschema");
    const started = performance.now();
    const answers = await Promise.all([
      ask("slowschema", `${"a".repeat(40)}!`),
      ask("bird-desk", { island: "Dream", mass: 3700 }),
    ]);
    expect(answers[0]).toMatchObject({ status: 503, body: { error: expect.stringContaining("too long to check") } });
    expect(answers[1]).toMatchObject({ status: 200 });
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(await ask("slowschema", "aaa")).toMatchObject({ status: 200 });
  }, 240_000);

  test("refuses a process that cannot be placed with the reason", async () => {
    await updateService(people.dave, people.project.slug, { name: "slowschema", memoryMb: 65_536 });
    await expect
      .poll(async () => (await detail("slowschema")).reason, SOON)
      .toMatch(/declares 65,536 MB of memory; of the [\d,]+ MB that this worker gives to processes/);
    expect(await ask("slowschema", "aaa"), "the process before goes on").toMatchObject({ status: 200 });
  }, 240_000);
});

describe("a service in use", () => {
  test("is logged with what its rules let be kept, counted, and described by a document", async () => {
    const { project, alice } = people;
    await expect
      .poll(
        async () =>
          (await listServiceCalls(alice, project.slug, { name: "bird-desk", outcome: "answered" })).calls.length,
        SOON,
      )
      .toBeGreaterThan(0);
    const { calls } = await listServiceCalls(alice, project.slug, { name: "bird-desk" });
    expect(calls.map((call) => call.status)).toEqual(expect.arrayContaining([200, 400, 422, 500, 502, 503, 504]));
    const answered = calls.findLast((call) => call.status === 200);
    expect(answered).toMatchObject({
      input: { island: "Torgersen", mass: 3750 },
      output: { species: "Adelie" },
      caller: "app",
      publication: 1,
    });
    expect(JSON.stringify(calls)).not.toContain("s3cret");
    const { body } = await stack.get("/services/bird-desk/openapi.json", token);
    expect(body).toMatchObject({
      openapi: "3.1.0",
      paths: { "/services/bird-desk": { post: { operationId: "call" } } },
    });
    expect((await stack.get("/services/bird-desk/openapi.json")).status).toBe(401);
    const metrics = await (await fetch(`${stack.url}/metrics`)).text();
    expect(metrics).toMatch(/touchstone_service_requests_total\{service="bird-desk",publication="1",code="200"\} \d+/);
    expect(metrics).toMatch(/touchstone_service_crashes\{service="bird-desk",publication="1"\} 1/);
  }, 240_000);

  test("holds a token to its rate and to its rows of a day, a call being one, and its owner sees what was asked", async () => {
    const { alice, project } = people;
    const tokenWith = (limits: { ratePerSecond?: number; rowsPerDay?: number }) =>
      createToken(alice, project.slug, { name: "limited", scopes: ["serving:predict"], days: 1, ...limits });
    const slow = await tokenWith({ ratePerSecond: 0.1 });
    const good = { island: "Dream", mass: 3700 };
    expect(await ask("bird-desk", good, slow.secret)).toMatchObject({ status: 200 });
    const told = await ask("bird-desk", good, slow.secret);
    expect(told).toMatchObject({
      status: 429,
      body: { error: expect.stringContaining("may send 0.1 requests a second") },
    });
    const few = await tokenWith({ rowsPerDay: 2 });
    expect((await ask("bird-desk", good, few.secret)).status).toBe(200);
    expect((await ask("bird-desk", { island: "Mars" }, few.secret)).status).toBe(400);
    expect(await ask("bird-desk", good, few.secret)).toMatchObject({
      status: 429,
      body: { error: expect.stringContaining("2 rows a day (UTC) and has 0 left; 1 were asked for") },
    });
    await expect
      .poll(
        async () => (await listTokenUsage(alice, project.slug, {})).find((each) => each.quota.rowsPerDay === 2),
        SOON,
      )
      .toMatchObject({
        requests: 3,
        rows: 2,
        limited: 1,
        failed: 1,
        endpoints: [{ endpoint: "bird-desk", isService: true }],
      });
  });

  test("belongs to its project: strangers learn nothing of it", async () => {
    const { eve, other } = people;
    const foreign = (await createToken(eve, other.slug, { name: "f", scopes: ["serving:predict"], days: 1 })).secret;
    expect(await ask("bird-desk", {}, foreign)).toMatchObject({ status: 404 });
    expect(await listServices(eve, other.slug, {})).toEqual([]);
    await expect(getService(eve, other.slug, { name: "bird-desk" })).rejects.toMatchObject({ code: "not_found" });
  });

  test("can be tried by a person, stopped, resumed, unpublished and published again", async () => {
    const { dave, alice, project } = people;
    const good = { island: "Dream", mass: 3700 };
    expect(await tryService(alice, project.slug, { name: "bird-desk", body: JSON.stringify(good) })).toMatchObject({
      status: 200,
    });
    await stopService(dave, project.slug, { name: "bird-desk", reason: "too many birds" });
    await expect.poll(async () => (await ask("bird-desk", good)).status, { timeout: 3000, interval: 50 }).toBe(503);
    expect((await ask("bird-desk", good)).body.error).toContain("too many birds");
    await expect(stopService(dave, project.slug, { name: "bird-desk" })).rejects.toMatchObject({ code: "conflict" });
    await resumeService(dave, project.slug, { name: "bird-desk" });
    await expect.poll(async () => (await ask("bird-desk", good)).status, { timeout: 3000, interval: 50 }).toBe(200);
    await unpublishService(dave, project.slug, { name: "bird-desk" });
    await expect.poll(async () => (await ask("bird-desk", good)).status, { timeout: 3000, interval: 50 }).toBe(404);
    const { commit } = await listPublishableFiles(dave, project.slug, {});
    expect(await detail("bird-desk")).toMatchObject({ health: "unpublished", newerCommit: commit });
    await publish(dave, { path: "services/bird-desk.ts" });
    await live("bird-desk");
    expect((await detail("bird-desk")).publications.map((each) => each.number)).toEqual([2, 1]);
  }, 240_000);

  test("leaves no process when the serving process stops", async () => {
    await stack.stop();
    const mine = readProcessTable().filter(({ parent }) => parent === process.pid);
    const commands = await Promise.all(
      mine.map(
        async ({ pid }) =>
          (await promisify(execFile)("ps", ["-o", "args=", "-p", String(pid)]).catch(() => ({ stdout: "" }))).stdout,
      ),
    );
    expect(commands.filter((text) => /service.host/.test(text))).toEqual([]);
    stack = await startStack(uuidv7());
  }, 240_000);
});
