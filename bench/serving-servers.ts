import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import path from "node:path";
import { cpuSeconds } from "./process-accounting.ts";
import { CORES, pinned } from "./serving-load.ts";

/** A server under measurement, alone on its core. */
export interface Server {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** Processor seconds so far, of all its threads and processes. */
  readonly cpu: () => number;
  readonly stop: () => Promise<void>;
}

export interface Start {
  readonly name: string;
  readonly port: number;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Address that answers 200 once it is ready. */
  readonly probe: string;
  readonly token?: string;
  /** False leaves it to the scheduler where it runs. */
  readonly pin?: boolean;
}

const READY_MS = 120_000;
const STOP_MS = 10_000;
const running = new Set<number>();

/** Ends what was started when the benchmark itself is ended: each server leads a process group of its own. */
export function endServers(): void {
  for (const pid of running) kill(pid, "SIGKILL");
}

/** Starts a server and waits until it answers. Throws with the end of its log when it does not. */
export async function startServer(start: Start): Promise<Server> {
  const { name, port, folder } = start;
  const logFile = path.join(folder, `${name.replaceAll(/\W+/g, "-")}.log`);
  const [command, args] =
    start.pin === false ? [start.command, [...start.args]] : pinned(CORES.server, start.command, start.args);
  const child = spawn(command, args, {
    cwd: path.join(import.meta.dirname, ".."),
    env: { NODE_ENV: "production", PATH: process.env["PATH"], HOME: folder, ...start.environment },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pid = child.pid ?? 0;
  running.add(pid);
  child.once("exit", () => running.delete(pid));
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const until = performance.now() + READY_MS;
  const headers: Record<string, string> = start.token ? { authorization: `Bearer ${start.token}` } : {};
  for (;;) {
    const ready = await fetch(`http://127.0.0.1:${port}${start.probe}`, { headers }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) break;
    if (child.exitCode !== null || performance.now() > until) {
      kill(pid, "SIGKILL");
      throw new Error(`${name} did not become ready: ${readFileSync(logFile, "utf8").slice(-2000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { name, port, pid, cpu: () => cpuSeconds(pid), stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const { pid } = child;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  kill(pid, "SIGTERM");
  const timer = setTimeout(() => kill(pid, "SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(timer);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}
