import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { freePort } from "./ports.ts";
import { type Place, placePostgres } from "./postgres-files.ts";
import { clearStalePostmaster } from "./stale-postmaster.ts";

/** A running embedded Postgres. `exited` resolves when it ends, for whatever reason. */
export type Cluster = {
  readonly port: number;
  readonly pid: number;
  /** Where its files are: the folder asked for, unless the user it runs as cannot reach that. */
  readonly dir: string;
  /** The connection string of one of its databases, password included. */
  url(database: string): string;
  readonly exited: Promise<void>;
  /** Fast shutdown: open connections are cut, data is safe. Harmless when it has stopped. */
  stop(): Promise<void>;
  /** Immediate shutdown: the next start recovers from the write-ahead log. */
  kill(): void;
};

export type ClusterOptions = {
  /** Loopback TCP port; by default the last one used if it is free, else any. */
  port?: number;
  /** For tests: no fsync. A crash of the machine loses the cluster. */
  fast?: boolean;
  /** Receives what Postgres writes to its log. */
  log?: (text: string) => void;
};

function run(place: Place, binary: string, args: string[]): [string, string[]] {
  const words = [...place.pre, path.join(place.native, "bin", binary), ...args];
  return [words[0] ?? binary, words.slice(1)];
}

function initialise(place: Place, data: string, fast: boolean): void {
  mkdirSync(place.dir, { recursive: true, mode: 0o700 });
  rmSync(data, { recursive: true, force: true });
  const passwordFile = path.join(place.dir, "password");
  writeFileSync(passwordFile, `${randomBytes(18).toString("base64url")}\n`, { mode: 0o600 });
  const { uid, gid } = statSync(place.dir);
  chownSync(passwordFile, uid, gid);
  const flags = ["-U", "postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--lc-messages=C"];
  const [command, args] = run(place, "initdb", [
    "-D",
    data,
    ...flags,
    `--pwfile=${passwordFile}`,
    ...(fast ? ["--no-sync"] : []),
  ]);
  const result = spawnSync(command, args, { encoding: "utf8", env: postgresEnvironment() });
  if (result.status === 0) return;
  rmSync(data, { recursive: true, force: true }); // half a cluster would be taken for a whole one
  throw new Error(`initdb failed: ${result.error?.message ?? result.stderr}`);
}

/** Nothing of the caller's environment: a stray PGDATA or PGPORT would win over the flags. */
function postgresEnvironment(): NodeJS.ProcessEnv {
  return {
    NODE_ENV: "production",
    LC_ALL: "C",
    TZ: "UTC",
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  };
}

function lastPort(file: string): number | undefined {
  const port = existsSync(file) ? Number(readFileSync(file, "utf8")) : Number.NaN;
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

async function untilReady(child: ChildProcess, log: (text: string) => void): Promise<void> {
  let tail = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      const text = chunk.toString();
      tail = (tail + text).slice(-4000);
      log(text);
      if (text.includes("ready to accept connections")) resolve();
    });
    child.once("exit", (code, signal) => {
      reject(new Error(`Postgres ended while starting (${code ?? signal}): ${tail.trim()}`));
    });
    child.once("error", reject);
  });
}

/**
 * What Postgres keeps in memory of its tables, taken as it is needed: an eighth of what the machine (or the container) has. The default of 128 MB is less
 * than the indexes of a hundred thousand runs.
 */
function sharedMegabytes(): number {
  const memory = Math.min(os.totalmem(), process.constrainedMemory() || Infinity);
  return Math.min(1024, Math.max(128, Math.floor(memory / 8 / 2 ** 20)));
}

/**
 * Starts Postgres on the files below `dir`, making them first when there are none. It listens on the loopback address only, with a random password
 * kept in `dir` (0600). It is its own process group, so Ctrl-C reaches only the launcher, and it ends when the launcher dies.
 */
export async function startCluster(dir: string, options: ClusterOptions = {}): Promise<Cluster> {
  const place = placePostgres(path.resolve(dir));
  const data = path.join(place.dir, "data");
  if (!existsSync(path.join(data, "PG_VERSION"))) initialise(place, data, options.fast === true);
  else await clearStalePostmaster(data);
  const password = readFileSync(path.join(place.dir, "password"), "utf8").trim();
  const portFile = path.join(place.dir, "port");

  const settings = [
    ...["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=100", "lc_messages=C"],
    // The defaults are for a disk that turns and for reports: compiling a plan takes longer than nearly every query here, and so does to start a process that helps.
    ...["random_page_cost=2", "jit=off", "parallel_setup_cost=10000"],
  ];
  if (options.fast) settings.push("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off");
  // Not for tests: dropping a database looks through all of it, and they drop one each.
  else settings.push(`shared_buffers=${sharedMegabytes()}MB`);
  const flags = settings.flatMap((setting) => ["-c", setting]);

  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort(lastPort(portFile)));
    const [command, args] = run(place, "postgres", ["-D", data, "-p", String(port), ...flags]);
    const child = spawn(command, args, {
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
      env: postgresEnvironment(),
    });
    try {
      await untilReady(child, options.log ?? (() => undefined));
    } catch (error) {
      // Somebody took the port between the look and the bind.
      const raced = options.port === undefined && String(error).includes("could not bind");
      if (raced && attempt < 5) continue;
      throw error;
    }
    writeFileSync(portFile, String(port));
    return handle(child, port, place.dir, password);
  }
}

function handle(child: ChildProcess, port: number, dir: string, password: string): Cluster {
  const exited = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });
  return {
    port,
    pid: child.pid ?? 0,
    dir,
    exited,
    url: (database) => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGINT");
      const timer = setTimeout(() => child.kill("SIGQUIT"), 10_000);
      await exited;
      clearTimeout(timer);
    },
    kill: () => void child.kill("SIGQUIT"),
  };
}

/** Makes the database `name` of the cluster unless it is there, and returns its connection string. */
export async function ensureDatabase(cluster: Cluster, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: cluster.url("postgres") });
  await client.connect();
  try {
    const found = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  return cluster.url(name);
}
