import path from "node:path";
import { messageOf } from "#server/kernel/errors.ts";
import { env } from "#server/platform/env.ts";
import { createProgress } from "../cli/progress.ts";
import { red } from "../cli/terminal.ts";
import { bringUp } from "./bring-up.ts";
import { ROOT } from "./instance.ts";
import { takeLock } from "./lock.ts";
import type { LaunchOptions } from "./options.ts";
import { dataDirProblem } from "./preflight.ts";
import { refusal } from "./production.ts";
import { findRunning, removeRunFile } from "./run-file.ts";
import { createShutdown, onSignals } from "./shutdown.ts";

/** Says on standard error why nothing was started. */
function refuse(lines: readonly string[]): number {
  for (const line of lines) console.error(`${red("✗")} ${line}`);
  return 1;
}

/** Starts Touchstone, runs until it is stopped, and returns the exit code: 0 after Ctrl-C or SIGTERM, 1 when something failed. */
export async function launch(options: LaunchOptions): Promise<number> {
  process.chdir(ROOT);
  const settings = env();
  const refused = refusal(settings) ?? dataDirProblem(settings.dataDir);
  if (refused !== null) return refuse([refused]);

  const lock = takeLock(path.join(settings.dataDir, "launcher.lock"));
  if ("heldBy" in lock) {
    const at = findRunning(settings.dataDir)?.appUrl;
    return refuse([
      `Touchstone already runs on ${settings.dataDir} (process ${lock.heldBy}${at === undefined ? "" : `, ${at}`}). Stop that one, or set DATA_DIR and other ports for a second.`,
    ]);
  }
  const progress = createProgress();
  const shutdown = createShutdown((text) => progress.line(`\n  ${text}`));
  const untie = onSignals(shutdown, (code) => process.exit(code));
  const crashed = (error: unknown) => {
    progress.line(red(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    shutdown.request("Stopping, because the launcher failed …", 1);
  };
  process.on("uncaughtException", crashed);
  process.on("unhandledRejection", crashed);
  // A closed terminal takes the output away before the signal arrives; that must not end the orderly stop.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  try {
    const starting = bringUp(settings, options, progress, shutdown);
    starting.catch((error: unknown) => {
      if (shutdown.signal.aborted) return;
      progress.line(`\n${red("✗")} ${explain(error)}`);
      shutdown.request("Stopping …", 1);
    });
    const code = await shutdown.finish(starting);
    progress.end();
    if (!shutdown.idle) progress.line(`  Stopped. Your data is kept in ${settings.dataDir}.`);
    return code;
  } finally {
    untie();
    process.off("uncaughtException", crashed);
    process.off("unhandledRejection", crashed);
    removeRunFile(settings.dataDir);
    lock.release();
  }
}

function explain(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const full = code === "ENOSPC" || /ENOSPC|No space left on device/.test(messageOf(error));
  if (full)
    return `The disk is full: ${messageOf(error).split("\n", 1)[0] ?? ""}. Free some space and start again; nothing is lost.`;
  if (code === "EACCES") return `${messageOf(error)}. Give this folder to the user who starts Touchstone.`;
  return messageOf(error);
}
