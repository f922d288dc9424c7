import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startCluster } from "#bin/launch/cluster.ts";
import { createRepository } from "#server/code/index.ts";
import { systemActor } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { getRun, startRun } from "#server/pipelines/index.ts";
import type { RunDetail } from "#server/pipelines/contract.ts";
import { closeDatabase } from "#server/platform/db.ts";
import { deploy } from "#server/platform/deploy.ts";
import { env, resetEnv } from "#server/platform/env.ts";
import { closeChanges } from "#server/platform/events.ts";
import { stopQueue } from "#server/platform/jobs.ts";
import { createProject } from "#server/projects/index.ts";

// What a pipeline step costs beyond its own process, and how long a killed worker's step waits for another. `node bench/pipelines.ts`.
// Real workers on a Postgres of their own; the chains run one step after the other, so nothing hides behind anything.
const STEPS = 20;
const ROUNDS = 3;
const PROJECT = "bench";

function chain(command: string): string {
  const steps = Array.from(
    { length: STEPS },
    (_, i) => `  s${i}: {run: '${command}'${i === 0 ? "" : `, needs: [s${i - 1}]`}}`,
  );
  return `version: 1\nname: chain\nsteps:\n${steps.join("\n")}\n`;
}

const FILES = {
  "true.pipeline.yaml": chain("true"),
  "node.pipeline.yaml": chain("node -e 0"),
  "long.pipeline.yaml": 'version: 1\nname: long\nsteps:\n  long: {run: "sleep 60071"}\n',
};

const WORKER = `
import { Executor } from "#worker/pipelines/executor.ts";
import { log } from "#server/platform/log.ts";
const executor = new Executor({ workerId: process.argv[1], slots: 2, log });
await executor.start();
process.on("SIGTERM", () => void executor.stop().then(() => process.exit(0)));
process.stdout.write("ready");
`;

const dir = mkdtempSync(path.join(os.tmpdir(), "bench-pipelines-"));
const cluster = await startCluster(path.join(dir, "postgres"));
const actor = systemActor("bench");
const workers = new Set<Awaited<ReturnType<typeof startWorker>>>();
try {
  process.env["DATABASE_URL"] = cluster.url("postgres");
  process.env["DATA_DIR"] = dir;
  process.env["LOG_LEVEL"] = "error";
  resetEnv();
  await deploy(cluster.url("postgres"));
  const project = await createProject(actor, { slug: PROJECT, name: "Bench" });
  const files = mkdtempSync(path.join(os.tmpdir(), "bench-files-"));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(files, name), text);
  await createRepository(project.id, "Bench", { name: "Bench", email: "bench@example.org" }, files);
  rmSync(files, { recursive: true });
  console.log(`${os.availableParallelism()} processors, load ${os.loadavg()[0]?.toFixed(1) ?? "?"}`);
  await overhead();
  await takeover();
} finally {
  for (const worker of workers) await worker.stop();
  await stopQueue(1000);
  await closeChanges();
  await closeDatabase();
  // The last connections say goodbye.
  await sleep(200);
  await cluster.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function startWorker() {
  const id = uuidv7();
  const variables = { PATH: env().PATH, DATABASE_URL: env().DATABASE_URL ?? "", DATA_DIR: dir, LOG_LEVEL: "error" };
  const child = spawn(process.execPath, ["--input-type=module", "-e", WORKER, id], {
    cwd: path.join(import.meta.dirname, ".."),
    env: variables as unknown as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const worker = {
    id,
    pid: child.pid ?? 0,
    kill: () => child.kill("SIGKILL"),
    stop: async () => {
      workers.delete(worker);
      child.kill("SIGTERM");
      await gone;
    },
  };
  workers.add(worker);
  return worker;
}

async function ended(number: number): Promise<RunDetail> {
  for (;;) {
    const run = await getRun(actor, PROJECT, { number });
    if (run.finishedAt !== null) return run;
    await sleep(50);
  }
}

/** Milliseconds that a bare process takes, started as a worker would without any of this. */
function bare(argv: readonly string[]): number {
  const began = performance.now();
  for (let i = 0; i < STEPS; i++) spawnSync(argv[0] ?? "", argv.slice(1), { stdio: "ignore" });
  return (performance.now() - began) / STEPS;
}

/** Processor time of a process and of all children it has waited for, in ms (Linux counts in hundredths of a second); 0 elsewhere. */
function cpuMs(pid: number): number {
  if (process.platform !== "linux") return 0;
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field) * 10, 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function overhead(): Promise<void> {
  const worker = await startWorker();
  // The first step of a worker finds out how it can isolate steps.
  await ended((await startRun(actor, PROJECT, { pipelinePath: "true.pipeline.yaml" })).number);
  for (const [name, argv] of [
    ["true", ["true"]],
    ["node", [process.execPath, "-e", "0"]],
  ] as const) {
    const perStep: number[] = [];
    const cpuBefore = cpuMs(worker.pid);
    let isolation = "";
    for (let round = 0; round < ROUNDS; round++) {
      const run = await ended((await startRun(actor, PROJECT, { pipelinePath: `${name}.pipeline.yaml` })).number);
      if (run.status !== "succeeded") throw new Error(run.error ?? "the run failed");
      perStep.push((run.durationMs ?? 0) / STEPS);
      isolation = run.stepRuns[0]?.attempts[0]?.isolation ?? "";
    }
    const cpu = (cpuMs(worker.pid) - cpuBefore) / STEPS / ROUNDS;
    const [all, own] = [median(perStep), bare(argv)];
    console.log(
      `chain of ${STEPS} × ${name.padEnd(4)} (${isolation}): ${all.toFixed(1)} ms per step, of which the bare process ${own.toFixed(1)} ms: overhead ${(all - own).toFixed(1)} ms; processor time ${cpu.toFixed(1)} ms`,
    );
  }
  await worker.stop();
}

async function takeover(): Promise<void> {
  const first = await startWorker();
  const { number } = await startRun(actor, PROJECT, { pipelinePath: "long.pipeline.yaml" });
  const attempts = async () => (await getRun(actor, PROJECT, { number })).stepRuns[0]?.attempts ?? [];
  while ((await attempts())[0]?.isolation === undefined || !sleeping()) await sleep(20);
  await startWorker();
  first.kill();
  const killed = performance.now();
  workers.delete(first);
  while (sleeping()) await sleep(5);
  const died = performance.now() - killed;
  while (!sleeping()) await sleep(20);
  const taken = performance.now() - killed;
  const states = (await attempts()).map((attempt) => attempt.status);
  console.log(
    `kill -9 of a worker: its step died after ${died.toFixed(0)} ms and ran again elsewhere after ${(taken / 1000).toFixed(1)} s (attempts: ${states.join(", ")})`,
  );
}

function sleeping(): boolean {
  return spawnSync("pgrep", ["-fx", "sleep 60071"]).status === 0;
}
