import { accessSync, constants, mkdirSync, readFileSync, statfsSync } from "node:fs";
import path from "node:path";
import type { Env } from "#server/platform/env.ts";
import { bytes } from "../cli/terminal.ts";
import { portHolder } from "./port-holder.ts";
import { isPortFree } from "./ports.ts";
import { birthOf } from "./processes.ts";
import { REMEDY_GIT, REMEDY_PYTHON, staleDependencies, versionOf } from "./tools.ts";

/** Below this a start is refused: a build, a database and a Python environment would stop half-way. */
export const MIN_FREE_BYTES = 1e9;

export type Preflight = {
  /** What stops a start, one line each, with its remedy. */
  readonly problems: string[];
  readonly warnings: string[];
  /** One line on the machine, for the eye. */
  readonly summary: string;
};

export type PortUse = {
  readonly name: string;
  readonly variable: string;
  readonly host: string;
  readonly port: number;
};

/** The ports a start will listen on. */
export function portsOf(settings: Env): PortUse[] {
  const ports: PortUse[] = [
    { name: "the app", variable: "PORT", host: settings.HOST, port: settings.PORT },
    { name: "serving", variable: "SERVING_PORT", host: settings.SERVING_HOST, port: settings.SERVING_PORT },
    { name: "the worker's metrics", variable: "WORKER_PORT", host: settings.HOST, port: settings.WORKER_PORT },
  ];
  if (settings.OIDC_ISSUER === undefined)
    ports.push({
      name: "the development identity provider",
      variable: "IDP_PORT",
      host: "127.0.0.1",
      port: settings.IDP_PORT,
    });
  return ports;
}

/** One line per port that cannot be used, naming who holds it and the variable to set. */
export async function portProblems(ports: readonly PortUse[]): Promise<string[]> {
  const problems: string[] = [];
  const byPort = new Map<number, PortUse>();
  for (const use of ports) {
    const twin = byPort.get(use.port);
    byPort.set(use.port, use);
    if (twin !== undefined) {
      problems.push(
        `Port ${use.port} is meant for both ${twin.name} (${twin.variable}) and ${use.name} (${use.variable}). Set one of them to another port.`,
      );
    } else if (!(await isUsable(use))) {
      const holder = portHolder(use.port);
      const by = holder === null ? "another process" : `process ${holder.pid} (${holder.command})`;
      problems.push(
        `Port ${use.port}, for ${use.name}, is taken by ${by}. Stop that, or set ${use.variable} to a free port.`,
      );
    }
  }
  return problems;
}

/** A browser that opens localhost tries ::1 first, where somebody else may listen while 127.0.0.1 is free. */
async function isUsable({ port, host }: PortUse): Promise<boolean> {
  const loopback = host === "127.0.0.1" || host === "localhost";
  return (await isPortFree(port, host)) && (!loopback || (await isPortFree(port, "::1")));
}

/** The line for a disk that is too full, or null. `free` in bytes. */
export function diskProblem(dir: string, free: number): string | null {
  if (free >= MIN_FREE_BYTES) return null;
  return `Only ${bytes(free)} are free where ${dir} is; Touchstone needs ${bytes(MIN_FREE_BYTES)}. Free some space, or set DATA_DIR to a larger disk.`;
}

/** Bytes an ordinary process may still write where `dir` is. */
export function freeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}

/** Makes the data directory and says why it cannot be used, or null. */
export function dataDirProblem(dir: string): string | null {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC") return diskProblem(path.dirname(dir), 0);
    return `The data directory ${dir} cannot be written (${code ?? String(error)}). Give it to this user, or set DATA_DIR to another folder.`;
  }
}

/** The line for a `next dev` that already serves the tree at `root`, of which Next allows one; or null. */
export function devServerProblem(root: string): string | null {
  try {
    const { pid, port } = JSON.parse(readFileSync(path.join(root, ".next/dev/lock"), "utf8")) as Record<string, number>;
    if (pid === undefined || birthOf(pid) === null) return null;
    return `next dev already serves this folder (process ${pid}, port ${port ?? "unknown"}), and only one can. Stop that one.`;
  } catch {
    return null;
  }
}

/** Everything that can be known to be wrong before anything is started. `devRoot`: the tree to run in development mode, else null. */
export async function preflight(settings: Env, devRoot: string | null): Promise<Preflight> {
  const problems: string[] = [];
  const warnings: string[] = [];
  const git = versionOf("git");
  const python = versionOf(settings.PYTHON);
  if (git === null) problems.push(`git was not found. ${REMEDY_GIT}`);
  if (python === null) warnings.push(`${settings.PYTHON} was not found. ${REMEDY_PYTHON}`);
  const stale = staleDependencies();
  if (stale.length > 0)
    warnings.push(`node_modules is not what package.json names: ${stale.join(", ")}. Run npm ci and start again.`);

  const unusable = dataDirProblem(settings.dataDir);
  const full = unusable === null ? diskProblem(settings.dataDir, freeBytes(settings.dataDir)) : null;
  if (unusable !== null) problems.push(unusable);
  if (full !== null) problems.push(full);
  problems.push(...(await portProblems(portsOf(settings))));
  const served = devRoot === null ? null : devServerProblem(devRoot);
  if (served !== null) problems.push(served);

  const parts = [`Node ${process.versions.node}`, `git ${git ?? "missing"}`, `Python ${python ?? "missing"}`];
  return { problems, warnings, summary: parts.join(" · ") };
}
