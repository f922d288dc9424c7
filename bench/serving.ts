import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "#bin/launch/ports.ts";
import { forestFile } from "#worker/runtimes/onnx/forest/testing/flat-forest.ts";
import { describeMachine, median, verdict, writePart } from "./benchmarks-page.ts";
import { describeLoad, send } from "./serving-load.ts";
import { installPeers, MODELS, type Peer, peers } from "./serving-peers.ts";
import { endServers, type Server, startServer } from "./serving-servers.ts";
import { openStage, type Stage } from "./serving-stage.ts";

// What a single prediction costs: `npm run bench:serving [-- --alone] [--quick] [--write]`. The serving process as an installation runs it, with token and
// Postgres, on one core; the load, Postgres and everything else on the other. The subjects are loaded in turn, in several rounds; figures are medians. What
// is compared is processor time per request as the kernel accounts it to the whole server, in user and kernel mode. `--alone` leaves the Python peers out, `--only mlp,hello`
// takes these subjects alone, on 32 connections, and makes no table.
const { values: options } = parseArgs({
  options: {
    alone: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    only: { type: "string" },
  },
});
const only = options.only?.split(",");
// Many short rounds: a machine that others use as well changes its pace from one second to the next.
const ROUNDS = options.quick ? 5 : 13;
const SECONDS = options.quick ? 1 : 2;
const PEER_ROUNDS = options.quick ? 2 : 7;
const WARM_SECONDS = 2;
/** What a log or a shadow has left to do when the last answer is out. */
const REST_MS = 400;
const FEATURES = 30;
/** The targets: of hello's requests per CPU second, and what logging and a shadow may add. */
const HELLO_SHARE = 0.75;
const LOG_SHARE = 0.12;
const SHADOW_SHARE = 0.08;
const row = Array.from({ length: FEATURES }, (_, i) => Math.round(Math.sin(i * 7) * 1e4) / 1e4);

interface Subject {
  readonly name: string;
  readonly server: Server;
  readonly path: string;
  /** File; null asks with GET. */
  readonly body: string | null;
  readonly token: string;
}

interface Round {
  readonly cpu: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Medians of some rounds. */
interface Measured extends Round {
  readonly rounds: readonly Round[];
}

/** What the first costs of the second: the median of the ratios within each round, whose subjects ran right after each other. */
function ratio(one: Measured | undefined, other: Measured | undefined, key: "cpu" | "p50" = "cpu"): number {
  const ratios = one?.rounds.map((round, i) => round[key] / (other?.rounds[i]?.[key] ?? Number.NaN)) ?? [];
  return ratios.length > 0 ? median(ratios) : Number.NaN;
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const folder = mkdtempSync(path.join(os.tmpdir(), "bench-serving-"));

function fileOf(name: string, body: unknown): string {
  const file = path.join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(body));
  return file;
}

async function once(
  { server, path: address, body, token }: Subject,
  connections: number,
  seconds: number,
): Promise<Round> {
  const before = server.cpu();
  const load = await send({ port: server.port, path: address, body, token, connections, seconds });
  await sleep(REST_MS);
  const cpu = ((server.cpu() - before) / load.requests) * 1e6;
  return { cpu, perSecond: load.requests / load.seconds, p50: load.p50, p99: load.p99 };
}

async function measure(given: readonly Subject[], connections: number, rounds: number): Promise<Map<string, Measured>> {
  const subjects = given.filter(({ name }) => !only || only.includes(name));
  const all = new Map<string, Round[]>(subjects.map(({ name }) => [name, []]));
  for (const subject of subjects) await once(subject, connections, WARM_SECONDS);
  for (let round = 0; round < rounds; round += 1)
    for (const subject of subjects) all.get(subject.name)?.push(await once(subject, connections, SECONDS));
  const result = new Map<string, Measured>();
  for (const [name, each] of all) {
    const of = (key: keyof Round) => median(each.map((one) => one[key]));
    const measured = { cpu: of("cpu"), perSecond: of("perSecond"), p50: of("p50"), p99: of("p99"), rounds: each };
    result.set(name, measured);
    const spread = each.map(({ cpu }) => cpu.toFixed(1)).join(" ");
    say(`${connections} connections  ${name.padEnd(36)} ${line(measured)}  (${spread})`);
  }
  return result;
}

const line = ({ cpu, perSecond, p50, p99 }: Round) =>
  `${cpu.toFixed(1)} µs, ${perSecond.toFixed(0)}/s, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;

async function target(name: string, ...args: string[]): Promise<Server> {
  const port = await freePort();
  const script = path.join(import.meta.dirname, "serving-target.ts");
  return await startServer({
    name,
    port,
    folder,
    command: process.execPath,
    args: [script, String(port), ...args],
    probe: "/",
  });
}

/** The files of the two models: those that scikit-learn trained for the comparison, or some of the same size. */
function modelFiles(): Record<"mlp" | "trees", string> {
  if (!options.alone) return { mlp: path.join(MODELS, "mlp.onnx"), trees: path.join(MODELS, "trees.onnx") };
  const trees = path.join(folder, "trees.onnx");
  writeFileSync(trees, forestFile(100, 6, 0.01, { width: FEATURES }));
  return { mlp: path.join(import.meta.dirname, "../server/registry/fixtures/mlp.onnx"), trees };
}

/** A peer in turn with our own. */
async function measurePeer(peer: Peer, own: Subject): Promise<Map<string, Measured>> {
  const server = await peer.start(folder);
  try {
    const subject = { name: peer.name, server, path: peer.path, body: fileOf("peer", peer.body), token: "" };
    return await measure([own, subject], 32, PEER_ROUNDS);
  } finally {
    await server.stop();
  }
}

/** A line of the table; the target is empty for what is only told. */
interface Line {
  readonly what: string;
  readonly measured: Measured | undefined;
  readonly reached: string;
  readonly target: string;
  readonly holds?: boolean;
}

/** What all servers of our own reached, by the names of `subjects`. */
interface Own {
  readonly many: ReadonlyMap<string, Measured>;
  readonly few: ReadonlyMap<string, Measured>;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function linesOf({ many, few }: Own): Line[] {
  const ofHello = (name: string, what: string): Line => {
    const share = ratio(many.get("hello"), many.get(name));
    const reached = `${percent(share)} of hello's requests per CPU second`;
    return {
      what,
      measured: many.get(name),
      reached,
      target: `≥ ${percent(HELLO_SHARE)}`,
      holds: share >= HELLO_SHARE,
    };
  };
  const more = (name: string, what: string, most: number): Line => {
    const share = ratio(many.get(name), many.get("mlp")) - 1;
    return {
      what,
      measured: many.get(name),
      reached: `${share < 0 ? "−" : "+"}${percent(Math.abs(share))} CPU`,
      target: `≤ +${percent(most)}`,
      holds: share <= most,
    };
  };
  const waits = (name: string): Line => {
    const [own, each] = [few.get(name), few.get(`each ${name}`)];
    const reached = `p50 ${own?.p50.toFixed(3)} ms, one run per request ${each?.p50.toFixed(3)} ms`;
    const what = `${name}, 4 connections`;
    return {
      what,
      measured: own,
      reached,
      target: "p50 ≤ that of one run per request",
      holds: ratio(own, each, "p50") <= 1,
    };
  };
  return [
    { what: "hello world of `node:http`", measured: many.get("hello"), reached: "", target: "" },
    ofHello("mlp", "MLP 30-64-64-1, log off"),
    ofHello("trees", "100 trees of depth 6, log off"),
    more("mlp logged", "MLP, every prediction logged", LOG_SHARE),
    more("mlp shadowed", "MLP with a shadow of the same size", SHADOW_SHARE),
    waits("mlp"),
    waits("trees"),
    {
      what: "MLP, one run per request",
      measured: many.get("each mlp"),
      reached: `${ratio(many.get("each mlp"), many.get("mlp")).toFixed(1)} × the CPU`,
      target: "",
    },
  ];
}

function table(lines: readonly Line[]): string[] {
  const cells = ({ what, measured: m, reached, target: wanted, holds }: Line) =>
    `| ${what} | ${m ? `${m.cpu.toFixed(1)} µs` : "–"} | ${m ? Math.round(m.perSecond).toLocaleString("en") : "–"} | ${m ? `${m.p50.toFixed(2)} / ${m.p99.toFixed(2)} ms` : "–"} | ${reached} | ${wanted} | ${holds === undefined ? "" : verdict(holds)} |`;
  return [
    "| subject | CPU per request | requests/s | p50 / p99 | reached | target | |",
    "|---|---|---|---|---|---|---|",
    ...lines.map(cells),
  ];
}

async function main(stage: Stage): Promise<void> {
  const files = modelFiles();
  const tensor = { name: "x", datatype: "FP32", shape: [1, FEATURES], data: row };
  const body = fileOf("row", { inputs: [tensor] });
  const { token } = stage;
  for (const model of ["mlp", "trees"] as const) {
    await stage.promote(model, files[model]);
    await stage.open(model, model, 0);
  }
  await stage.open("mlp-logged", "mlp", 1);
  await stage.open("mlp-shadowed", "mlp", 0);
  const { version } = await stage.register("mlp", files.mlp);
  await stage.shadow("mlp-shadowed", version);
  const serving = await stage.serve("serving", { endpoint: "trees" });
  const [hello, eachMlp, eachTrees] = [
    await target("hello", "hello"),
    await target("each mlp", "each", files.mlp),
    await target("each trees", "each", files.trees),
  ];
  const asking = (name: string, server: Server, endpoint: string): Subject => ({
    name,
    server,
    path: `/v2/models/${endpoint}/infer`,
    body,
    token,
  });
  const both = [
    { name: "hello", server: hello, path: "/", body: null, token: "" },
    asking("mlp", serving, "mlp"),
    asking("trees", serving, "trees"),
    asking("each mlp", eachMlp, "model"),
    asking("each trees", eachTrees, "model"),
  ];
  const many = await measure(
    [...both, asking("mlp logged", serving, "mlp-logged"), asking("mlp shadowed", serving, "mlp-shadowed")],
    32,
    ROUNDS,
  );
  const few = only ? new Map<string, Measured>() : await measure(both, 4, ROUNDS);
  if (only) {
    for (const [name, measured] of many) say(`hello costs ${percent(ratio(many.get("hello"), measured))} of ${name}`);
    return;
  }
  const lines = linesOf({ many, few });
  if (!options.alone)
    for (const peer of peers("mlp", row)) {
      const pair = await measurePeer(peer, asking("mlp", serving, "mlp"));
      const measured = pair.get(peer.name);
      const times = ratio(measured, pair.get("mlp"));
      lines.push({
        what: peer.name,
        measured,
        reached: `${times.toFixed(1)} × ours`,
        target: `≥ ${peer.times} ×`,
        holds: times >= peer.times,
      });
    }
  const head = `\`npm run bench:serving\` on ${machine}. Load: ${describeLoad()}, 32 connections unless said otherwise; medians of ${ROUNDS} rounds of ${SECONDS} s in turn; what is compared, the median of the ratios within each round.`;
  const text = [head, "", ...table(lines)];
  say(`\n${text.join("\n")}`);
  if (options.write) writePart("bench:serving", text);
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
