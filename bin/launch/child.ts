import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Environment } from "./environment.ts";
import { openLogFile } from "./log-file.ts";
import { type LogLine, readLogLine } from "./log-line.ts";
import { dieWithParent } from "./parent-death.ts";

export type ChildOptions = {
  readonly name: string;
  /** Node's arguments: a script and its own. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Environment;
  readonly logDir: string;
  /** What Linux sends the child when the launcher is killed. */
  readonly onOrphaned?: "TERM" | "KILL";
  /** Told every line it writes. */
  onLine(line: LogLine): void;
};

/** A running child process in a group of its own. */
export type Child = {
  readonly name: string;
  readonly pid: number;
  readonly running: boolean;
  /** How it ended: an exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  /** Asks with SIGTERM and, after `graceMs`, insists with SIGKILL. What it may have left in its group goes too. */
  stop(graceMs?: number): Promise<void>;
  /** Ends it and its group at once. */
  kill(): void;
};

const GRACE_MS = 10_000;

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // nobody is left in it
  }
}

/**
 * Starts Node with `args`. The child is a process group of its own, so that Ctrl-C in the terminal reaches only the launcher, which stops things
 * in their order; all it writes goes to `<logDir>/<name>.log`.
 */
export function startChild(options: ChildOptions): Child {
  const words = [...dieWithParent(options.onOrphaned ?? "TERM"), process.execPath, ...options.args];
  const child = spawn(words[0] ?? process.execPath, words.slice(1), {
    cwd: options.cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { NODE_ENV: "production", ...options.environment },
  });
  const file = openLogFile(options.logDir, options.name);
  const follow = (stream: Readable, kind: "stdout" | "stderr") => {
    createInterface({ input: stream }).on("line", (raw) => {
      file.write(`${raw}\n`);
      if (raw.trim() !== "") options.onLine(readLogLine(raw, kind));
    });
  };
  follow(child.stdout, "stdout");
  follow(child.stderr, "stderr");
  const exited = untilExit(child).finally(() => file.close());
  const pid = child.pid ?? 0;
  const running = () => pid > 0 && child.exitCode === null && child.signalCode === null;
  return {
    name: options.name,
    pid,
    exited,
    get running() {
      return running();
    },
    async stop(graceMs = GRACE_MS) {
      if (running()) {
        child.kill("SIGTERM");
        const timer = setTimeout(() => killGroup(pid), graceMs);
        await exited;
        clearTimeout(timer);
      }
      if (pid > 0) killGroup(pid);
    },
    kill() {
      if (pid > 0) killGroup(pid);
    },
  };
}

async function untilExit(child: ChildProcess): Promise<number | string> {
  return await new Promise((resolve) => {
    // "close" comes after the last line was read, which may hold the reason.
    child.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
    child.once("error", (error) => resolve(error.message));
  });
}
