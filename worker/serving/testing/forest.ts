import type { PlanEntry } from "#server/serving/contract.ts";
import { forestSource } from "../../runtimes/onnx/forest/testing/flat-forest.ts";

/** The plan entry of a forest that was written to `path`. */
export function forestEntry(path: string, file: Uint8Array, version: number): PlanEntry {
  return {
    endpointId: "endpoint-forest",
    projectId: "project-1",
    modelId: "model-1",
    modelVersionId: `forest-${version}`,
    version,
    runtime: "onnx",
    ...forestSource(path, file),
  };
}
