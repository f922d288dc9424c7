import { lstat, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import path from "node:path";
import { messageOf } from "#server/kernel/errors.ts";
import { lockOfEnvironment } from "#server/pipelines/index.ts";
import type { Log } from "#server/platform/log.ts";
import { buildEnvironment } from "./build.ts";
import { EnvironmentError } from "./failure.ts";
import { withEnvironmentLock } from "./lock.ts";
import { type EnvironmentPlan, type EnvironmentWish, isReady, planEnvironment, readyMarker } from "./plan.ts";
import { ProgressWriter } from "./progress-writer.ts";
import { recordLock } from "./read-lock.ts";

const LONGEST_BUILD_MS = 45 * 60_000;

/** An environment that is there: its interpreter, and the folders that a confined step must see to use it. */
export interface ReadyEnvironment {
  readonly interpreter: string;
  readonly folders: readonly string[];
  readonly hash: string;
  /** Of Python. */
  readonly version: string;
}

async function sizeOf(dir: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(dir, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) total += (await lstat(path.join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0;
  return total;
}

async function build(
  plan: EnvironmentPlan,
  options: { workerId: string; log: Log; signal: AbortSignal },
): Promise<void> {
  const { log } = options;
  const writer = new ProgressWriter(plan, options.workerId, log);
  const started = performance.now();
  log.info(
    { hash: plan.hash.slice(0, 12), tool: plan.tool, python: plan.python.version },
    "building a Python environment",
  );
  try {
    await buildEnvironment(
      { ...plan, lock: await lockOfEnvironment(plan.hash) },
      { onProgress: (p) => writer.progress(p), onLine: (line) => writer.line(line) },
      options.signal,
    );
    await writer.finish({ error: null, sizeBytes: await sizeOf(plan.dir) });
    // Last of all: with it the environment is ready for every worker.
    await writeFile(readyMarker(plan), `${plan.tool} python ${plan.python.version}\n`);
    log.info(
      { hash: plan.hash.slice(0, 12), ms: Math.round(performance.now() - started) },
      "the Python environment is ready",
    );
  } catch (error) {
    await writer.finish({ error: messageOf(error), sizeBytes: null });
    throw error;
  }
}

/**
 * Builds the environment unless it is there, under its lock. Returns false when `wait` is false and another worker is building it. Throws EnvironmentError.
 */
export async function buildUnlessReady(
  plan: EnvironmentPlan,
  options: { workerId: string; log: Log; signal: AbortSignal; wait: boolean },
): Promise<boolean> {
  const built = await withEnvironmentLock(plan.hash, options.wait, async (lost) => {
    if (isReady(plan)) return true;
    await build(plan, {
      ...options,
      signal: AbortSignal.any([options.signal, lost, AbortSignal.timeout(LONGEST_BUILD_MS)]),
    });
    return true;
  });
  return built ?? false;
}

/** Where the interpreter's own library is: a virtual environment only points at it. */
async function baseFolder(plan: EnvironmentPlan): Promise<string | null> {
  const config = await readFile(path.join(plan.dir, "pyvenv.cfg"), "utf8").catch(() => "");
  const home = /^home\s*=\s*(.+)$/m.exec(config)?.[1]?.trim();
  return home ? path.dirname(await realpath(home)) : null;
}

interface BuildOptions {
  readonly workerId: string;
  readonly log: Log;
  /** Told when something is built now, which takes minutes. */
  readonly onLine: (line: string) => void;
}

/**
 * The environment that a step runs in. It was built before the run's first step; on a worker that has another disk it is built now, and `onLine` says so.
 * Throws EnvironmentError.
 */
export async function ensureEnvironment(wish: EnvironmentWish & BuildOptions): Promise<ReadyEnvironment> {
  return await ensurePlanned(await planEnvironment(wish), wish);
}

/** The environment of a plan, built now unless it is there. Throws EnvironmentError. */
export async function ensurePlanned(
  plan: EnvironmentPlan,
  { workerId, log, onLine, signal }: BuildOptions & { readonly signal?: AbortSignal },
): Promise<ReadyEnvironment> {
  if (!isReady(plan)) {
    onLine("building the Python environment on this worker");
    await buildUnlessReady(plan, { workerId, log, signal: signal ?? new AbortController().signal, wait: true });
    if (!isReady(plan)) throw new EnvironmentError("The Python environment could not be built on this worker.");
  }
  const base = await baseFolder(plan);
  const folders = [plan.dir, ...(base && !base.startsWith("/usr") ? [base] : [])];
  await recordLock(plan.hash, plan.dir);
  const { hash, python } = plan;
  return { interpreter: path.join(plan.dir, "bin", "python"), folders, hash, version: python.version };
}
