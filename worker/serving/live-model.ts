import { AppError } from "#server/kernel/errors.ts";
import { servingProblems } from "#server/registry/contract.ts";
import type { PlanEntry } from "#server/serving/contract.ts";
import { loadSession } from "../runtimes/load-session.ts";
import type { ModelSession } from "../runtimes/onnx/session.ts";
import { Batcher } from "./batcher.ts";
import type { Limits } from "./deps.ts";
import { compileSurface, type Surface } from "./surface.ts";

/** A loaded version: it answers for every arm of its endpoint that names it. */
export interface LiveModel extends Surface {
  readonly session: ModelSession;
  readonly batcher: Batcher;
}

/**
 * Loads, warms and proves a version. Throws AppError `invalid_input` when it cannot be served, with nothing left behind.
 */
export async function openLiveModel(endpoint: string, entry: PlanEntry, limits: Limits): Promise<LiveModel> {
  const [problem] = servingProblems(entry.signature);
  if (problem)
    throw new AppError("invalid_input", problem, { field: "model", remedy: "Register a version that can be served." });
  const session = await loadSession({ ...entry, name: `${endpoint} version ${entry.version}` }, "service");
  const surface = compileSurface(endpoint, entry);
  return { ...surface, session, batcher: new Batcher(session, surface.reader.inputs, limits) };
}

/** Lets a version answer what it has accepted, then frees it. */
export async function closeLiveModel(model: LiveModel): Promise<void> {
  await model.batcher.idle();
  await model.session.release();
}

/** Whether two entries mean the same loaded version. */
export function isSameVersion(a: PlanEntry, b: PlanEntry): boolean {
  return (
    a.modelVersionId === b.modelVersionId &&
    a.sha256 === b.sha256 &&
    a.endpointId === b.endpointId &&
    a.projectId === b.projectId &&
    a.version === b.version
  );
}
