import type { ModelSource } from "#server/platform/runtimes.ts";
import { loadSession as loadOnnx } from "./onnx/load.ts";
import type { ModelSession } from "./onnx/session.ts";
import { openPyfunc } from "./pyfunc/open-pyfunc.ts";

/**
 * Loads a model by its runtime and proves it: an ONNX file as onnx/load.ts says, a model that Python loads in a process of its own.
 * Throws AppError `invalid_input` when it cannot be loaded, does not hold or is not what its SHA-256 names.
 */
export async function loadSession(source: ModelSource, use: "service" | "jobs"): Promise<ModelSession> {
  return source.runtime === "pyfunc" ? await openPyfunc(source, use) : await loadOnnx(source, use);
}
