import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

// uv fills an environment from its cache in seconds, where pip takes a minute for each; pip brings uv, so nothing has to be on the machine but Python.
const TOOLS = "node_modules/.cache/python-tools";
const PACKAGE = "uv==0.13.9";
/** Where uv is, once the checks with Python have been prepared. */
export const UV = path.resolve(TOOLS, "bin/uv");

export type Ran = SpawnSyncReturns<string>;

/** uv is told of the index that pip was told of. */
const env = () => ({
  ...process.env,
  UV_DEFAULT_INDEX: process.env["UV_DEFAULT_INDEX"] ?? process.env["PIP_INDEX_URL"],
});

function run(program: string, ...args: string[]): Ran {
  return spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], env: env() });
}

/** The interpreter of the environment in `dir`. */
export const pythonOf = (dir: string) => path.join(dir, "bin/python3");

/** pip, for what is asked of the index. */
export const pip = (...args: string[]) => run(pythonOf(TOOLS), "-m", "pip", ...args);

/** Makes what makes environments, unless it is there. Returns why it cannot be had, or null. */
export function makeTools(): string | null {
  if (hasPackages(TOOLS, [PACKAGE])) return null;
  rmSync(TOOLS, { recursive: true, force: true });
  const venv = run("python3", "-m", "venv", TOOLS);
  if (venv.status !== 0)
    return `python3 makes no environment: ${venv.error?.message ?? (venv.stdout + venv.stderr).trim()}`;
  const installed = pip("install", "--quiet", PACKAGE);
  if (installed.status !== 0) {
    rmSync(TOOLS, { recursive: true, force: true });
    return "PyPI cannot be reached.";
  }
  mark(TOOLS, [PACKAGE]);
  return null;
}

const digest = (packages: readonly string[]) =>
  createHash("sha256")
    .update(
      packages.map((each, i) => (/^-/.test(packages[i - 1] ?? "") ? readFileSync(each, "utf8") : each)).join("\n"),
    )
    .digest("hex");

const mark = (dir: string, packages: readonly string[]) => writeFileSync(path.join(dir, "made-from"), digest(packages));

function hasPackages(dir: string, packages: readonly string[]): boolean {
  const file = path.join(dir, "made-from");
  return existsSync(file) && readFileSync(file, "utf8") === digest(packages);
}

/**
 * Makes the environment in `dir` that holds `packages`, unless it is there: requirements as pip takes them, options with a file (`--requirement f`) among
 * them. Returns null, or what was said; half an environment is not left behind, since it would be taken for a whole one.
 */
export function makeEnvironment(dir: string, packages: readonly string[]): string | null {
  if (hasPackages(dir, packages)) return null;
  rmSync(dir, { recursive: true, force: true });
  const venv = run(UV, "venv", "--quiet", "--python", pythonOf(TOOLS), dir);
  const done = venv.status === 0 ? run(UV, "pip", "install", "--quiet", "--python", pythonOf(dir), ...packages) : venv;
  if (done.status === 0) {
    mark(dir, packages);
    return null;
  }
  rmSync(dir, { recursive: true, force: true });
  return done.error?.message ?? done.stdout + done.stderr;
}
