import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { pool } from "#server/platform/db.ts";
import { median, verdict } from "./benchmarks-page.ts";
import { benchFolder, measureOnStage, say } from "./on-stage.ts";
import { CORES, type Load, send, pinProcess } from "./serving-load.ts";
import type { Server } from "./serving-servers.ts";
import type { Stage } from "./serving-stage.ts";

// One serving process beside two: `npm run bench:serving-processes [-- --write]`. Nothing is held to a core, so that on two cores both processes, Postgres and the
// load share them: what is compared is what the machine answers as a whole, and the processor time of a request. Then what one process is told must hold in
// the other, which it can only know from Postgres.
const { values: options } = parseArgs({ options: { write: { type: "boolean", default: false } } });
const ROUNDS = 5;
const SECONDS = 4;
const CONNECTIONS = 32;
const MODEL = "mlp";
const FILE = path.join(import.meta.dirname, "../server/registry/fixtures/mlp.onnx");
const folder = benchFolder("processes");

const body = path.join(folder, "row.json");
const data = Array.from({ length: 30 }, (_, i) => i / 30);
writeFileSync(body, JSON.stringify({ inputs: [{ name: "x", datatype: "FP32", shape: [1, 30], data }] }));

interface Measured {
  readonly perSecond: number;
  readonly cpu: number;
  readonly requests: number;
}

async function measure(servers: readonly Server[], token: string): Promise<Measured> {
  const before = servers.map((server) => server.cpu());
  const loads = await Promise.all(
    servers.map(async ({ port }): Promise<Load> => {
      const address = { port, path: `/v2/models/${MODEL}/infer`, token };
      return await send({
        ...address,
        body,
        connections: CONNECTIONS / servers.length,
        seconds: SECONDS,
        isPinned: false,
      });
    }),
  );
  await sleep(400);
  const cpu = servers.reduce((sum, server, i) => sum + server.cpu() - (before[i] ?? 0), 0);
  const requests = loads.reduce((sum, load) => sum + load.requests, 0);
  return {
    perSecond: loads.reduce((sum, load) => sum + load.requests / load.seconds, 0),
    cpu: (cpu / requests) * 1e6,
    requests,
  };
}

async function status({ port }: Server, token: string): Promise<{ status: number; version: string }> {
  const tensor = { name: "x", datatype: "FP32", shape: [1, 30], data };
  const response = await fetch(`http://127.0.0.1:${port}/v2/models/${MODEL}/infer`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ inputs: [tensor] }),
  });
  const { model_version = "" } = (await response.json()) as { model_version?: string };
  return { status: response.status, version: model_version };
}

/** Milliseconds until every process does what it should; they are asked every 10. */
async function until(servers: readonly Server[], holds: (server: Server) => Promise<boolean>): Promise<number> {
  const started = performance.now();
  for (;;) {
    const all = await Promise.all(servers.map(holds));
    if (all.every(Boolean)) return performance.now() - started;
    if (performance.now() - started > 30_000) throw new Error("the processes did not agree within 30 s");
    await sleep(10);
  }
}

async function main(stage: Stage, machine: string): Promise<string[]> {
  const { token } = stage;
  await stage.promote(MODEL, FILE);
  await stage.open(MODEL, MODEL, 1);
  // The stage keeps to the core of the load, and what is started from here would too.
  pinProcess(CORES.all, process.pid);
  const start = (name: string) => stage.serve(name, { endpoint: MODEL, pin: false });
  const servers = [await start("first"), await start("second")];
  const one: Measured[] = [];
  const two: Measured[] = [];
  await measure(servers, token);
  for (let round = 0; round < ROUNDS; round += 1) {
    one.push(await measure(servers.slice(0, 1), token));
    two.push(await measure(servers, token));
  }
  const of = (all: readonly Measured[], key: keyof Measured) => median(all.map((each) => each[key]));
  say(JSON.stringify({ one, two }));

  const { rows } = await pool().query<{ n: string }>("select count(*) as n from serving_log.predictions");
  say(`${rows[0]?.n} rows in one log`);
  await stage.promote(MODEL, FILE);
  const swapped = await until(servers, async (server) => (await status(server, token)).version === "2");
  const { secret, revoke } = await stage.anotherToken();
  for (const server of servers)
    if ((await status(server, secret)).status !== 200) throw new Error("the new token is refused");
  await revoke();
  const revoked = await until(servers, async (server) => (await status(server, secret)).status === 401);
  for (const server of servers) await server.stop();
  const ratio = of(two, "perSecond") / of(one, "perSecond");
  const line = (name: string, all: readonly Measured[], last: string) =>
    `| ${name} | ${Math.round(of(all, "perSecond")).toLocaleString("en")} requests/s, ${of(all, "cpu").toFixed(1)} µs of CPU each | ${last} |`;
  return [
    `\`npm run bench:serving-processes\`: ${machine}. Every prediction logged; servers, Postgres and load share the cores; medians of ${ROUNDS} rounds of ${SECONDS} s in turn.`,
    "",
    "| | reached | target | |",
    "|---|---|---|---|",
    line("one process", one, " |"),
    line("two processes", two, `told: ${ratio.toFixed(2)} × one |`),
    `| a new champion answers in both after | ${swapped.toFixed(0)} ms | 5 s | ${verdict(swapped < 5000)} |`,
    `| a revoked token is refused by both after | ${revoked.toFixed(0)} ms | 10 s | ${verdict(revoked < 10_000)} |`,
  ];
}

await measureOnStage("processes", folder, options.write, main);
