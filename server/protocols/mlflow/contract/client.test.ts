import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createOwnToken, createToken } from "#server/identity/index.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";

// The real mlflow package against the real handlers in a process of their own, with each client that vitest.config.ts names.
const CLIENTS = inject("mlflowClients").map((client, i) => ({ ...client, isNewest: i === 0 }));
const THERE = CLIENTS.filter(({ python }) => existsSync(python));
const SCRIPT = path.join(import.meta.dirname, "client.py");
const CHECKS = Array.from(readFileSync(SCRIPT, "utf8").matchAll(/^def ((?:check|large)_\w+)/gm), (m) => m[1] ?? "");
/** Those that docs/data-scientist.md tells people to give to a client, and no more. */
const SCOPES = ["tracking:read", "tracking:write", "registry:read", "registry:write", "registry:webhooks"] as const;

if (THERE.length < CLIENTS.length)
  process.stderr.write(
    `\n  SKIPPED: ${CHECKS.length} checks with a real mlflow package. Set TOUCHSTONE_MLFLOW_PYTHON to a Python that has it.\n\n`,
  );

interface Result {
  readonly name: string;
  readonly ok: boolean;
  readonly error: string | null;
  readonly ms: number;
}

testDatabase();

let server: ChildProcess | undefined;
let url = "";
const results = new Map<string, Result>();

/** Starts the handlers; resolves with their address. */
async function listen(): Promise<string> {
  server = spawn(process.execPath, ["--expose-gc", path.join(import.meta.dirname, "serve.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: server.stdout! })) return `http://127.0.0.1:${line}`;
  throw new Error("The server did not start.");
}

async function runScript(
  { version, python, isNewest }: (typeof CLIENTS)[number],
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const variables = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  // What is large is asked by one client: it is the server's memory that is looked at.
  const child = spawn("env", [...variables, python, SCRIPT, ...(isNewest ? ["--large"] : [])], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  let said = false;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) continue;
    const one = JSON.parse(line) as Partial<Result>;
    said = true;
    if (one.name) results.set(`${version} ${one.name}`, one as Result);
  }
  if (!said) throw new Error(`The script did not start:\n${errors}`);
}

beforeAll(async () => {
  if (THERE.length === 0) return;
  url = await listen();
  await Promise.all(
    THERE.map(async (client) => {
      const { alice, project, other } = await somePeople();
      const token = await createToken(alice, project.id, { name: "contract", scopes: [...SCOPES] });
      const own = await createOwnToken(alice, { name: "everywhere", scopes: [...SCOPES] });
      await runScript(client, {
        MLFLOW_TRACKING_URI: url,
        MLFLOW_TRACKING_TOKEN: token.secret,
        TOUCHSTONE_OWN_TOKEN: own.secret,
        TOUCHSTONE_PROJECT: project.slug,
        TOUCHSTONE_OTHER: other.slug,
      });
    }),
  );
}, 400_000);

afterAll(async () => {
  if (!server || server.exitCode !== null) return;
  server.kill();
  await once(server, "exit");
});

describe.each(CLIENTS)("mlflow $version", (client) => {
  const checks = CHECKS.filter((name) => client.isNewest || !name.startsWith("large_"));
  test.skipIf(!THERE.includes(client)).each(checks)("%s", (name) => {
    const result = results.get(`${client.version} ${name}`);
    expect(result?.error ?? (result ? null : "did not run")).toBeNull();
  });
});

test.skipIf(THERE.length === 0)("no call ended in an error of ours", async () => {
  expect(await (await fetch(`${url}/__/failures`)).json()).toEqual([]);
});
