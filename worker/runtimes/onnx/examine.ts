import type { ModelSource } from "#server/platform/runtimes.ts";
import { prove } from "../prove.ts";
import { findForest } from "./forest/find-forest.ts";
import type { ForestPlan } from "./forest/plan.ts";
import { openSession } from "./ort.ts";
import { readModel } from "./read-model.ts";

const TRIES = 8;

/** What a model may cost at most to be run in the thread that answers requests: the size of its file, the time to load it and to run a batch of 64 rows. */
export interface InlineBounds {
  readonly bytes: number;
  readonly loadMs: number;
  readonly runMs: number;
}

/** Where a model that holds is to run: in the thread that answers, there as a forest without the runtime, or in a thread of its own. */
export type Examined = "inline" | "thread" | ForestPlan;

/**
 * Reads, hashes, loads, warms and proves a model, and says where it is to run. Nothing of it stays loaded. Times are those of the processor, so that a busy
 * machine does not decide where a model lives.
 *
 * @throws AppError `invalid_input` for a file that is not the right one or does not hold, and what the runtime says of one it cannot load.
 */
export async function examine(source: ModelSource, bounds: InlineBounds): Promise<Examined> {
  const file = await readModel(source.path, source.sha256);
  const session = await openSession(file);
  try {
    const runMs = await prove(session, source, { enoughMs: bounds.runMs, now: processorMs });
    const forest = await findForest(file, session, source, { enoughMs: bounds.runMs, now: processorMs });
    if (forest) return forest;
    const isSmall = runMs <= bounds.runMs && file.byteLength <= bounds.bytes;
    return isSmall && (await loadsWithin(file, bounds.loadMs)) ? "inline" : "thread";
  } finally {
    await session.release();
  }
}

/** More than one try: the first load includes what the thread that answers has behind it. */
async function loadsWithin(file: Uint8Array, mostMs: number): Promise<boolean> {
  for (let i = 0; i < TRIES; i += 1) {
    const before = processorMs();
    const session = await openSession(file);
    const took = processorMs() - before;
    await session.release();
    if (took <= mostMs) return true;
  }
  return false;
}

/** Milliseconds of a processor that this thread has used. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
