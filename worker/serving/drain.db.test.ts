import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect, createServer } from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createToken, systemActor } from "#server/identity/index.ts";
import { pool } from "#server/platform/db.ts";
import { crown, registerOnnx } from "#server/platform/testing/champions.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { ensureEndpoint } from "#server/serving/index.ts";

testDatabase();

const CALLERS = 12;
const FILE = path.join(import.meta.dirname, "../../server/registry/fixtures/lookup.onnx");
const BODY = JSON.stringify({ inputs: [{ name: "index", datatype: "INT64", shape: [1, 1], data: [1] }] });
const platform = systemActor("test");

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  return typeof address === "object" && address ? address.port : 0;
}

let worker: ChildProcess;
let exit: Promise<unknown[]>;
let port: number;
let token: string;
let modelId: string;
const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });

beforeAll(async () => {
  const people = await somePeople();
  const version = await registerOnnx(platform, people.project.id, "drained", FILE);
  modelId = version.modelId;
  await ensureEndpoint(platform, people.project.id, { modelId });
  await crown(version, people.alice, people.bob);
  token = (await createToken(people.alice, people.project.id, { name: "t", scopes: ["serving:predict"], days: 1 }))
    .secret;
  port = await freePort();
  const ports = [`SERVING_PORT=${port}`, `WORKER_PORT=${await freePort()}`];
  const main = path.join(import.meta.dirname, "../main.ts");
  worker = spawn("env", [...ports, process.execPath, main, "--roles", "serving"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  exit = once(worker, "exit");
  while ((await ask()).outcome !== "200") await sleep(200);
}, 90_000);
afterAll(async () => {
  agent.destroy();
  if (worker.exitCode === null) worker.kill("SIGKILL");
  await exit;
});

interface Asked {
  /** The status, or the code of what broke the connection. */
  readonly outcome: string;
  readonly closes: boolean;
}

/** One request over a connection that is used again. */
async function ask(): Promise<Asked> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const asking = request({ port, host: "127.0.0.1", path: "/v2/models/drained/infer", method: "POST", agent, headers });
  try {
    asking.end(BODY);
    const [answer] = (await once(asking, "response")) as [IncomingMessage];
    await text(answer);
    return { outcome: String(answer.statusCode), closes: answer.headers.connection === "close" };
  } catch (error) {
    return { outcome: error instanceof Error && "code" in error ? String(error.code) : "broken", closes: false };
  }
}

/** A request whose second half is sent when told to; resolves with all that came back. */
async function begun(): Promise<() => Promise<string>> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const head = `POST /v2/models/drained/infer HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n`;
  socket.write(`${head}content-length: ${BODY.length}\r\n\r\n${BODY.slice(0, 20)}`);
  return async () => {
    socket.write(BODY.slice(20));
    return await text(socket);
  };
}

test("under load SIGTERM loses no request and no line of the log, and the process ends by itself", async () => {
  const asked: Asked[] = [];
  const callers = Array.from({ length: CALLERS }, async () => {
    for (;;) {
      const one = await ask();
      asked.push(one);
      // Nobody listens any more: this caller would go to another process.
      if (one.outcome === "ECONNREFUSED") return;
    }
  });
  const finish = await begun();
  await sleep(1_500);
  const before = asked.length;
  expect(before).toBeGreaterThan(CALLERS);

  const started = performance.now();
  worker.kill("SIGTERM");
  await sleep(150);
  const slow = await finish();
  expect(slow).toMatch(/^HTTP\/1\.1 200 /);
  expect(slow.toLowerCase()).toContain("connection: close");
  expect(await exit).toEqual([0, null]);
  expect(performance.now() - started).toBeLessThan(9_000);
  await Promise.all(callers);

  const outcomes = Map.groupBy(asked, (one) => one.outcome);
  expect([...outcomes.keys()].sort()).toEqual(["200", "ECONNREFUSED"]);
  expect(asked.slice(before).some((one) => one.closes)).toBe(true);
  const { rows } = await pool().query<{ n: number }>(
    "select count(*)::int as n from serving_log.predictions p join endpoints e on e.id = p.endpoint_id where e.model_id = $1",
    [modelId],
  );
  // The slow one, and what the setup asked until it was answered.
  expect(rows[0]?.n).toBe((outcomes.get("200")?.length ?? 0) + 2);
}, 60_000);
