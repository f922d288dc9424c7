import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { env } from "#server/platform/env.ts";
import { type Command, UsageError } from "../cli/command.ts";
import { parseFlags, required } from "../cli/flags.ts";
import { childEnvironment, givenSettings } from "../launch/environment.ts";
import { generateClient } from "../launch/generate.ts";
import { joinRunningOrFail, ROOT } from "../launch/instance.ts";
import { dieWithParent } from "../launch/parent-death.ts";
import { freePort, isPortFree } from "../launch/ports.ts";
import { findRunning } from "../launch/run-file.ts";
import { workerArgs } from "../launch/services.ts";

const ROLES = ["pipelines", "monitoring", "serving"];

function readRoles(text: string): string[] {
  const roles = text.split(",").map((role) => role.trim());
  const wrong = roles.find((role) => !ROLES.includes(role));
  if (wrong !== undefined) throw new UsageError(`'${wrong}' is not a role: there are ${ROLES.join(", ")}.`);
  return [...new Set(roles)];
}

export const worker: Command = {
  usage: `Usage: npm run -s touchstone -- worker --roles <role>[,<role>…]

Runs one more worker until Ctrl-C, beside a running Touchstone or on the database that DATABASE_URL names.

  --roles   pipelines (runs steps), monitoring (windows, profiles, checks), serving (answers predictions on SERVING_PORT)

Beside a Touchstone on the same machine a second serving worker needs its own SERVING_PORT.`,
  async run(args) {
    const roles = readRoles(required(parseFlags(args, { roles: { type: "string" } }).roles, "--roles"));
    joinRunningOrFail();
    if (!existsSync(path.join(ROOT, "worker/main.ts"))) throw new Error("worker/main.ts is missing.");
    generateClient();
    // The running Touchstone's own worker has this port; metrics of the second go where there is room.
    const { WORKER_PORT, HOST, dataDir } = env();
    const taken = findRunning(dataDir)?.settings["WORKER_PORT"] === String(WORKER_PORT);
    if (taken && !(await isPortFree(WORKER_PORT, HOST))) process.env["WORKER_PORT"] = String(await freePort());
    return await run(roles);
  },
};

/** Runs the worker in the foreground and hands on what this process is told; its exit code becomes ours. */
async function run(roles: string[]): Promise<number> {
  const words = [...dieWithParent("TERM"), process.execPath, ...workerArgs(roles.join(","))];
  const child = spawn(words[0] ?? process.execPath, words.slice(1), {
    cwd: ROOT,
    detached: true,
    stdio: ["ignore", "inherit", "inherit"],
    env: { NODE_ENV: "production", ...childEnvironment(givenSettings(), { PROCESS_NAME: "worker" }) },
  });
  const forward = (signal: NodeJS.Signals) => void child.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, forward);
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
