import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { makeEnvironment, makeTools, pip, pythonOf } from "./python-environment.ts";
import { SKIPPED } from "./run-step.ts";
import { makeServingClients } from "./serving-clients.ts";

// The Pythons in which real mlflow clients speak with our API: what the flight delays sample pins, and the same with the newest client that the index has
// and with the newest of the minor version before. vitest.config.ts reads which they are. Where PyPI cannot be reached, the tests that need it are skipped,
// and this says so.
const REQUIREMENTS = "examples/flight-delays/requirements.txt";
/** What the contract tests use beyond the sample. */
const MORE = ["lightgbm==4.7.0"];
const DIR = "node_modules/.cache/mlflow";
/** `[{version, python}]`, newest first. */
const CLIENTS = path.join(DIR, "clients.json");

function skip(reason: string): void {
  rmSync(DIR, { recursive: true, force: true });
  console.log(`SKIPPED: ${reason} The checks with the real mlflow package do not run.`);
  process.exitCode = SKIPPED;
}

/** The versions of mlflow that the index offers, newest first; null when it cannot be asked. */
function offered(): string[] | null {
  const asked = pip("index", "versions", "mlflow");
  const list = asked.status === 0 ? /Available versions: (.+)/.exec(asked.stdout)?.[1] : undefined;
  return list?.split(", ").filter((version) => /^[\d.]+$/.test(version)) ?? null;
}

/** A minor version as one number that counts upwards: 3.17.2 → 3017. */
function minorOf(version: string): number {
  const [major = "0", minor = "0"] = version.split(".");
  return Number(major) * 1000 + Number(minor);
}

interface Client {
  readonly version: string;
  readonly python: string;
}

/** The first of the versions that installs, in place of the one that the sample pins; at most three are tried. */
function installed(versions: readonly string[]): Client | null {
  mkdirSync(DIR, { recursive: true });
  for (const version of versions.slice(0, 3)) {
    const dir = path.join(DIR, version);
    const names = ["mlflow", "mlflow-skinny", "mlflow-tracing"];
    const overrides = path.join(DIR, `${version}.txt`);
    writeFileSync(overrides, names.map((name) => `${name}==${version}\n`).join(""));
    const why = makeEnvironment(dir, ["--requirement", REQUIREMENTS, "--override", overrides, ...MORE]);
    if (why === null) return { version, python: pythonOf(dir) };
    console.log(`mlflow ${version} does not install: ${why.trim().slice(-300)}`);
  }
  return null;
}

function make(): void {
  const missing = makeTools();
  if (missing !== null) {
    skip(missing);
    return;
  }
  const pinned = /^mlflow==([\d.]+)/m.exec(readFileSync(REQUIREMENTS, "utf8"))?.[1] ?? "";
  const versions = offered() ?? [pinned];
  const newest = installed(versions);
  const older = versions.filter((version) => minorOf(version) < minorOf(newest?.version ?? ""));
  const clients = [newest, installed(older)].filter((client) => client !== null);
  writeFileSync(CLIENTS, JSON.stringify(clients));
  console.log(clients.map(({ version }) => `mlflow ${version}`).join(", "));
  const why = newest === null ? "No version of mlflow installs." : makeServingClients();
  if (why !== null) {
    console.log(why);
    process.exitCode = 1;
  }
}

make();
