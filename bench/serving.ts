import { fork, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { columnsInputs } from "#worker/serving/testing/fixture.ts";

// What a single-row prediction costs, beside a server that only says hello: `node bench/serving.ts [seconds per measurement]`.
// The servers run one after the other, each in its own process, the load in another, in several rounds. Latency and throughput are medians;
// processor time per request is the least of the rounds, because other work on the machine can only add to it. Ratios are of that.
const SECONDS = Number(process.argv[2] ?? 3);
const ROUNDS = 3;
const CONNECTIONS = [1, 32];
const TARGETS = ["hello", "parse mlp", "each mlp", "serving mlp", "each columns", "serving columns"];

interface Result {
  perSecond: number;
  p50: number;
  p99: number;
  cpu: number;
}
interface Load extends Result {
  sent: number;
  requests: number;
  broken: number;
  statuses: Record<string, number>;
}

const folder = mkdtempSync(path.join(tmpdir(), "bench-serving-"));
const bodies: Record<string, unknown> = {
  mlp: {
    inputs: [{ name: "x", datatype: "FP32", shape: [1, 30], data: Array.from({ length: 30 }, (_, i) => (i - 15) / 7) }],
  },
  columns: { inputs: columnsInputs() },
};
for (const [name, body] of Object.entries(bodies))
  writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(body));

async function measure(target: string, connections: number): Promise<Result> {
  const [kind = "", model] = target.split(" ");
  const server = fork(path.join(import.meta.dirname, "serving-target.ts"), [kind, model ?? ""], {
    env: { ...process.env, LOG_LEVEL: "silent" },
  });
  const ask = <T>() => new Promise<T>((resolve) => server.once("message", (message) => resolve(message as T)));
  const { port } = await ask<{ port: number }>();
  const args = [
    `--port=${port}`,
    `--connections=${connections}`,
    `--seconds=${SECONDS}`,
    "--path=/v2/models/model/infer",
  ];
  if (model) args.push(`--body=${path.join(folder, `${model}.json`)}`);
  const state = () => {
    server.send("state");
    return ask<{ cpu: NodeJS.CpuUsage; logged: number }>();
  };
  const before = await state();
  const child = spawn(process.execPath, [path.join(import.meta.dirname, "http-load.ts"), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const load = JSON.parse(await text(child.stdout)) as Load;
  const after = await state();
  server.kill();
  if (load.broken > 0 || load.statuses["200"] !== load.requests)
    throw new Error(`${target}: requests failed: ${JSON.stringify(load)}`);
  if (kind === "serving" && after.logged < load.sent)
    throw new Error(`${target}: ${after.logged} of ${load.sent} predictions were logged`);
  const cpu = (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / load.sent;
  return { perSecond: load.perSecond, p50: load.p50, p99: load.p99, cpu };
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

for (const connections of CONNECTIONS) {
  const rounds = new Map<string, Result[]>(TARGETS.map((target) => [target, []]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const target of TARGETS) rounds.get(target)?.push(await measure(target, connections));
  const results = new Map(
    [...rounds].map(([target, all]) => {
      const pick = (key: keyof Result) => median(all.map((result) => result[key]));
      const cpu = Math.min(...all.map((result) => result.cpu));
      return [target, { perSecond: pick("perSecond"), p50: pick("p50"), p99: pick("p99"), cpu }];
    }),
  );
  const cpuOf = (target: string) => results.get(target)?.cpu ?? 0;
  process.stdout.write(
    `\n${connections} connection${connections > 1 ? "s" : ""}      p50 ms   p99 ms    req/s   CPU µs/req   of hello's req/s per core\n`,
  );
  for (const [target, { perSecond, p50, p99, cpu }] of results)
    process.stdout.write(
      `${target.padEnd(16)} ${p50.toFixed(3).padStart(7)} ${p99.toFixed(3).padStart(8)} ${perSecond.toFixed(0).padStart(8)} ${cpu.toFixed(1).padStart(12)}   ${((100 * cpuOf("hello")) / cpu).toFixed(0)} %\n`,
    );
  for (const model of Object.keys(bodies))
    process.stdout.write(
      `${model}: one run per turn needs 1/${(cpuOf(`each ${model}`) / cpuOf(`serving ${model}`)).toFixed(2)} of the processor time of one run per request\n`,
    );
}
rmSync(folder, { recursive: true });
