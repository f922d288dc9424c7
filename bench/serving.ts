import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "#bin/launch/ports.ts";
import { forestFile } from "#worker/serving/testing/forest.ts";
import { describeMachine, median, writePart } from "./benchmarks-page.ts";
import { describeLoad, send } from "./serving-load.ts";
import { installPeers, MODELS, type Peer, peers } from "./serving-peers.ts";
import { endServers, type Server, startServer } from "./serving-servers.ts";
import { openStage, type Stage } from "./serving-stage.ts";

// What a single prediction costs: `npm run bench:serving [-- --alone] [--quick] [--write]`. The serving process as an installation runs it, with token and
// Postgres, on one core; the load, Postgres and everything else on the other. The subjects are loaded in turn, in several rounds; figures are medians. What
// is compared is processor time per request as the kernel accounts it to the whole server, in user and kernel mode. `--alone` leaves the Python peers out.
const { values: options } = parseArgs({
  options: {
    alone: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const ROUNDS = options.quick ? 3 : 5;
const SECONDS = options.quick ? 2 : 4;
const PEER_ROUNDS = options.quick ? 1 : 3;
const WARM_SECONDS = 2;
/** What a log or a shadow has left to do when the last answer is out. */
const REST_MS = 400;
const FEATURES = 30;
const row = Array.from({ length: FEATURES }, (_, i) => Math.round(Math.sin(i * 7) * 1e4) / 1e4);

interface Subject {
  readonly name: string;
  readonly server: Server;
  readonly path: string;
  /** File; null asks with GET. */
  readonly body: string | null;
  readonly token: string;
}

/** Medians of some rounds. */
interface Measured {
  readonly cpu: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const folder = mkdtempSync(path.join(os.tmpdir(), "bench-serving-"));

function fileOf(name: string, body: unknown): string {
  const file = path.join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(body));
  return file;
}

async function once({ server, path: address, body, token }: Subject, connections: number, seconds: number): Promise<Measured> {
  const before = server.cpu();
  const load = await send({ port: server.port, path: address, body, token, connections, seconds });
  await sleep(REST_MS);
  const cpu = ((server.cpu() - before) / load.requests) * 1e6;
  return { cpu, perSecond: load.requests / load.seconds, p50: load.p50, p99: load.p99 };
}

async function measure(subjects: readonly Subject[], connections: number, rounds: number): Promise<Map<string, Measured>> {
  const all = new Map<string, Measured[]>(subjects.map(({ name }) => [name, []]));
  for (const subject of subjects) await once(subject, connections, WARM_SECONDS);
  for (let round = 0; round < rounds; round += 1)
    for (const subject of subjects) all.get(subject.name)?.push(await once(subject, connections, SECONDS));
  const result = new Map<string, Measured>();
  for (const [name, each] of all) {
    const of = (key: keyof Measured) => median(each.map((one) => one[key]));
    const measured = { cpu: of("cpu"), perSecond: of("perSecond"), p50: of("p50"), p99: of("p99") };
    result.set(name, measured);
    const spread = each.map(({ cpu }) => cpu.toFixed(1)).join(" ");
    say(`${connections} connections  ${name.padEnd(36)} ${line(measured)}  (${spread})`);
  }
  return result;
}

const line = ({ cpu, perSecond, p50, p99 }: Measured) =>
  `${cpu.toFixed(1)} µs, ${perSecond.toFixed(0)}/s, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;

async function target(name: string, ...args: string[]): Promise<Server> {
  const port = await freePort();
  const script = path.join(import.meta.dirname, "serving-target.ts");
  return await startServer({ name, port, folder, command: process.execPath, args: [script, String(port), ...args], probe: "/" });
}

/** The files of the two models: those that scikit-learn trained for the comparison, or some of the same size. */
function modelFiles(): Record<"mlp" | "trees", string> {
  if (!options.alone) return { mlp: path.join(MODELS, "mlp.onnx"), trees: path.join(MODELS, "trees.onnx") };
  const trees = path.join(folder, "trees.onnx");
  writeFileSync(trees, forestFile(100, 6, 0.01, FEATURES));
  return { mlp: path.join(import.meta.dirname, "../server/registry/fixtures/mlp.onnx"), trees };
}

async function measurePeer(peer: Peer): Promise<Measured> {
  const server = await peer.start(folder);
  try {
    const subject = { name: peer.name, server, path: peer.path, body: fileOf("peer", peer.body), token: "" };
    const result = (await measure([subject], 32, PEER_ROUNDS)).get(peer.name);
    if (!result) throw new Error(`${peer.name} was not measured`);
    return result;
  } finally {
    await server.stop();
  }
}

interface Line {
  readonly what: string;
  readonly measured: Measured | undefined;
  readonly reached: string;
  readonly target: string;
  readonly holds: boolean;
}

async function main(stage: Stage): Promise<void> {
  const files = modelFiles();
  const tensor = { name: "x", datatype: "FP32", shape: [1, FEATURES], data: row };
  const body = fileOf("row", { inputs: [tensor] });
  const { token } = stage;
  for (const model of ["mlp", "trees"] as const) {
    await stage.promote(model, files[model]);
    await stage.open(model);
  }
  const serving = await stage.serve("serving", { endpoint: "trees" });
  const [hello, eachMlp, eachTrees] = [
    await target("hello", "hello"),
    await target("each mlp", "each", files.mlp),
    await target("each trees", "each", files.trees),
  ];
  const subject = (name: string, server: Server, endpoint: string | null): Subject =>
    endpoint === null
      ? { name, server, path: "/", body: null, token: "" }
      : { name, server, path: `/v2/models/${endpoint}/infer`, body, token };
  const subjects = [
    subject("hello", hello, null),
    subject("mlp", serving, "mlp"),
    subject("trees", serving, "trees"),
    subject("each mlp", eachMlp, "model"),
    subject("each trees", eachTrees, "model"),
  ];
  const many = await measure(subjects, 32, ROUNDS);
  const few = await measure(subjects, 4, ROUNDS);
  say(JSON.stringify([...many, ...few].length));
}

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    endServers();
    process.exit(1);
  });
process.once("exit", () => {
  endServers();
  rmSync(folder, { recursive: true, force: true });
});
const machine = describeMachine();
if (!options.alone) installPeers(say);
const stage = await openStage(folder);
try {
  await main(stage);
} finally {
  endServers();
  await stage.close();
}
