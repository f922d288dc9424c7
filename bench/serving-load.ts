import { spawn, spawnSync } from "node:child_process";
import path from "node:path";
import { text } from "node:stream/consumers";
import { descendants } from "./process-accounting.ts";

/** The two cores of a measurement: what is measured has the first for itself, the load and everything else the second. */
export const CORES = { server: "0", load: "1", all: "0,1" } as const;

export interface Load {
  /** Answers received. */
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers that were no 2xx or 3xx. */
  readonly refused: number;
  /** Requests without an answer. */
  readonly broken: number;
}

export interface LoadOptions {
  readonly port: number;
  readonly path: string;
  /** File with the body of a POST; null for a GET. */
  readonly body: string | null;
  readonly token: string;
  readonly connections: number;
  readonly seconds: number;
  /** False lets it run on any core. */
  readonly isPinned?: boolean;
}

/** Whether taskset of util-linux is there to give a process one core. */
const CAN_PIN = spawnSync("taskset", ["--version"]).status === 0;
/** wrk exits with 1 after printing its version. */
const HAS_WRK = spawnSync("wrk", ["-v"]).error === undefined;

/** A command with its arguments, held to one core where that can be done. */
export function pinned(core: string, command: string, args: readonly string[]): [string, string[]] {
  return CAN_PIN ? ["taskset", ["-c", core, command, ...args]] : [command, [...args]];
}

/** Holds a process that runs, with those it has started and will start, to one core. */
export function pinProcess(core: string, pid: number): void {
  if (!CAN_PIN) return;
  for (const each of [pid, ...descendants(pid)]) spawnSync("taskset", ["-acp", core, String(each)]);
}

/** What sends the requests, for the head of a table. */
export function describeLoad(): string {
  const tool = HAS_WRK ? "wrk" : "bench/http-load.ts (wrk is not installed: apt-get install wrk, or brew install wrk)";
  return CAN_PIN ? `${tool} on the other core` : `${tool}, not held to a core (taskset of util-linux is missing)`;
}

/** Sends one request after the other on each connection for some seconds. Throws when a request failed. */
export async function send(options: LoadOptions): Promise<Load> {
  const load = HAS_WRK ? await sendByWrk(options) : await sendByNode(options);
  if (load.refused > 0 || load.broken > 0 || load.requests === 0)
    throw new Error(`requests to ${options.path} failed: ${JSON.stringify(load)}`);
  return load;
}

async function sendByWrk(options: LoadOptions): Promise<Load> {
  const args = ["-t1", `-c${options.connections}`, `-d${options.seconds}s`];
  const url = `http://127.0.0.1:${options.port}${options.path}`;
  const script = ["-s", path.join(import.meta.dirname, "wrk.lua"), url, "--", options.body ?? "", options.token];
  return lastLine(await run("wrk", [...args, ...script], options.isPinned)) as Load;
}

async function sendByNode(options: LoadOptions): Promise<Load> {
  const answers = await ask(options);
  return { ...answers, seconds: answers.requests / answers.perSecond, refused: answers.requests - answered(answers) };
}

/** What bench/http-load.ts tells of its requests; times in milliseconds. */
export interface Answers {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests without an answer. */
  readonly broken: number;
  /** How often the groups of `count` matched what. */
  readonly answers: Readonly<Record<string, number>>;
}

/** Sends as `send` does, failures included, for at most so many `requests`; `count` is a pattern of bodies whose groups are counted. */
export async function ask({
  body,
  isPinned,
  ...options
}: LoadOptions & { requests?: number; count?: string }): Promise<Answers> {
  const flags = Object.entries({ ...options, warm: 0, ...(body === null ? {} : { body }) });
  const script = [path.join(import.meta.dirname, "http-load.ts"), ...flags.map(([key, value]) => `--${key}=${value}`)];
  return lastLine(await run(process.execPath, script, isPinned)) as Answers;
}

/** Requests that were answered with 200. */
export const answered = ({ statuses }: Pick<Answers, "statuses">): number => statuses["200"] ?? 0;

async function run(command: string, args: readonly string[], isPinned = true): Promise<string> {
  const [program, all] = isPinned ? pinned(CORES.load, command, args) : [command, [...args]];
  const child = spawn(program, all, { stdio: ["ignore", "pipe", "inherit"] });
  return await text(child.stdout);
}

function lastLine(output: string): unknown {
  const line = output.trim().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`the load generator said: ${output.slice(-500)}`);
  }
}
