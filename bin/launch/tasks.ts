import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { isBuilt, markedBuild, sourceHash } from "./build.ts";
import { startChild } from "./child.ts";
import { childEnvironment, type Environment } from "./environment.ts";
import { withLock } from "./lock.ts";
import type { LogLine } from "./log-line.ts";

type TaskOptions = {
  readonly name: string;
  readonly args: readonly string[];
  readonly root: string;
  readonly dataDir: string;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  onLine?(line: LogLine): void;
};

const KEPT_LINES = 2000;
const SHOWN_LINES = 25;

/** The part of a failed task's words that tells why: from the first line that speaks of an error, or else the end. */
export function tellingLines(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => /\berror\b|\bfailed\b|exception/i.test(line));
  return first < 0 ? lines.slice(-SHOWN_LINES) : lines.slice(first, first + SHOWN_LINES);
}

/** Runs a child to its end; throws with the telling lines when it fails. An aborted `signal` kills it. */
async function runTask(task: TaskOptions): Promise<void> {
  const lines: string[] = [];
  const child = startChild({
    name: task.name,
    args: task.args,
    cwd: task.root,
    environment: task.environment,
    logDir: path.join(task.dataDir, "logs"),
    onLine(line) {
      lines.push(line.text);
      if (lines.length > KEPT_LINES) lines.shift();
      task.onLine?.(line);
    },
  });
  const kill = () => child.kill();
  task.signal.addEventListener("abort", kill, { once: true });
  const how = await child.exited;
  task.signal.removeEventListener("abort", kill);
  task.signal.throwIfAborted();
  child.kill(); // what it may have left behind
  if (how === 0) return;
  const log = path.join(task.dataDir, "logs", `${task.name}.log`);
  throw new Error(`The ${task.name} failed (${how}; all of it is in ${log}):\n${tellingLines(lines).join("\n")}`);
}

export type BuildOptions = Pick<TaskOptions, "root" | "dataDir" | "signal"> & { readonly note: (text: string) => void };

/** Builds the app when its sources have changed since the last build. Returns whether it did. */
export async function buildApp({ root, dataDir, signal, note }: BuildOptions): Promise<boolean> {
  if (isBuilt(root, sourceHash(root))) return false;
  const waiting = (pid: number) => note(`process ${pid} is building it; waiting for that`);
  const cache = path.join(root, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  return await withLock(path.join(cache, "touchstone-build.lock"), waiting, async () => {
    signal.throwIfAborted();
    const hash = sourceHash(root);
    if (isBuilt(root, hash)) return false;
    const first = !existsSync(path.join(root, ".next/BUILD_ID"));
    note(first ? "building it for the first time, about a minute" : "building it anew, its sources have changed");
    await markedBuild(root, hash, () =>
      runTask({
        name: "build",
        args: ["node_modules/next/dist/bin/next", "build"],
        root,
        dataDir,
        signal,
        environment: childEnvironment({}),
      }),
    );
    return true;
  });
}

/** Brings in what is missing of the sample projects and returns their names. `note` is told what is being done. */
export async function seedSamples(options: BuildOptions & { settings: Environment }): Promise<string> {
  let last = "";
  await runTask({
    name: "samples",
    args: ["bin/launch/seed.ts"],
    root: options.root,
    dataDir: options.dataDir,
    signal: options.signal,
    environment: childEnvironment(options.settings, { PROCESS_NAME: "samples" }),
    onLine({ text }) {
      last = text;
      options.note(text);
    },
  });
  return last;
}
