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
  installMlflow,
  peakMemory,
  type Server,
  startMlflow,
  startTouchstone,
} from "./tracking-servers.ts";
import { Bench, type Target, type Work, WORKS } from "./tracking-works.ts";

// What tracking costs beside MLflow from PyPI, on one Postgres and in turn: `npm run bench:tracking [-- --quick] [--only touchstone|<words of a work>]`.
// Touchstone runs as in production. MLflow runs with one worker and with its default number, since several make every kept-alive request wait some 45 ms;
// ratios are against the better of the two. Whole about eight minutes, --quick about two, with less data. `--write` puts the table into docs/benchmarks.md.
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

interface Measured {
  readonly p50: number;
  readonly p95: number;
  readonly rounds: number;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

async function measure(bench: Bench, work: Work): Promise<Measured> {
  const once = await work.prepare(bench);
  const rounds = work.rounds[options.quick ? 1 : 0];
  for (let i = 0; i < Math.min(5, rounds); i += 1) await once(i);
  const times: number[] = [];
  const until = performance.now() + PATIENCE_MS;
  for (let i = 5; i < rounds + 5 && (times.length < 5 || performance.now() < until); i += 1)
    times.push((await once(i)).milliseconds);
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95), rounds: times.length };
}

const chosen = WORKS.filter(({ name }) => !options.only || name.includes(options.only));

async function measureAll(server: Server, alone: boolean): Promise<Map<string, Measured>> {
  const bench = new Bench(server, options.quick);
  const results = new Map<string, Measured>();
  for (const work of chosen) {
    if (work.alone && !alone) continue;
    const result = await measure(bench, work);
    results.set(work.name, result);
    say(
      `${server.name.padEnd(24)} ${work.name.padEnd(72)} p50 ${result.p50.toFixed(2)} ms, p95 ${result.p95.toFixed(2)} ms`,
    );
  }
  bench.connection.close();
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

interface Results {
  readonly own: ReadonlyMap<string, Measured>;
  readonly one: ReadonlyMap<string, Measured>;
  readonly several: ReadonlyMap<string, Measured>;
  readonly ingest: (Ingest & { bytes: number }) | null;
}

/** The results as a table in Markdown. */
function table({ own, one, several, ingest: flood }: Results): string[] {
  const lines = [
    "| work | Touchstone p50 (p95) | MLflow, 1 worker | MLflow, default | reached | target | |",
    "|---|---|---|---|---|---|---|",
  ];
  for (const { name, target } of chosen) {
    const mine = own.get(name);
    if (!mine) continue;
    const others = [one.get(name), several.get(name)].flatMap((each) => each ?? []);
    if ("times" in target && others.length === 0) continue;
    const { reached, wanted, holds } = verdict(target, mine, others);
    lines.push(
      `| ${name} | ${ms(mine.p50)} (${ms(mine.p95)}) | ${ms(one.get(name)?.p50)} | ${ms(several.get(name)?.p50)} | ${reached} | ${wanted} | ${holds ? "holds" : "**missed**"} |`,
    );
  }
  if (flood) {
    const rate = flood.points / flood.seconds;
    const holds = rate >= INGEST.perSecond && flood.bytes <= INGEST.bytes && flood.errors === 0;
    lines.push(
      `| ingest, ${INGEST.clients} clients, ${flood.points.toLocaleString("en")} points | ${Math.round(rate).toLocaleString("en")} points/s | – | – | RSS ${(flood.bytes / 1e6).toFixed(0)} MB, ${flood.errors} errors | ≥ 100,000 points/s, RSS ≤ 500 MB, no error | ${holds ? "holds" : "**missed**"} |`,
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

async function withServer<T>(starting: Promise<Server>, work: (server: Server) => Promise<T>): Promise<T> {
  const server = await starting;
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

async function mlflowOn(cluster: Cluster, folder: string, workers?: number): Promise<Map<string, Measured>> {
  if (options.alone) return new Map();
  return await withServer(startMlflow(cluster, folder, workers), async (server) => {
    if (chosen.some(({ name, alone }) => name.startsWith("search") && !alone))
      await seedMlflow(server.databaseUrl, options.quick);
    return await measureAll(server, false);
  });
}

async function main(cluster: Cluster, folder: string): Promise<void> {
  const version = options.alone ? "" : installMlflow(say);
  const ownResults = await withServer(startTouchstone(cluster, folder, say), async (server) => {
    if (chosen.some(({ name }) => name.startsWith("search"))) await seedTouchstone(server.databaseUrl, options.quick);
    const own = await measureAll(server, true);
    return { own, ingest: options.only && !"ingest".includes(options.only) ? null : await ingest(server) };
  });
  const one = await mlflowOn(cluster, folder, 1);
  const several = await mlflowOn(cluster, folder);
  const machine = `${os.cpus().length} × ${os.cpus()[0]?.model ?? "?"}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Linux ${os.release()}, Node ${process.version}, MLflow ${version}`;
  const lines = [
    `\`npm run bench:tracking${options.quick ? " -- --quick" : ""}\` on ${machine}; load before ${load.map((n) => n.toFixed(1)).join(", ")}.`,
    "",
    ...table({ ...ownResults, one, several }),
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
