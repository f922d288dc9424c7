import { encode, type Message, type Value } from "./protobuf.ts";

// Field numbers and type codes are those of the public onnx.proto.
const TYPE = { float: 1, int64: 7, string: 8 } as const;
type Type = keyof typeof TYPE;
const ATTRIBUTE = { int: 2, ints: 7, strings: 8 } as const;

/** An open dimension is written by its name, a fixed one by its length. */
export type Shape = (string | number)[];

/** An input or output of the graph. */
export function tensorInfo(name: string, type: Type, shape: Shape): Message {
  const dimensions = shape.map((d) => (typeof d === "string" ? { 2: d } : { 1: d }));
  return { 1: name, 2: { 1: { 1: TYPE[type], 2: { 1: dimensions } } } };
}

/** A constant of 32-bit floats, row by row. */
export function floats(name: string, shape: number[], values: number[]): Message {
  return { 1: shape, 2: TYPE.float, 8: name, 9: new Uint8Array(Float32Array.from(values).buffer) };
}

/** A constant of 64-bit integers. */
export function int64s(name: string, values: number[]): Message {
  return {
    1: [values.length],
    2: TYPE.int64,
    8: name,
    9: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
  };
}

/** One operation. `domain` is empty for the standard operators and "ai.onnx.ml" for those of machine learning. */
export function node(
  op: string,
  inputs: string[],
  outputs: string[],
  attributes: Record<string, number | number[] | string[]> = {},
  domain = "",
): Message {
  const attribute = ([name, value]: [string, number | number[] | string[]]): Message => {
    if (typeof value === "number") return { 1: name, 3: value, 20: ATTRIBUTE.int };
    if (value.every((v) => typeof v === "number")) return { 1: name, 8: value as Value[], 20: ATTRIBUTE.ints };
    return { 1: name, 9: value as Value[], 20: ATTRIBUTE.strings };
  };
  return {
    1: inputs,
    2: outputs,
    3: `${op}_${outputs[0]}`,
    4: op,
    5: Object.entries(attributes).map(attribute),
    7: domain,
  };
}

export interface Graph {
  name: string;
  nodes: Message[];
  constants: Message[];
  inputs: Message[];
  outputs: Message[];
  metadata: Record<string, string>;
}

/** The bytes of an ONNX file (format 8, operators 17, machine-learning operators 3). */
export function onnxFile(graph: Graph): Uint8Array {
  return encode({
    1: 8,
    2: "touchstone-penguins",
    3: "1.0",
    7: { 1: graph.nodes, 2: graph.name, 5: graph.constants, 11: graph.inputs, 12: graph.outputs },
    8: [
      { 1: "", 2: 17 },
      { 1: "ai.onnx.ml", 2: 3 },
    ],
    14: Object.entries(graph.metadata).map(([key, value]) => ({ 1: key, 2: value })),
  });
}
