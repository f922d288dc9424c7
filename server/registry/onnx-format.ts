import protobuf from "protobufjs/light.js";
import type { Datatype } from "./signature.ts";

/** Field numbers of the messages we walk by hand, because a model's graph and weights may be gigabytes (onnx.proto, public). */
export const MODEL = {
  irVersion: 1,
  producerName: 2,
  producerVersion: 3,
  graph: 7,
  opsetImport: 8,
  metadataProps: 14,
} as const;
export const GRAPH = { initializer: 5, input: 11, output: 12, sparseInitializer: 15 } as const;
export const TENSOR = { name: 8, dataLocation: 14 } as const;
export const SPARSE_TENSOR = { values: 1 } as const;
/** TensorProto.data_location: the weights lie in another file. */
export const EXTERNAL = 1;

/** The small messages of the format, as far as a signature needs them; protobufjs skips every field not named here. */
const types = protobuf.Root.fromJSON({
  nested: {
    OperatorSetId: { fields: { domain: { id: 1, type: "string" }, version: { id: 2, type: "int64" } } },
    StringStringEntry: { fields: { key: { id: 1, type: "string" }, value: { id: 2, type: "string" } } },
    ValueInfo: { fields: { name: { id: 1, type: "string" }, type: { id: 2, type: "Type" } } },
    Type: {
      oneofs: { value: { oneof: ["tensorType", "sequenceType", "mapType", "sparseTensorType", "optionalType"] } },
      fields: {
        tensorType: { id: 1, type: "TensorType" },
        sequenceType: { id: 4, type: "Anything" },
        mapType: { id: 5, type: "Anything" },
        sparseTensorType: { id: 8, type: "Anything" },
        optionalType: { id: 9, type: "Anything" },
      },
    },
    TensorType: { fields: { elemType: { id: 1, type: "int32" }, shape: { id: 2, type: "Shape" } } },
    Shape: { fields: { dim: { rule: "repeated", id: 1, type: "Dimension" } } },
    Dimension: {
      oneofs: { value: { oneof: ["dimValue", "dimParam"] } },
      fields: { dimValue: { id: 1, type: "int64" }, dimParam: { id: 2, type: "string" } },
    },
    Anything: { fields: {} },
  },
});

/**
 * Decodes one small message into plain data. int64 becomes a number; absent fields are absent. Throws what protobufjs throws on damaged bytes.
 */
export function decodeMessage(name: "OperatorSetId" | "StringStringEntry" | "ValueInfo", bytes: Uint8Array): unknown {
  const type = types.lookupType(name);
  return type.toObject(type.decode(bytes), { longs: Number });
}

/** TensorProto.DataType → the protocol's word. Types without one (complex, 8-bit floats, packed integers) are absent: they cannot be served. */
export const DATATYPES: ReadonlyMap<number, Datatype> = new Map([
  [1, "FP32"],
  [2, "UINT8"],
  [3, "INT8"],
  [4, "UINT16"],
  [5, "INT16"],
  [6, "INT32"],
  [7, "INT64"],
  [8, "BYTES"],
  [9, "BOOL"],
  [10, "FP16"],
  [11, "FP64"],
  [12, "UINT32"],
  [13, "UINT64"],
  [16, "BF16"],
]);
