import path from "node:path";
import { env } from "#server/platform/env.ts";
import { AppError } from "#server/kernel/errors.ts";
import { startEmbedded } from "./database.ts";
import { adoptSettings } from "./environment.ts";
import { takeLock } from "./lock.ts";
import { dataDirProblem } from "./preflight.ts";
import { findRunning } from "./run-file.ts";

export const ROOT = path.join(import.meta.dirname, "../..");

/** Takes over the settings of the Touchstone that runs on DATA_DIR; returns whether there is one. What the caller set itself wins. */
export function joinRunning(): boolean {
  process.chdir(ROOT);
  const running = findRunning(env().dataDir);
  if (running === null) return false;
  adoptSettings(running.settings);
  return true;
}

/** Like joinRunning, for what makes no sense without one. */
export function joinRunningOrFail(): void {
  if (joinRunning() || env().DATABASE_URL !== undefined) return;
  throw new AppError("unavailable", `No Touchstone runs on ${env().dataDir}.`, {
    remedy: "Start it with npm start in another terminal, or set DATA_DIR or DATABASE_URL.",
  });
}

/**
 * Runs `work` with a database: the one DATABASE_URL names, else the running Touchstone's, else the embedded one of DATA_DIR, started for it and stopped
 * after it. The settings of this process are those of that instance.
 */
export async function withInstance<T>(work: (instance: { databaseUrl: string }) => Promise<T>): Promise<T> {
  joinRunning();
  const { DATABASE_URL, TOUCHSTONE_ENV, dataDir } = env();
  if (DATABASE_URL !== undefined) return await work({ databaseUrl: DATABASE_URL });
  if (TOUCHSTONE_ENV === "production")
    throw new AppError("unavailable", "DATABASE_URL is not set.", { remedy: "Name the production database with it." });
  const unusable = dataDirProblem(dataDir);
  if (unusable !== null) throw new Error(unusable);
  const lock = takeLock(path.join(dataDir, "launcher.lock"));
  if ("heldBy" in lock)
    throw new AppError("conflict", `Touchstone is just starting on ${dataDir} (process ${lock.heldBy}).`, {
      remedy: "Try again when it is up.",
    });
  try {
    const { cluster, url } = await startEmbedded(dataDir);
    try {
      adoptSettings({ DATABASE_URL: url });
      return await work({ databaseUrl: url });
    } finally {
      await cluster.stop();
    }
  } finally {
    lock.release();
  }
}
