import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { actorOfToken, createToken } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { answerMlflow } from "../index.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A Python with mlflow, scikit-learn, onnx and matplotlib; it need not exist. */
    mlflowPython: string;
  }
}

// The real mlflow package against the real handlers. The Python is named by TOUCHSTONE_MLFLOW_PYTHON.
const PYTHON = path.resolve(inject("mlflowPython"));
const MISSING = !existsSync(PYTHON);
const SCRIPT = path.join(import.meta.dirname, "client.py");
const CHECKS = Array.from(readFileSync(SCRIPT, "utf8").matchAll(/^def (check_\w+)/gm), (m) => m[1] ?? "");

if (MISSING)
  process.stderr.write(
    `\n  SKIPPED: ${CHECKS.length} checks with the real mlflow package. Set TOUCHSTONE_MLFLOW_PYTHON to a Python that has it.\n\n`,
  );

interface Result {
  readonly name: string;
  readonly ok: boolean;
  readonly error: string | null;
  readonly ms: number;
}

testDatabase();

let server: Server | undefined;
const results = new Map<string, Result>();
const requests: string[] = [];

/** Node's HTTP in front of the handlers that the app's routes call: no framework, the same Request and Response. */
async function listen(): Promise<string> {
  server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = incoming.method === "GET" || incoming.method === "HEAD" ? null : Readable.toWeb(incoming);
      const request = new Request(`http://localhost${incoming.url ?? "/"}`, {
        method: incoming.method ?? "GET",
        headers: Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
          value === undefined ? [] : [[name, String(value)]],
        ),
        body,
        ...(body ? { duplex: "half" } : {}),
      } as RequestInit);
      const response = await answerMlflow(request, {
        requestId: uuidv7(),
        actorOf: () => callerOf(incoming.headers.authorization ?? ""),
      });
      requests.push(`${response.status} ${incoming.method ?? ""} ${incoming.url ?? ""}`);
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      if (response.body) await pipeline(Readable.fromWeb(response.body as never), outgoing);
      else outgoing.end();
    })().catch((error: unknown) => {
      requests.push(`broken: ${String(error)}`);
      outgoing.destroy();
    });
  });
  await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

async function callerOf(header: string) {
  const [scheme = "", value = ""] = header.split(" ");
  const secret = scheme === "Basic" ? Buffer.from(value, "base64").toString().split(":")[1] : value;
  const actor = await actorOfToken(secret ?? "");
  if (actor) return actor;
  throw new AppError("unauthenticated", "The API token is unknown, expired or revoked.");
}

async function runScript(url: string, token: string): Promise<void> {
  const settings = [`MLFLOW_TRACKING_URI=${url}`, `MLFLOW_TRACKING_TOKEN=${token}`];
  const child = spawn("env", [...settings, PYTHON, SCRIPT], { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) continue;
    const said = JSON.parse(line) as Partial<Result>;
    if (said.name) results.set(said.name, said as Result);
  }
  if (results.size === 0) throw new Error(`The script did not start:\n${errors}`);
}

beforeAll(async () => {
  if (MISSING) return;
  const { alice, project } = await somePeople();
  const scopes = ["tracking:read", "tracking:write", "registry:read", "registry:write", "project:read"] as const;
  const token = await createToken(alice, project.id, { name: "contract", scopes: [...scopes] });
  await runScript(await listen(), token.secret);
}, 400_000);

afterAll(async () => {
  await new Promise<void>((done) => (server ? server.close(() => done()) : done()));
});

test.skipIf(MISSING).each(CHECKS)("%s", (name) => {
  const result = results.get(name);
  expect(result?.error ?? (result ? null : "did not run")).toBeNull();
});

test.skipIf(MISSING)("no call ended in an error of ours", () => {
  expect(requests.filter((line) => line.startsWith("5") && !line.startsWith("501"))).toEqual([]);
  expect(requests.filter((line) => line.startsWith("broken"))).toEqual([]);
});
