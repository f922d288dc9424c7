import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Cluster, startCluster } from "#bin/launch/cluster.ts";
import { pool } from "#server/platform/db.ts";
import { verdict } from "./benchmarks-page.ts";
import { benchFolder, measureOnStage, say } from "./on-stage.ts";
import { descendants, residentBytes } from "./process-accounting.ts";
import { type Answers, answered, ask, CORES, pinProcess } from "./serving-load.ts";
import type { Server } from "./serving-servers.ts";
import type { Stage } from "./serving-stage.ts";

// Postgres away under load: `npm run bench:serving-outage [-- --seconds 60] [--write]`. Once it hangs (SIGSTOP: connections stay open and nothing answers),
// once it is stopped and started again (connections are refused). Every request must be answered; every answered row must be in the log or counted as dropped.
const { values: options } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, write: { type: "boolean", default: false } },
});
const SECONDS = Number(options.seconds);
const BEFORE_S = 5;
const AFTER_S = 15;
const CONNECTIONS = 32;
const MODEL = "mlp";
const folder = benchFolder("outage");

function load(server: Server, token: string, seconds: number): Promise<Answers> {
  const body = path.join(folder, "row.json");
  const data = Array.from({ length: 30 }, (_, i) => i / 30);
  writeFileSync(body, JSON.stringify({ inputs: [{ name: "x", datatype: "FP32", shape: [1, 30], data }] }));
  const address = { port: server.port, path: `/v2/models/${MODEL}/infer`, token };
  return ask({ ...address, body, connections: CONNECTIONS, seconds });
}

/** A number that the serving process itself publishes, added over its labels. */
async function published(server: Server, name: string): Promise<number> {
  const body = await fetch(`http://127.0.0.1:${server.port}/metrics`).then((response) => response.text());
  const lines = body.split("\n").filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

async function one(sql: string): Promise<number> {
  const { rows } = await pool().query<{ n: string | null }>(sql);
  return Number(rows[0]?.n ?? 0);
}

interface Outcome {
  readonly name: string;
  readonly load: Answers;
  readonly failed: number;
  readonly logged: number;
  readonly dropped: number;
  readonly shown: number;
  readonly twice: number;
  readonly recovered: number;
  readonly memory: readonly number[];
}

const COUNT = "select count(*) as n from serving_log.predictions";
const DISTINCT = "select count(distinct prediction_id) as n from serving_log.predictions";
const SHOWN = "select sum(log_dropped) as n from endpoint_minutes";
const DROPPED = "touchstone_serving_log_dropped_total";
const WAITING = "touchstone_serving_log_waiting_bytes";

async function outage(
  name: string,
  server: Server,
  token: string,
  away: () => Promise<void>,
  back: () => Promise<void>,
): Promise<Outcome> {
  const before = {
    rows: await one(DISTINCT),
    all: await one(COUNT),
    dropped: await published(server, DROPPED),
    shown: await one(SHOWN),
  };
  const memory: number[] = [residentBytes(server.pid)];
  const running = load(server, token, BEFORE_S + SECONDS + AFTER_S);
  await sleep(BEFORE_S * 1000);
  memory.push(residentBytes(server.pid));
  await away();
  let most = 0;
  for (let i = 0; i < SECONDS; i += 1) {
    await sleep(1000);
    most = Math.max(most, residentBytes(server.pid));
  }
  memory.push(most);
  await back();
  const began = performance.now();
  const answers = await running;
  for (let i = 0; i < 300 && (await published(server, WAITING)) > 0; i += 1) await sleep(100);
  const recovered = performance.now() - began;
  // Counts of drops follow the rows within ten seconds, minutes within one.
  let shown = 0;
  const dropped = (await published(server, DROPPED)) - before.dropped;
  for (let i = 0; i < 80 && shown < dropped; i += 1) {
    await sleep(1000);
    shown = (await one(SHOWN)) - before.shown;
  }
  memory.push(residentBytes(server.pid));
  const logged = (await one(DISTINCT)) - before.rows;
  return {
    name,
    load: answers,
    failed: answers.broken + answers.requests - answered(answers),
    logged,
    dropped,
    shown,
    twice: (await one(COUNT)) - before.all - logged,
    recovered,
    memory,
  };
}

const MB = (bytes: number | undefined) => ((bytes ?? 0) / 1e6).toFixed(0);

function describe({ name, load: l, failed, logged, dropped, shown, twice, memory }: Outcome): string[] {
  const [idle, under, most, after] = memory.map(MB);

  return [
    `| ${name}: failed of ${l.requests.toLocaleString("en")} requests (${Math.round(l.perSecond).toLocaleString("en")}/s, p99 ${l.p99.toFixed(1)} ms, slowest ${l.max.toFixed(0)} ms) | ${failed} | 0 | ${verdict(failed === 0)} |`,
    `| ${name}: rows logged + dropped = answered | ${logged.toLocaleString("en")} + ${dropped.toLocaleString("en")} (${twice} written twice, read once) | ${l.requests.toLocaleString("en")} | ${verdict(logged + dropped === l.requests)} |`,
    `| ${name}: dropped rows that the endpoint's page counts | ${shown.toLocaleString("en")} | ${dropped.toLocaleString("en")} | ${verdict(shown === dropped)} |`,
    `| ${name}: memory before, under load, at most while away, after | ${idle}, ${under}, ${most}, ${after} MB | bounded: the log keeps at most 32 MiB | ${verdict((memory[2] ?? 0) - (memory[1] ?? 0) < 150e6)} |`,
  ];
}

async function main(stage: Stage, machine: string): Promise<string[]> {
  const { token } = stage;
  await stage.promote(MODEL, path.join(import.meta.dirname, "../server/registry/fixtures/mlp.onnx"));
  await stage.open(MODEL, MODEL, 1);
  const server = await stage.serve("serving", { endpoint: MODEL });
  let cluster: Cluster = stage.cluster;
  const signal = (what: NodeJS.Signals) => () => {
    for (const pid of [cluster.pid, ...descendants(cluster.pid)]) process.kill(pid, what);
    return Promise.resolve();
  };
  const hung = await outage("Postgres hangs", server, token, signal("SIGSTOP"), signal("SIGCONT"));
  say(JSON.stringify(hung));
  const stopped = await outage(
    "Postgres is stopped",
    server,
    token,
    () => cluster.stop(),
    async () => {
      cluster = await startCluster(path.join(folder, "pg"), { port: stage.cluster.port });
      pinProcess(CORES.load, cluster.pid);
    },
  );
  say(JSON.stringify(stopped));
  await server.stop();
  await cluster.stop();
  return [
    `\`npm run bench:serving-outage -- --seconds ${SECONDS}\`: ${machine}. ${CONNECTIONS} connections ask without pause for ${BEFORE_S + SECONDS + AFTER_S} s; Postgres is away for ${SECONDS} of them.`,
    "",
    "| | reached | target | |",
    "|---|---|---|---|",
    ...describe(hung),
    ...describe(stopped),
  ];
}

await measureOnStage("outage", folder, options.write, main);
