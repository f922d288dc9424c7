import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { SKIPPED } from "./run-step.ts";

// The Python in which the real mlflow client speaks with our API: what the flight delays sample pins, in a folder that is made once.
// vitest.config.ts looks for it there. Where PyPI cannot be reached, the tests that need it are skipped, and this says so.
const REQUIREMENTS = "examples/flight-delays/requirements.txt";
const DIR = "node_modules/.cache/mlflow";
const MARK = path.join(DIR, "made-from");

const run = (program: string, ...args: string[]) =>
  spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

function skip(reason: string): void {
  rmSync(DIR, { recursive: true, force: true }); // half an environment would be taken for a whole one
  console.log(`SKIPPED: ${reason} The checks with the real mlflow package do not run.`);
  process.exitCode = SKIPPED;
}

function make(): void {
  const wanted = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex");
  if (existsSync(MARK) && readFileSync(MARK, "utf8") === wanted) return;
  rmSync(DIR, { recursive: true, force: true });
  const venv = run("python3", "-m", "venv", DIR);
  if (venv.status !== 0)
    return skip(`python3 makes no environment: ${venv.error?.message ?? (venv.stdout + venv.stderr).trim()}`);
  const python = path.join(DIR, "bin/python3");
  // Asks as pip will: through the same index, proxy and certificates.
  if (run(python, "-m", "pip", "index", "versions", "mlflow").status !== 0) return skip("PyPI cannot be reached.");
  const install = run(python, "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS);
  if (install.status === 0) return writeFileSync(MARK, wanted);
  console.log(install.stdout + install.stderr);
  rmSync(DIR, { recursive: true, force: true });
  process.exitCode = 1;
}

make();
