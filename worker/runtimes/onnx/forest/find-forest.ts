import type { ModelSource } from "#server/platform/runtimes.ts";
import { prove, type Watch } from "../../prove.ts";
import type { OrtSession } from "../ort.ts";
import { isSameForest } from "./is-same-forest.ts";
import type { ForestPlan } from "./plan.ts";
import { readForest } from "./read-forest.ts";
import { openForest } from "./run-forest.ts";

/**
 * The forest that a file is, if our own run of it answers as ONNX Runtime does, holds to all that a model must hold to, and takes at most `watch.enoughMs`
 * milliseconds for a batch of 64 rows. Otherwise null.
 */
export async function findForest(
  file: Uint8Array,
  session: Pick<OrtSession, "run">,
  source: Pick<ModelSource, "signature" | "golden">,
  watch: Watch,
): Promise<ForestPlan | null> {
  try {
    const plan = readForest(file);
    if (!plan || !(await isSameForest(plan, session))) return null;
    return (await prove({ run: openForest(plan) }, source, watch)) <= watch.enoughMs ? plan : null;
  } catch {
    // Whatever it was: ONNX Runtime has proved that it can run the model.
    return null;
  }
}
