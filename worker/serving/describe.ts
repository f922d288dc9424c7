import { rowWidth, type TensorSignature } from "#server/registry/contract.ts";
import type { ExampleInput, PlanEntry } from "#server/serving/contract.ts";
import type { LiveEndpoint } from "./live-endpoint.ts";
import { Refusal, wrong } from "./refusal.ts";
import { parseJson } from "./bad-json.ts";
import { isObject } from "./request-facts.ts";

/** Answer of GET /v2. The first three are extensions of the protocol's authors, the others ours. */
export function describeServer(version: string): unknown {
  return {
    name: "touchstone",
    version,
    extensions: [
      "binary_tensor_data",
      "statistics",
      "model_repository(index)",
      "outcomes",
      "openapi",
      "prediction_ids",
      "event_time",
      "mlflow_invocations",
      "plain_features",
    ],
  };
}

/** Answer of GET /v2/models/{name}: the version that is asked for, and those that answer. */
export function describeModel(endpoint: LiveEndpoint, entry: PlanEntry): unknown {
  const tensor = ({ name, datatype, shape }: TensorSignature) => ({ name, datatype, shape });
  const { inputs, outputs } = entry.signature;
  return {
    name: endpoint.name,
    versions: endpoint.answering().map(({ model }) => String(model.entry.version)),
    platform: entry.runtime === "pyfunc" ? "mlflow_pyfunc" : "onnx_onnxv1",
    inputs: inputs.map(tensor),
    outputs: outputs.map(tensor),
  };
}

/** Whether only ready models are asked for: the body of POST /v2/repository/index, which may be empty. Throws a Refusal. */
export function readIndexRequest(body: Buffer): boolean {
  if (body.length === 0) return false;
  const given = parseJson(body.toString());
  if (!isObject(given)) throw wrong("The body", "an object", given);
  const { ready } = given;
  if (ready === undefined || ready === null || typeof ready === "boolean") return ready === true;
  throw new Refusal(400, "ready: expected true or false");
}

/** The lines of an endpoint in the repository's index: its versions and whether they answer. */
export function describeIndexed(endpoint: LiveEndpoint): unknown[] {
  const { name, silence } = endpoint;
  const arms = endpoint.answering();
  if (silence === null)
    return arms.map(({ model }) => ({ name, version: String(model.entry.version), state: "READY", reason: "" }));
  const version = String(endpoint.surface?.entry.version ?? "");
  return [{ name, version, state: "UNAVAILABLE", reason: silence }];
}

/** A real row that the version accepts, from its golden rows: the first in which nothing is missing; none without them. */
export function exampleOf({ signature, golden }: PlanEntry): ExampleInput[] {
  if (!golden) return [];
  for (let row = 0; row < golden.rows; row += 1) {
    const inputs = signature.inputs.map(({ name, datatype, shape }) => {
      const width = rowWidth({ shape });
      const data = (golden.inputs[name] ?? []).slice(row * width, (row + 1) * width);
      return { name, datatype, shape: shape.map((d) => (d < 0 ? 1 : d)), data: data.filter((value) => value !== null) };
    });
    if (inputs.every(({ data, shape }) => data.length === rowWidth({ shape }))) return inputs;
  }
  return [];
}
