import type { TensorSignature } from "#server/registry/contract.ts";
import type { LiveModel } from "./live-model.ts";

/** Answer of GET /v2. */
export function describeServer(version: string): unknown {
  return { name: "touchstone", version, extensions: ["outcomes", "openapi", "prediction_ids", "event_time"] };
}

/** Answer of GET /v2/models/{name}. */
export function describeModel({ endpoint, entry }: LiveModel): unknown {
  const tensor = ({ name, datatype, shape }: TensorSignature) => ({ name, datatype, shape });
  const { inputs, outputs } = entry.signature;
  return {
    name: endpoint,
    versions: [String(entry.version)],
    platform: "onnx_onnxv1",
    inputs: inputs.map(tensor),
    outputs: outputs.map(tensor),
  };
}
