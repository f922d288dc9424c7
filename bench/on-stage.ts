import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describeMachine, writePart } from "./benchmarks-page.ts";
import { endServers } from "./serving-servers.ts";
import { openStage, type Stage } from "./serving-stage.ts";

export const say = (line: string) => process.stdout.write(`${line}\n`);

/** A folder for this benchmark, which goes with the process, as the servers do. */
export function benchFolder(name: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), `bench-${name}-`));
  process.once("exit", () => {
    endServers();
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/**
 * Measures on a stage of its own and prints the lines that come of it; with `write` they go into the part `bench:serving-<name>` of docs/benchmarks.md.
 * `machine` is how the machine was before the stage was set.
 */
export async function measureOnStage(
  name: string,
  folder: string,
  write: boolean,
  measure: (stage: Stage, machine: string) => Promise<string[]>,
): Promise<void> {
  const machine = describeMachine();
  const stage = await openStage(folder);
  try {
    const lines = await measure(stage, machine);
    say(`\n${lines.join("\n")}`);
    if (write) writePart(`bench:serving-${name}`, lines);
  } finally {
    endServers();
    await stage.close();
  }
}
