import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createWriteStream, existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { buildApp } from "#bin/launch/tasks.ts";
import { type Cluster, ensureDatabase } from "#bin/launch/cluster.ts";
import { childEnvironment } from "#bin/launch/environment.ts";
import { generateClient } from "#bin/launch/generate.ts";
import { freePort } from "#bin/launch/ports.ts";
import { APP_MEMORY, appArgs } from "#bin/launch/services.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { deploy } from "#server/platform/deploy.ts";

const ROOT = path.join(import.meta.dirname, "..");
const MLFLOW = path.join(ROOT, "node_modules/.cache/bench-mlflow");
const API = "/api/2.0/mlflow";

/** A started server that speaks MLflow's API. */
export interface Server {
  readonly name: string;
  readonly port: number;
  /** Empty for MLflow, which knows no permissions. */
  readonly token: string;
  readonly databaseUrl: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Lets one server run and holds the others still: what idle workers do would slow down whoever is measured. */
export function giveTurn(server: Server, servers: readonly Server[]): void {
  for (const other of servers) process.kill(-other.pid, other === server ? "SIGCONT" : "SIGSTOP");
}

const running = new Set<number>();

/** Ends what was started when the benchmark itself is ended; each server leads a process group of its own. */
export function endServers(): void {
  for (const pid of running) process.kill(-pid, "SIGKILL");
}

async function started(
  name: string,
  port: number,
  folder: string,
  probe: string,
  begin: () => ChildProcess,
): Promise<ChildProcess> {
  const child = begin();
  const { pid } = child;
  if (pid !== undefined) {
    running.add(pid);
    child.once("exit", () => running.delete(pid));
  }
  const log = createWriteStream(path.join(folder, `${name.replaceAll(" ", "-")}.log`));
  child.stdout?.pipe(log);
  child.stderr?.pipe(log);
  for (let i = 0; i < 600; i += 1) {
    if (child.exitCode !== null) throw new Error(`${name} ended while starting; see ${String(log.path)}`);
    const ready = await fetch(`http://127.0.0.1:${port}${probe}`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return child;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${name} did not become ready; see ${String(log.path)}`);
}

/** Ends a process and what it started: it leads a group of its own. */
function stopper(child: ChildProcess): () => Promise<void> {
  return async () => {
    if (child.exitCode !== null || child.pid === undefined) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    process.kill(-child.pid, "SIGCONT");
    process.kill(-child.pid, "SIGTERM");
    const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, "SIGKILL"), 10_000);
    await ended;
    clearTimeout(timer);
  };
}

/** One person with a token for one project, and nothing else. */
async function tenant(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const [project, person] = [uuidv7(), uuidv7()];
  const secret = `tst_${randomBytes(24).toString("base64url")}`;
  await client.query("insert into projects (id, slug, name) values ($1, 'bench', 'Bench')", [project]);
  await client.query(
    "insert into users (id, handle, name, email, platform_roles) values ($1, 'bench', 'Bench', '', '{scientist}')",
    [person],
  );
  await client.query("insert into memberships (project_id, user_id, role) values ($1, $2, 'scientist')", [
    project,
    person,
  ]);
  await client.query("insert into experiments (id, project_id, number, name) values ($1, $2, 0, 'Default')", [
    uuidv7(),
    project,
  ]);
  await client.query(
    `insert into api_tokens (id, user_id, project_id, name, token_hash, prefix, scopes, expires_at)
     values ($1, $2, $3, 'bench', $4, '', '{tracking:read,tracking:write}', now() + interval '1 day')`,
    [uuidv7(), person, project, createHash("sha256").update(secret).digest("hex")],
  );
  await client.end();
  return secret;
}

/** The production app on a database of its own in `cluster`, built first when its sources have changed. */
export async function startTouchstone(cluster: Cluster, folder: string, say: (text: string) => void): Promise<Server> {
  generateClient();
  const dataDir = path.join(folder, "data");
  mkdirSync(dataDir, { recursive: true });
  const signal = new AbortController().signal;
  if (await buildApp({ root: ROOT, dataDir, signal, note: say })) say("the app was built");
  const databaseUrl = await ensureDatabase(cluster, "touchstone");
  await deploy(databaseUrl);
  const token = await tenant(databaseUrl);
  const port = await freePort();
  const environment = childEnvironment({
    ...APP_MEMORY.environment,
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    PORT: String(port),
    APP_URL: `http://127.0.0.1:${port}`,
    NEXTAUTH_URL: `http://127.0.0.1:${port}`,
    NEXTAUTH_SECRET: randomBytes(16).toString("hex"),
    LOG_LEVEL: "warn",
    PROCESS_NAME: "app",
  });
  const child = await started("touchstone", port, folder, "/version", () =>
    spawn(process.execPath, appArgs("127.0.0.1", String(port)), {
      cwd: ROOT,
      env: environment as NodeJS.ProcessEnv,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  return { name: "Touchstone", port, token, databaseUrl, pid: child.pid ?? 0, stop: stopper(child) };
}

/** MLflow from PyPI, installed once. Returns its version. */
export function installMlflow(say: (text: string) => void): string {
  const python = path.join(MLFLOW, "venv/bin/python");
  const version = () =>
    spawnSync(python, ["-c", "import mlflow, psycopg2; print(mlflow.__version__)"], { encoding: "utf8" });
  if (existsSync(python)) {
    const found = version();
    if (found.status === 0) return found.stdout.trim();
  }
  say("installing MLflow from PyPI (once)");
  mkdirSync(MLFLOW, { recursive: true });
  for (const [command, args] of [
    ["python3", ["-m", "venv", path.join(MLFLOW, "venv")]],
    [python, ["-m", "pip", "install", "--quiet", "mlflow", "psycopg2-binary"]],
  ] as const) {
    const result = spawnSync(command, args, { stdio: "inherit" });
    if (result.status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
  }
  return version().stdout.trim();
}

/** `mlflow server` against a database of its own in `cluster`. Without `workers` it takes its default number. */
export async function startMlflow(cluster: Cluster, folder: string, workers?: number): Promise<Server> {
  const databaseUrl = await ensureDatabase(cluster, workers === undefined ? "mlflow_default" : `mlflow_${workers}`);
  const port = await freePort();
  const name = workers === undefined ? "MLflow default workers" : `MLflow ${workers} worker`;
  const args = [
    ...[
      "server",
      "--backend-store-uri",
      databaseUrl.replace("postgresql:", "postgresql+psycopg2:"),
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
    ],
    ...["--artifacts-destination", path.join(folder, "mlflow-artifacts")],
    ...(workers === undefined ? [] : ["--workers", String(workers)]),
  ];
  const environment = { PATH: `${path.join(MLFLOW, "venv/bin")}:/usr/local/bin:/usr/bin:/bin`, HOME: folder };
  const child = await started(name, port, folder, "/health", () =>
    spawn(path.join(MLFLOW, "venv/bin/mlflow"), args, {
      cwd: folder,
      env: environment as unknown as NodeJS.ProcessEnv,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  return { name, port, token: "", databaseUrl, pid: child.pid ?? 0, stop: stopper(child) };
}

/** The most memory a process has held so far, in bytes. */
export function peakMemory(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** The address of a route of the API. */
export const route = (name: string): string => `${API}/${name}`;
