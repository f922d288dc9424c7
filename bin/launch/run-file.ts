import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Environment } from "./environment.ts";
import { birthOf } from "./processes.ts";

/** What a running launcher tells the command line: `settings` holds secrets, so the file is its owner's alone. */
export type RunFile = {
  readonly pid: number;
  readonly born: string | null;
  readonly startedAt: string;
  readonly appUrl: string;
  readonly settings: Environment;
};

const fileOf = (dataDir: string) => path.join(dataDir, "run.json");

/** Writes the file at once as a whole, so that a reader never sees half of it. */
export function writeRunFile(dataDir: string, content: Omit<RunFile, "pid" | "born" | "startedAt">): void {
  const file = fileOf(dataDir);
  const whole: RunFile = {
    pid: process.pid,
    born: birthOf(process.pid),
    startedAt: new Date().toISOString(),
    ...content,
  };
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(whole, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removeRunFile(dataDir: string): void {
  rmSync(fileOf(dataDir), { force: true });
}

/** The launcher that runs on this data directory, or null. A file left by one that was killed does not count. */
export function findRunning(dataDir: string): RunFile | null {
  try {
    const content = JSON.parse(readFileSync(fileOf(dataDir), "utf8")) as RunFile;
    return content.born !== null && birthOf(content.pid) === content.born ? content : null;
  } catch {
    return null;
  }
}
