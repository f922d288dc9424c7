import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { forestFile } from "#worker/runtimes/onnx/forest/testing/flat-forest.ts";
import { verdict } from "./benchmarks-page.ts";
import { benchFolder, measureOnStage, say } from "./on-stage.ts";
import { type Answers, answered, ask } from "./serving-load.ts";
import type { Server } from "./serving-servers.ts";
import type { Stage } from "./serving-stage.ts";

// New champions under load: `npm run bench:serving-swaps [-- --requests 1000000] [--swaps 20] [--write]`. The versions are forests whose answer tells which one
// gave it; by turns ONNX Runtime runs one in the serving thread, one far too large for that in its own (300 trees of depth 8, about 7 MB), and one is run
// without it. Each becomes champion by request and approval, while another process asks without pause. No request may fail, no answer may name another version than the one whose value it has.
const { values: options } = parseArgs({
  options: {
    requests: { type: "string", default: "1000000" },
    swaps: { type: "string", default: "20" },
    write: { type: "boolean", default: false },
  },
});
const REQUESTS = Number(options.requests);
const SWAPS = Number(options.swaps);
const CONNECTIONS = 32;
const STALL_MS = 10;
const MODEL = "forest";
const folder = benchFolder("swaps");

/** By turns: run by ONNX Runtime in the serving thread, by it in a thread of its own, and without it in the serving thread. */
const KINDS = [
  { trees: 50, depth: 4, copied: true },
  { trees: 300, depth: 8, copied: true },
  { trees: 300, depth: 8, copied: false },
] as const;
const kindOf = (version: number) => KINDS[version % KINDS.length] ?? KINDS[0];
/** What version v answers, whatever it is asked: each of its trees says v, and such a sum is exact in 32 bits. */
const valueOf = (version: number) => kindOf(version).trees * version;

function fileOf(version: number): string {
  const file = path.join(folder, `${MODEL}-${version}.onnx`);
  const { trees, depth, copied } = kindOf(version);
  writeFileSync(file, forestFile(trees, depth, version, { copied }));
  return file;
}

function load(server: Server, token: string): Promise<Answers> {
  const body = path.join(folder, "row.json");
  const tensor = { name: "x", datatype: "FP32", shape: [1, 8], data: [1, 2, 3, 4, 5, 6, 7, 8] };
  writeFileSync(body, JSON.stringify({ inputs: [tensor] }));
  const count = `"model_version":"(\\d+)".*"data":\\[([^\\]]*)\\]`;
  const address = { port: server.port, path: `/v2/models/${MODEL}/infer`, token };
  return ask({ ...address, body, connections: CONNECTIONS, requests: REQUESTS, seconds: 900, count });
}

async function liveVersion(server: Server, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`http://127.0.0.1:${server.port}/v2/models/${MODEL}`, { headers });
  const { versions } = (await response.json()) as { versions?: string[] };
  return Number(versions?.[0]);
}

async function untilLive(server: Server, token: string, version: number): Promise<void> {
  const until = performance.now() + 60_000;
  while ((await liveVersion(server, token)) !== version) {
    if (performance.now() > until) throw new Error(`version ${version} did not go live`);
    await sleep(20);
  }
}

async function stalls(server: Server, file: string): Promise<{ wall: number; cpu: number }> {
  rmSync(file, { force: true });
  process.kill(server.pid, "SIGUSR2");
  while (!existsSync(file)) await sleep(10);
  await sleep(50);
  return JSON.parse(readFileSync(file, "utf8")) as { wall: number; cpu: number };
}

async function main(stage: Stage, machine: string): Promise<string[]> {
  const { token } = stage;
  await stage.promote(MODEL, fileOf(1));
  await stage.open(MODEL, MODEL, 1);
  const stallsFile = path.join(folder, "stalls.json");
  const watch = path.join(import.meta.dirname, "stall-watch.ts");
  const server = await stage.serve("serving", {
    endpoint: MODEL,
    nodeOptions: ["--import", watch],
    environment: { STALLS_FILE: stallsFile },
  });
  const running = load(server, token);
  const state = { done: false };
  void running.then(() => (state.done = true));
  await sleep(2000);
  // What came before was the start of the process and its warming up.
  await stalls(server, stallsFile);
  await sleep(2000);
  const quiet = await stalls(server, stallsFile);
  const began = performance.now();
  let during = 0;
  const took: number[] = [];
  for (let version = 2; version <= SWAPS + 1; version += 1) {
    const started = performance.now();
    await stage.promote(MODEL, fileOf(version));
    await untilLive(server, token, version);
    took.push(performance.now() - started);
    if (!state.done) during += 1;
    await sleep(1000);
  }
  say(
    `${SWAPS} swaps in ${((performance.now() - began) / 1000).toFixed(0)} s, each live ${Math.max(...took).toFixed(0)} ms at most after its registration began`,
  );
  const { wall, cpu } = await stalls(server, stallsFile);
  const { requests, perSecond, p50, p99, max, statuses, broken, answers } = await running;
  await server.stop();
  const failed = broken + requests - answered({ statuses });
  const mixed = Object.entries(answers)
    .filter(([answer]) => answer.split(" ").map(Number)[1] !== valueOf(Number(answer.split(" ")[0])))
    .reduce((sum, [, count]) => sum + count, 0);
  const seen = Object.keys(answers).length;
  say(JSON.stringify({ statuses, answers, quiet, wall, cpu, max }));
  return [
    `\`npm run bench:serving-swaps -- --requests ${REQUESTS} --swaps ${SWAPS}\`: ${machine}. ${requests.toLocaleString("en")} requests on ${CONNECTIONS} connections, ${Math.round(perSecond).toLocaleString("en")}/s, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(1)} ms, slowest ${max.toFixed(0)} ms; ${during} of ${SWAPS} swaps while they passed, ${seen} versions answered.`,
    "",
    "| | reached | target | |",
    "|---|---|---|---|",
    `| failed requests | ${failed} | 0 | ${verdict(failed === 0 && during === SWAPS)} |`,
    `| answers whose value is not that of the version they name | ${mixed} | 0 | ${verdict(mixed === 0)} |`,
    `| longest pause of the event loop | ${wall.toFixed(1)} ms (of it ${cpu.toFixed(1)} ms its own work; ${quiet.wall.toFixed(1)} ms under the same load without a swap) | < ${STALL_MS} ms | ${verdict(wall < STALL_MS)} |`,
  ];
}

await measureOnStage("swaps", folder, options.write, main);
