import os from "node:os";
import { AppError } from "#server/kernel/errors.ts";
import { env } from "#server/platform/env.ts";
import { megabytes } from "./process-life.ts";

/** What a process declares that it needs. */
export interface Needs {
  readonly memoryBytes: number;
  /** Processors, parts of one included. */
  readonly cpu: number;
}

interface Placed extends Needs {
  readonly name: string;
}

/**
 * What this worker can give to processes: PROCESS_MEMORY_MB of memory (by default half of what the machine or its container has) and all its processors. What
 * is declared is taken whole, whether it is used or not, so that a promise made to one process is not broken by the next.
 */
export class Placement {
  readonly #memoryBytes: number;
  readonly #cpu: number;
  readonly #placed = new Set<Placed>();

  constructor(budget: { readonly memoryBytes: number; readonly cpu: number } = machineBudget()) {
    this.#memoryBytes = budget.memoryBytes;
    this.#cpu = budget.cpu;
  }

  /**
   * Takes what is needed and returns what gives it back. Throws AppError `unavailable` that says what is needed, what there is, and who has it.
   * Processors are shared: only a process that wants more than there are is refused.
   */
  take(name: string, needs: Needs): () => void {
    if (needs.cpu > this.#cpu)
      throw refuse(
        `${name} declares ${needs.cpu} processors; this worker has ${this.#cpu}.`,
        "Declare fewer, or run a worker with the role serving on a larger machine.",
        needs.cpu,
      );
    const taken = [...this.#placed].reduce((sum, placed) => sum + placed.memoryBytes, 0);
    if (taken + needs.memoryBytes > this.#memoryBytes)
      throw refuse(
        `${name} declares ${megabytes(needs.memoryBytes)} of memory; of the ${megabytes(this.#memoryBytes)} that this worker gives to processes, ${megabytes(this.#memoryBytes - taken)} are free${this.#holders()}.`,
        "Declare less, stop another, or raise PROCESS_MEMORY_MB.",
        needs.memoryBytes,
      );
    const placed = { name, ...needs };
    this.#placed.add(placed);
    return () => void this.#placed.delete(placed);
  }

  #holders(): string {
    const held = [...this.#placed].map((placed) => `${placed.name} has ${megabytes(placed.memoryBytes)}`);
    return held.length === 0 ? "" : ` (${held.join(", ")})`;
  }
}

function machineBudget() {
  const limit = process.constrainedMemory();
  const all = limit > 0 && limit < os.totalmem() ? limit : os.totalmem();
  const { PROCESS_MEMORY_MB } = env();
  return {
    memoryBytes: PROCESS_MEMORY_MB ? PROCESS_MEMORY_MB * 1024 * 1024 : Math.floor(all / 2),
    cpu: os.availableParallelism(),
  };
}

function refuse(message: string, remedy: string, value: number): AppError {
  return new AppError("unavailable", message, { field: "resources", value, remedy });
}

let shared: Placement | undefined;

/** The placement that all processes of this worker share. */
export function placement(): Placement {
  return (shared ??= new Placement());
}
