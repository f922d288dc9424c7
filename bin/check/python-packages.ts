import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { SKIPPED } from "./run-step.ts";
import { makeServingClients } from "./serving-clients.ts";

// The Pythons in which real mlflow clients speak with our API: what the flight delays sample pins, in a folder that is made once, and on top of it the
// newest client that the index has and the newest of the minor version before. vitest.config.ts reads which they are. Where PyPI cannot be reached, the
// tests that need it are skipped, and this says so.
const REQUIREMENTS = "examples/flight-delays/requirements.txt";
/** What the contract tests use beyond the sample. */
const MORE = ["lightgbm==4.7.0"];
const DIR = "node_modules/.cache/mlflow";
const MARK = path.join(DIR, "made-from");
/** `[{version, python}]`, newest first. */
const CLIENTS = path.join(DIR, "clients.json");

const run = (program: string, ...args: string[]) =>
  spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

function skip(reason: string): void {
  rmSync(DIR, { recursive: true, force: true }); // half an environment would be taken for a whole one
  console.log(`SKIPPED: ${reason} The checks with the real mlflow package do not run.`);
  process.exitCode = SKIPPED;
}

function fail(result: { stdout: string; stderr: string }, dir: string): void {
  console.log(result.stdout + result.stderr);
  rmSync(dir, { recursive: true, force: true });
  process.exitCode = 1;
}

const pythonOf = (dir: string) => path.join(dir, "bin/python3");

/** The versions of mlflow that the index offers, newest first; null when it cannot be asked. It is asked as pip will: same index, proxy, certificates. */
function offered(): string[] | null {
  const asked = run(pythonOf(DIR), "-m", "pip", "index", "versions", "mlflow");
  const list = asked.status === 0 ? /Available versions: (.+)/.exec(asked.stdout)?.[1] : undefined;
  return list?.split(", ").filter((version) => /^[\d.]+$/.test(version)) ?? null;
}

/** A minor version as one number that counts upwards: 3.17.2 → 3017. */
function minorOf(version: string): number {
  const [major = "0", minor = "0"] = version.split(".");
  return Number(major) * 1000 + Number(minor);
}

/**
 * The folder that holds a client: the sample's own when it is that one, else a thin one over it that has what differs. null when it cannot be installed, as
 * a release of which the index does not have every part yet.
 */
function overlay(version: string, pinned: string): string | null {
  if (version === pinned) return DIR;
  const dir = path.join(DIR, "clients", version);
  if (existsSync(path.join(dir, "made"))) return dir;
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(path.dirname(dir), { recursive: true });
  const made = run("python3", "-m", "venv", "--without-pip", dir);
  if (made.status !== 0) return null;
  const [lib = ""] = readdirSync(path.join(dir, "lib"));
  const packages = (of: string) => path.resolve(of, "lib", lib, "site-packages");
  writeFileSync(path.join(packages(dir), "below.pth"), `${packages(DIR)}\n`);
  const install = run(pythonOf(dir), "-m", "pip", "install", "--quiet", `mlflow==${version}`);
  if (install.status === 0) {
    writeFileSync(path.join(dir, "made"), version);
    return dir;
  }
  rmSync(dir, { recursive: true, force: true });
  console.log(`mlflow ${version} does not install: ${/ERROR: No .+/.exec(install.stderr)?.[0] ?? "pip failed"}`);
  return null;
}

interface Client {
  readonly version: string;
  readonly python: string;
}

/** The first of the versions that installs; at most three are tried. */
function installed(versions: readonly string[], pinned: string): Client | null {
  for (const version of versions.slice(0, 3)) {
    const dir = overlay(version, pinned);
    if (dir) return { version, python: pythonOf(dir) };
  }
  return null;
}

function base(): boolean {
  const wanted = createHash("sha256").update(readFileSync(REQUIREMENTS)).update(MORE.join()).digest("hex");
  if (existsSync(MARK) && readFileSync(MARK, "utf8") === wanted) return true;
  rmSync(DIR, { recursive: true, force: true });
  const venv = run("python3", "-m", "venv", DIR);
  if (venv.status !== 0) {
    skip(`python3 makes no environment: ${venv.error?.message ?? (venv.stdout + venv.stderr).trim()}`);
    return false;
  }
  if (!offered()) {
    skip("PyPI cannot be reached.");
    return false;
  }
  const install = run(pythonOf(DIR), "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS, ...MORE);
  if (install.status !== 0) {
    fail(install, DIR);
    return false;
  }
  writeFileSync(MARK, wanted);
  return true;
}

function make(): void {
  if (!base()) return;
  const pinned = /^mlflow==([\d.]+)/m.exec(readFileSync(REQUIREMENTS, "utf8"))?.[1] ?? "";
  const versions = offered();
  // Without the index, what was made before still speaks.
  if (!versions && existsSync(CLIENTS)) return;
  const newest = installed(versions ?? [pinned], pinned);
  const older = versions?.filter((version) => minorOf(version) < minorOf(newest?.version ?? "")) ?? [];
  const clients = [newest, installed(older, pinned)].filter((client) => client !== null);
  writeFileSync(CLIENTS, JSON.stringify(clients));
  console.log(clients.map(({ version }) => `mlflow ${version}`).join(", "));
  const why = makeServingClients();
  if (why !== null) {
    console.log(why);
    process.exitCode = 1;
  }
}

make();
