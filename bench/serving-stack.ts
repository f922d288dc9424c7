import { fork, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { startCluster } from "#bin/launch/cluster.ts";
import { freePort } from "#bin/launch/ports.ts";
import { readOnnxSignature } from "#server/registry/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { closeDatabase, pool } from "#server/platform/db.ts";
import { deploy } from "#server/platform/deploy.ts";
import { resetEnv } from "#server/platform/env.ts";
import { putFile } from "#server/platform/objects.ts";
import { PENGUINS, trainPenguins } from "#worker/serving/testing/penguins.ts";

// A single prediction through everything: HTTP, token, the Penguins model, and the log and counts in a Postgres of its own. `node bench/serving-stack.ts
// [seconds per measurement]`. The server runs in a process of its own, and so does the load.
const SECONDS = Number(process.argv[2] ?? 5);
const dir = mkdtempSync(path.join(tmpdir(), "bench-stack-"));
const cluster = await startCluster(path.join(dir, "pg"));
const port = await freePort();
Object.assign(process.env, {
  DATABASE_URL: cluster.url("postgres"),
  DATA_DIR: path.join(dir, "data"),
  SERVING_PORT: String(port),
  LOG_LEVEL: "warn",
});
resetEnv();
try {
  await deploy(cluster.url("postgres"));
  await measure();
} finally {
  await closeDatabase();
  await cluster.stop();
  rmSync(dir, { recursive: true, force: true });
}

interface Load {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly statuses: Record<string, number>;
  readonly broken: number;
}

async function measure(): Promise<void> {
  const { entry } = await trainPenguins(dir, "linear");
  const token = await champion(entry.path);
  const body = path.join(dir, "row.json");
  writeFileSync(body, JSON.stringify(oneRow()));
  const server = fork(path.join(import.meta.dirname, "../worker/main.ts"), ["--roles", "serving"]);
  try {
    await untilReady();
    for (const connections of [1, 32, 1, 32]) {
      const before = await logged();
      const load = await run({ port, path: "/v2/models/penguins/infer", body, token, connections, seconds: SECONDS });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const kept = (await logged()) - before;
      console.log(
        `${String(connections).padStart(2)} connections: p50 ${load.p50.toFixed(2)} ms, p99 ${load.p99.toFixed(2)} ms, ${load.perSecond.toFixed(0)}/s; statuses ${JSON.stringify(load.statuses)}, ${load.broken} broken; ${kept} rows logged`,
      );
    }
  } finally {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
  }
}

async function run(options: Record<string, string | number>): Promise<Load> {
  const flags = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const child = spawn(process.execPath, [path.join(import.meta.dirname, "http-load.ts"), ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(await text(child.stdout)) as Load;
}

async function logged(): Promise<number> {
  const { rows } = await pool().query<{ n: number }>("select count(*)::int as n from serving_log.predictions");
  return rows[0]?.n ?? 0;
}

async function untilReady(): Promise<void> {
  for (let i = 0; i < 200; i += 1) {
    const ready = await fetch(`http://127.0.0.1:${port}/v2/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the serving process did not become ready");
}

function oneRow(): unknown {
  const numbers = { bill_length_mm: 39.1, bill_depth_mm: 18.7, flipper_length_mm: 181, body_mass_g: 3750 };
  const tensor = (name: string, datatype: string, value: number | string) => ({
    name,
    datatype,
    shape: [1, 1],
    data: [value],
  });
  return {
    inputs: [
      ...Object.entries(numbers).map(([name, value]) => tensor(name, "FP32", value)),
      tensor("island", "BYTES", "Torgersen"),
    ],
  };
}

/** A project whose model has an approved champion and an endpoint, with nothing else around it. Returns a token for it. */
async function champion(file: string): Promise<string> {
  const [project, model, version, alice, bob, policy, request] = Array.from({ length: 7 }, () => uuidv7());
  const { sha256, sizeBytes } = await putFile(file);
  const signature = JSON.stringify(await readOnnxSignature(file));
  const secret = `tst_${randomBytes(24).toString("base64url")}`;
  const hash = createHash("sha256").update(secret).digest("hex");
  const sql: [string, unknown[]][] = [
    ["insert into projects (id, slug, name) values ($1, 'penguins', $2)", [project, path.basename(PENGUINS)]],
    [
      "insert into users (id, handle, name, email, platform_roles) values ($1, 'alice', 'Alice', '', '{scientist}'), ($2, 'bob', 'Bob', '', '{reviewer}')",
      [alice, bob],
    ],
    ["insert into memberships (project_id, user_id, role) values ($1, $2, 'scientist')", [project, alice]],
    [
      "insert into api_tokens (id, user_id, project_id, name, token_hash, prefix, scopes, expires_at) values ($1, $2, $3, 'bench', $4, '', '{serving:predict}', now() + interval '1 day')",
      [uuidv7(), alice, project, hash],
    ],
    ["insert into registered_models (id, project_id, name) values ($1, $2, 'penguins')", [model, project]],
    [
      "insert into model_versions (id, project_id, model_id, version, sha256, size_bytes, signature) values ($1, $2, $3, 1, $4, $5, $6)",
      [version, project, model, sha256, sizeBytes, signature],
    ],
    [
      "insert into policies (id, project_id, model_name, version, text, spec, sha256) values ($1, $2, 'penguins', 1, '', '{}', '')",
      [policy, project],
    ],
    [
      "insert into promotion_requests (id, project_id, number, model_id, version_id, policy_id, status, requested_by, requested_by_name, digest, closed_at) values ($1, $2, 1, $3, $4, $5, 'completed', $6, 'Alice', 'd', now())",
      [request, project, model, version, policy, alice],
    ],
    [
      "insert into decisions (id, request_id, user_id, user_name, vote, digest) values ($1, $2, $3, 'Bob', 'approve', 'd')",
      [uuidv7(), request, bob],
    ],
    ["insert into model_aliases (model_id, alias, version_id) values ($1, 'champion', $2)", [model, version]],
    [
      "insert into endpoints (id, project_id, name, model_id) values ($1, $2, 'penguins', $3)",
      [uuidv7(), project, model],
    ],
  ];
  for (const [statement, values] of sql) await pool().query(statement, values);
  return secret;
}
