import { AppError } from "#server/kernel/errors.ts";
import { servingProblems } from "#server/registry/contract.ts";
import type { PlanEntry } from "#server/serving/contract.ts";
import { loadSession } from "../runtimes/onnx/load.ts";
import type { ModelSession } from "../runtimes/onnx/session.ts";
import { Batcher } from "./batcher.ts";
import type { Limits } from "./deps.ts";
import { type AnswerWriter, compileAnswer } from "./infer-answer.ts";
import { type Cells, compileTable, type Table } from "./forms/table.ts";
import { compileReader, type InferReader } from "./infer-request.ts";
import type { ServingMetrics } from "./metrics.ts";
import { compileRecords } from "./prediction-records.ts";
import { prove } from "./prove.ts";
import { VersionStats } from "./version-stats.ts";

/** A version that answers requests: everything that follows from its signature is prepared once. */
export interface LiveModel {
  readonly endpoint: string;
  readonly entry: PlanEntry;
  readonly session: ModelSession;
  readonly reader: InferReader;
  /** Sorts rows and columns into the inputs, for the forms that are tables. */
  readonly table: (cells: Cells) => Table;
  readonly batcher: Batcher;
  readonly writeAnswer: AnswerWriter;
  readonly records: ReturnType<typeof compileRecords>;
  /** All outputs, in the order of the signature. */
  readonly outputs: readonly string[];
  /** The outputs with a meaning: computed for every request, because predictions are logged. */
  readonly meaningful: readonly string[];
  /** Those of them that must be numbers: probabilities and predicted values. */
  readonly numeric: readonly string[];
  readonly stats: VersionStats;
  /** Why it gives no predictions now, for callers; changes without a new load. */
  stopped: string | undefined;
}

/**
 * Loads, warms and proves a version. Throws AppError `invalid_input` when it cannot be served, with nothing left behind.
 */
export async function openLiveModel(
  endpoint: string,
  entry: PlanEntry,
  limits: Limits,
  metrics: ServingMetrics,
): Promise<LiveModel> {
  const { signature } = entry;
  const [problem] = servingProblems(signature);
  if (problem)
    throw new AppError("invalid_input", problem, { field: "model", remedy: "Register a version that can be served." });
  const session = await loadSession(entry, "auto");
  try {
    await prove(session, signature, entry.golden);
  } catch (error) {
    await session.release();
    throw error;
  }
  const reader = compileReader(signature);
  const stats = new VersionStats(entry, metrics.observer(endpoint, entry.version));
  const { label, probabilities, value } = signature.roles;
  return {
    endpoint,
    entry,
    session,
    reader,
    table: compileTable(signature),
    batcher: new Batcher(session, reader.inputs, limits, stats),
    writeAnswer: compileAnswer(endpoint, entry.version, signature),
    records: compileRecords(entry),
    outputs: signature.outputs.map((output) => output.name),
    meaningful: [label, probabilities, value].filter((name) => name !== undefined),
    numeric: [probabilities, value].filter((name) => name !== undefined),
    stats,
    stopped: entry.stopped,
  };
}

/** Lets a version answer what it has accepted, then frees it. */
export async function closeLiveModel(model: LiveModel): Promise<void> {
  await model.batcher.idle();
  await model.session.release();
}
