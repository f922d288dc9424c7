import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { type Cluster, startCluster } from "#bin/launch/cluster.ts";
import { quantile } from "./tracking-client.ts";
import { seedMlflow, seedTouchstone } from "./tracking-seed.ts";
import {
  endServers,
  giveTurn,
  installMlflow,
  peakMemory,
  type Server,
  startMlflow,
  startTouchstone,
} from "./tracking-servers.ts";
import { Bench, type Target, type Work, WORKS } from "./tracking-works.ts";

// What tracking costs beside MLflow from PyPI, on one Postgres and in turn: `npm run bench:tracking [-- --quick] [--only touchstone|<words of a work>]`.
// Touchstone runs as in production. MLflow runs with one worker and with its default number, since several make every kept-alive request wait some 45 ms;
// ratios are against the better of the two, and all take turns at each work. Whole about eight minutes, --quick about two, with less data. `--write` puts the table into docs/benchmarks.md.
const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    alone: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    only: { type: "string" },
  },
});
const INGEST = { clients: 20, points: options.quick ? 1_000_000 : 10_000_000, perSecond: 100_000, bytes: 500e6 };
/** A slow server gets fewer rounds rather than more time. */
const PATIENCE_MS = options.quick ? 5_000 : 8_000;
/** The servers take turns at each work, so that a machine that slows down for a while slows down all of them. */
const TURNS = 4;

interface Measured {
  readonly p50: number;
  readonly p95: number;
  readonly rounds: number;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

type Results = ReadonlyMap<string, Measured>;

/** Measures one work at some of the servers, turn by turn, in the order in which they are given; the others are held still. */
async function measure(benches: readonly Bench[], servers: readonly Server[], work: Work): Promise<Measured[]> {
  const subjects: {
    bench: Bench;
    once: (i: number) => Promise<{ milliseconds: number }>;
    i: number;
    times: number[];
  }[] = [];
  const turnOf = ({ server, connection }: Bench): void => {
    // One that was held still for long has closed its side of an idle connection.
    connection.close();
    giveTurn(server, servers);
  };
  for (const bench of benches) {
    turnOf(bench);
    subjects.push({ bench, once: await work.prepare(bench), i: 0, times: [] });
  }
  const rounds = work.rounds[options.quick ? 1 : 0];
  // What is fast only when it is warm is measured warm, at every server: as many calls before as are measured.
  for (const subject of subjects) {
    turnOf(subject.bench);
    for (; subject.i < rounds; subject.i += 1) await subject.once(subject.i);
  }
  const each = Math.max(2, Math.ceil(rounds / TURNS));
  for (let turn = 0; turn < TURNS; turn += 1)
    for (const subject of subjects) {
      turnOf(subject.bench);
      const until = performance.now() + PATIENCE_MS / TURNS;
      for (let k = 0; k < each && (k < 2 || performance.now() < until); k += 1, subject.i += 1)
        subject.times.push((await subject.once(subject.i)).milliseconds);
    }
  return subjects.map(({ times }) => ({ p50: quantile(times, 0.5), p95: quantile(times, 0.95), rounds: times.length }));
}

const chosen = WORKS.filter(({ name }) => !options.only || name.includes(options.only));

/** What each server reached, by the name of the work. Touchstone is the first of them. */
async function measureAll(servers: readonly Server[]): Promise<Results[]> {
  const benches = servers.map((server) => new Bench(server, options.quick));
  const results = servers.map(() => new Map<string, Measured>());
  for (const work of chosen) {
    const measured = await measure(work.alone ? benches.slice(0, 1) : benches, servers, work);
    for (const [i, { p50, p95 }] of measured.entries()) {
      results[i]?.set(work.name, measured[i] as Measured);
      say(`${servers[i]?.name.padEnd(24)} ${work.name.padEnd(72)} p50 ${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms`);
    }
  }
  for (const { connection } of benches) connection.close();
  return results;
}

interface Ingest {
  readonly points: number;
  readonly seconds: number;
  readonly errors: number;
  readonly p50: number;
  readonly p95: number;
}

async function ingest(server: Server): Promise<Ingest & { bytes: number }> {
  const child = spawn(
    process.execPath,
    [
      path.join(import.meta.dirname, "tracking-ingest.ts"),
      ...[
        `--port=${server.port}`,
        `--token=${server.token}`,
        `--clients=${INGEST.clients}`,
        `--points=${INGEST.points}`,
      ],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const result = JSON.parse(await text(child.stdout)) as Ingest;
  const bytes = peakMemory(server.pid);
  say(
    `${server.name.padEnd(24)} ingest of ${result.points} points: ${(result.points / result.seconds).toFixed(0)}/s, ${result.errors} errors, p50 ${result.p50.toFixed(0)} ms, p95 ${result.p95.toFixed(0)} ms, RSS at most ${(bytes / 1e6).toFixed(0)} MB`,
  );
  return { ...result, bytes };
}

const ms = (value: number | undefined) =>
  value === undefined ? "–" : `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;

interface Verdict {
  readonly reached: string;
  readonly wanted: string;
  readonly holds: boolean;
}

function verdict(target: Target, own: Measured, others: readonly Measured[]): Verdict {
  if ("milliseconds" in target) {
    const value = own[target.of];
    return {
      reached: `${target.of} ${ms(value)}`,
      wanted: `${target.of} ≤ ${target.milliseconds} ms`,
      holds: value <= target.milliseconds,
    };
  }
  const times = Math.min(...others.map(({ p50 }) => p50)) / own.p50;
  return { reached: `${times.toFixed(1)}×`, wanted: `≥ ${target.times}×`, holds: times >= target.times };
}

interface Table {
  readonly own: Results;
  readonly one: Results | undefined;
  readonly several: Results | undefined;
  readonly ingest: (Ingest & { bytes: number }) | null;
}

/** The results as a table in Markdown. */
function table({ own, one, several, ingest: flooded }: Table): string[] {
  const lines = [
    "| work | Touchstone p50 (p95) | MLflow, 1 worker | MLflow, default | reached | target | |",
    "|---|---|---|---|---|---|---|",
  ];
  for (const { name, target } of chosen) {
    const mine = own.get(name);
    if (!mine) continue;
    const others = [one?.get(name), several?.get(name)].flatMap((each) => each ?? []);
    if ("times" in target && others.length === 0) continue;
    const { reached, wanted, holds } = verdict(target, mine, others);
    lines.push(
      `| ${name} | ${ms(mine.p50)} (${ms(mine.p95)}) | ${ms(one?.get(name)?.p50)} | ${ms(several?.get(name)?.p50)} | ${reached} | ${wanted} | ${holds ? "holds" : "**missed**"} |`,
    );
  }
  if (flooded) {
    const rate = flooded.points / flooded.seconds;
    const holds = rate >= INGEST.perSecond && flooded.bytes <= INGEST.bytes && flooded.errors === 0;
    lines.push(
      `| ingest, ${INGEST.clients} clients, ${flooded.points.toLocaleString("en")} points | ${Math.round(rate).toLocaleString("en")} points/s | – | – | RSS ${(flooded.bytes / 1e6).toFixed(0)} MB, ${flooded.errors} errors | ≥ 100,000 points/s, RSS ≤ 500 MB, no error | ${holds ? "holds" : "**missed**"} |`,
    );
  }
  return lines;
}

const DOCUMENT = path.join(import.meta.dirname, "../docs/benchmarks.md");
const MARKS = ["<!-- bench:tracking begins -->", "<!-- bench:tracking ends -->"] as const;

/** Puts the table between its marks in docs/benchmarks.md. */
function writeTable(lines: readonly string[]): void {
  const document = readFileSync(DOCUMENT, "utf8");
  const [from, to] = MARKS.map((mark) => document.indexOf(mark)) as [number, number];
  if (from < 0 || to < from) throw new Error(`${DOCUMENT} lacks the marks ${MARKS.join(" and ")}`);
  writeFileSync(DOCUMENT, `${document.slice(0, from)}${MARKS[0]}\n${lines.join("\n")}\n${document.slice(to)}`);
}

async function main(cluster: Cluster, folder: string): Promise<void> {
  const version = options.alone ? "" : installMlflow(say);
  const servers: Server[] = [];
  try {
    servers.push(await startTouchstone(cluster, folder, say));
    if (!options.alone) servers.push(await startMlflow(cluster, folder, 1), await startMlflow(cluster, folder));
    for (const [i, { databaseUrl }] of servers.entries())
      if (chosen.some(({ name, alone }) => name.startsWith("search") && (i === 0 || !alone)))
        await (i === 0 ? seedTouchstone : seedMlflow)(databaseUrl, options.quick);
    const [own = new Map<string, Measured>(), one, several] = await measureAll(servers);
    // Alone on the machine: the peak of its memory is its own, and nobody waits beside it.
    for (const peer of servers.splice(1)) await peer.stop();
    const flooded = options.only && !"ingest".includes(options.only) ? null : await flood(servers);
    report(version, { own, one, several, ingest: flooded });
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function flood([server]: readonly Server[]): Promise<(Ingest & { bytes: number }) | null> {
  return server ? await ingest(server) : null;
}

function report(version: string, results: Table): void {
  const machine = `${os.cpus().length} × ${os.cpus()[0]?.model ?? "?"}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Linux ${os.release()}, Node ${process.version}, MLflow ${version}`;
  const lines = [
    `\`npm run bench:tracking${options.quick ? " -- --quick" : ""}\` on ${machine}; load before ${load.map((n) => n.toFixed(1)).join(", ")}.`,
    "",
    ...table(results),
  ];
  say(`\n${lines.join("\n")}`);
  if (options.write) writeTable(lines);
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

const load = os.loadavg();
const folder = mkdtempSync(path.join(os.tmpdir(), "bench-tracking-"));
const cluster = await startCluster(path.join(folder, "pg"));
try {
  await main(cluster, folder);
} finally {
  await cluster.stop();
}
