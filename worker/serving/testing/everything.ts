import { writeFileSync } from "node:fs";
import type protobuf from "protobufjs/light.js";
import { type Datatype, ModelSignature } from "#server/registry/contract.ts";
import type { PlanEntry } from "#server/serving/contract.ts";
import { onnxTypes } from "../../runtimes/onnx/forest/onnx-graph.ts";
import { sha256Of } from "./fixture.ts";

/** Numbers of the element types in the ONNX format, by the protocol's names. */
export const ELEMENTS = {
  BOOL: 9,
  UINT8: 2,
  UINT16: 4,
  UINT32: 12,
  UINT64: 13,
  INT8: 3,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  FP16: 10,
  FP32: 1,
  FP64: 11,
  BYTES: 8,
} as const satisfies Partial<Record<Datatype, number>>;
export type Served = keyof typeof ELEMENTS;

/** Writes a model that gives back what it is given: for each datatype an input `in_FP32` and an output `out_FP32` of two values per row. */
export function everythingEntry(path: string, datatypes = Object.keys(ELEMENTS) as Served[]): PlanEntry {
  const value = (name: string, datatype: Served) => ({
    name,
    type: { tensor: { elemType: ELEMENTS[datatype], shape: { dim: [{ name: "rows" }, { value: 2 }] } } },
  });
  const graph = {
    name: "everything",
    node: datatypes.map((datatype) => ({ input: [`in_${datatype}`], output: [`out_${datatype}`], opType: "Identity" })),
    input: datatypes.map((datatype) => value(`in_${datatype}`, datatype)),
    output: datatypes.map((datatype) => value(`out_${datatype}`, datatype)),
  };
  const model: protobuf.Type = onnxTypes.lookupType("Model");
  const opset = [{ domain: "", version: 17 }];
  writeFileSync(path, model.encode(model.fromObject({ irVersion: 8, graph, opset })).finish());
  const tensor = (name: string, datatype: string) => ({ name, datatype, shape: [-1, 2], symbols: ["rows", null] });
  return {
    endpointId: "endpoint-everything",
    projectId: "project-1",
    modelId: "model-1",
    modelVersionId: "version-everything",
    version: 1,
    runtime: "onnx",
    path,
    sha256: sha256Of(path),
    signature: ModelSignature.parse({
      inputs: datatypes.map((datatype) => tensor(`in_${datatype}`, datatype)),
      outputs: datatypes.map((datatype) => tensor(`out_${datatype}`, datatype)),
      opset,
      irVersion: 8,
      producer: { name: "", version: "" },
      metadata: {},
      task: null,
      classes: null,
      positive: null,
      labelColumn: null,
      roles: {},
    }),
  };
}
