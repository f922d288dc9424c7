import { type ChildProcess, spawn } from "node:child_process";
import { durationText, sizeText } from "#server/pipelines/index.ts";
import type { Command } from "../isolation/isolation.ts";
import { descend, type ProcessRow, processTree, readProcessTable } from "../isolation/process-table.ts";

const WATCH_MS = 250;
const FIRST_LOOK_MS = 60;

/** Why the worker ended a process before its time. */
export interface Ending {
  readonly status: "timed_out" | "out_of_memory" | "cancelled" | "lost";
  readonly reason: string;
  readonly message: string;
  /** How long it may tidy up after SIGTERM. */
  readonly graceMs: number;
}

export interface ProcessEnd {
  /** Null when it never started or ended by a signal. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why it could not be started. */
  readonly startError: string | null;
  /** Set when the worker ended it. */
  readonly ending: Ending | null;
  readonly peakRssBytes: number | null;
}

export interface StepProcessOptions {
  readonly command: Command;
  readonly cwd: string;
  /** The whole environment of the process; nothing of the worker's own is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  readonly onOutput: (chunk: Buffer, stream: "stdout" | "stderr") => void;
}

const TIMEOUT_GRACE_MS = 5_000;

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}

/**
 * A running step: a process group of its own, ended as a whole. It is watched four times a second: over its memory limit it is killed at once, over its
 * time limit it is asked with SIGTERM first.
 */
export class StepProcess {
  readonly done: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #options: StepProcessOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  #ending: Ending | null = null;
  #peak: number | null = null;
  #ended = false;

  constructor(options: StepProcessOptions) {
    this.#options = options;
    const { command } = options;
    this.#child = spawn(command.file, command.args, {
      cwd: options.cwd,
      env: options.env as unknown as NodeJS.ProcessEnv,
      detached: true,
      stdio: command.watched ? ["ignore", "pipe", "pipe", "pipe"] : ["ignore", "pipe", "pipe"],
    });
    // A pipe whose other end is gone must not bring the worker down.
    for (const stream of this.#child.stdio) stream?.on("error", () => undefined);
    this.#child.stdout?.on("data", (chunk: Buffer) => options.onOutput(chunk, "stdout"));
    this.#child.stderr?.on("data", (chunk: Buffer) => options.onOutput(chunk, "stderr"));
    this.done = this.#wait();
    this.#timers.push(
      setTimeout(() => this.#look(), FIRST_LOOK_MS),
      setInterval(() => this.#look(), WATCH_MS),
      setTimeout(
        () =>
          this.end({
            status: "timed_out",
            reason: "timeout",
            message: `It ran longer than its time limit of ${durationText(options.timeoutMs)}.`,
            graceMs: TIMEOUT_GRACE_MS,
          }),
        options.timeoutMs,
      ),
    );
  }

  /** Ends the process and all it started: SIGTERM, and SIGKILL for what is left after the grace. The first reason counts. */
  end(ending: Ending): void {
    if (this.#ended) return;
    const first = this.#ending === null;
    this.#ending ??= ending;
    if (ending.graceMs <= 0) {
      this.#kill();
      return;
    }
    if (!first) return;
    this.#ask();
    this.#timers.push(setTimeout(() => this.#kill(), ending.graceMs));
  }

  /** Everything the step runs. In a process namespace nothing leaves the tree; else the group has to be looked for as well. */
  #tree(pid: number): ProcessRow[] {
    return (this.#options.command.wrapped ? descend(pid) : null) ?? processTree(readProcessTable(), pid);
  }

  #ask(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    // A wrapper dies of SIGTERM at once and takes what it wraps with it, so only those inside are asked.
    for (const row of this.#tree(pid))
      if (!(this.#options.command.wrapped && row.pid === pid)) signal(row.pid, "SIGTERM");
  }

  #kill(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    const tree = this.#tree(pid);
    signal(-pid, "SIGKILL");
    for (const row of tree) signal(row.pid, "SIGKILL");
  }

  #look(): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#ended) return;
    const bytes = this.#tree(pid).reduce((sum, row) => sum + row.rssBytes, 0);
    if (bytes === 0) return;
    this.#peak = Math.max(this.#peak ?? 0, bytes);
    const { memoryBytes } = this.#options;
    if (bytes <= memoryBytes) return;
    this.end({
      status: "out_of_memory",
      reason: "out_of_memory",
      message: `It used ${sizeText(bytes)} of memory; its limit is ${sizeText(memoryBytes)}. Raise resources.memory of the step, or read less at once.`,
      graceMs: 0,
    });
  }

  async #wait(): Promise<ProcessEnd> {
    let startError: string | null = null;
    const { code, by } = await new Promise<{ code: number | null; by: string | null }>((resolve) => {
      this.#child.once("error", (error) => {
        startError = error.message;
        // Without a process there will be no "close".
        if (this.#child.pid === undefined) resolve({ code: null, by: null });
      });
      this.#child.once("exit", () => {
        this.#ended = true;
        // What it left behind would keep its pipes open, and run on unwatched.
        const { pid } = this.#child;
        if (pid !== undefined) signal(-pid, "SIGKILL");
      });
      this.#child.once("close", (exitCode, name) => resolve({ code: exitCode, by: name }));
    });
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer);
    return { exitCode: code, signal: by, startError, ending: this.#ending, peakRssBytes: this.#peak };
  }
}
