import protobuf from "protobufjs/light.js";
import { z } from "zod";

const field = (id: number, type: string, rule?: string) => ({ id, type, ...(rule ? { rule } : {}) });
const unpacked = (id: number, type: string) => ({ ...field(id, type, "repeated"), options: { packed: false } });

/** The messages of an ONNX file that hold a forest (onnx.proto, public). Everything not named here is skipped. */
export const onnxTypes = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: { irVersion: field(1, "int64"), graph: field(7, "Graph"), opset: field(8, "Opset", "repeated") },
    },
    Opset: { fields: { domain: field(1, "string"), version: field(2, "int64") } },
    Graph: {
      fields: {
        node: field(1, "Node", "repeated"),
        name: field(2, "string"),
        initializer: field(5, "Anything", "repeated"),
        input: field(11, "Value", "repeated"),
        output: field(12, "Value", "repeated"),
      },
    },
    Node: {
      fields: {
        input: field(1, "string", "repeated"),
        output: field(2, "string", "repeated"),
        opType: field(4, "string"),
        attribute: field(5, "Attribute", "repeated"),
        domain: field(7, "string"),
      },
    },
    Attribute: {
      fields: {
        name: field(1, "string"),
        i: field(3, "int64"),
        s: field(4, "string"),
        floats: unpacked(7, "float"),
        ints: unpacked(8, "int64"),
        strings: field(9, "string", "repeated"),
        type: field(20, "int32"),
      },
    },
    Value: { fields: { name: field(1, "string"), type: field(2, "Type") } },
    Type: { fields: { tensor: field(1, "Tensor") } },
    Tensor: { fields: { elemType: field(1, "int32"), shape: field(2, "Shape") } },
    Shape: { fields: { dim: field(1, "Dim", "repeated") } },
    Dim: { fields: { value: field(1, "int64"), name: field(2, "string") } },
    Anything: { fields: {} },
    Outline: { fields: { graph: field(7, "OutlineGraph") } },
    OutlineGraph: { fields: { node: field(1, "OutlineNode", "repeated") } },
    OutlineNode: { fields: { opType: field(4, "string"), domain: field(7, "string") } },
  },
});

/** Millions of numbers that the format's reader has made numbers already. */
const Numbers = z.custom<number[]>(Array.isArray);

const Value = z.object({
  name: z.string(),
  type: z.object({
    tensor: z.object({
      elemType: z.number(),
      shape: z.object({ dim: z.array(z.object({ value: z.number().optional() })) }),
    }),
  }),
});
const Node = z.object({
  input: z.array(z.string()),
  output: z.array(z.string()),
  opType: z.string(),
  attribute: z.array(
    z.object({
      name: z.string(),
      i: z.number().optional(),
      s: z.string().optional(),
      floats: Numbers,
      ints: Numbers,
      strings: z.array(z.string()),
    }),
  ),
});
const Outline = z.object({
  graph: z.object({ node: z.array(z.object({ opType: z.string(), domain: z.string().optional() })) }),
});
const Graph = z.object({
  node: z.array(Node),
  initializer: z.array(z.unknown()),
  input: z.array(Value),
  output: z.array(z.object({ name: z.string() })),
});

export type OnnxGraph = z.infer<typeof Graph>;
export type OnnxNode = z.infer<typeof Node>;
/** The attributes of a node by name. */
export type Attributes = ReadonlyMap<string, OnnxNode["attribute"][number]>;

/**
 * The graph of an ONNX file that is one node of the operators of ai.onnx.ml named here, with tensors alone as inputs; null for any other, and for bytes
 * that are none. Of a file with more or other nodes no more is read than their names.
 */
export function readOneNode(file: Uint8Array, operators: readonly string[]): OnnxGraph | null {
  try {
    const nodes = Outline.parse(decode("Outline", file)).graph.node;
    const [only] = nodes;
    if (nodes.length !== 1 || only?.domain !== "ai.onnx.ml" || !operators.includes(only.opType)) return null;
    return Graph.parse(decode("Model", file)["graph"]);
  } catch {
    return null;
  }
}

function decode(name: "Model" | "Outline", file: Uint8Array): Record<string, unknown> {
  const type = onnxTypes.lookupType(name);
  return type.toObject(type.decode(file), { longs: Number, arrays: true });
}
