import { open } from "node:fs/promises";
import { z } from "zod";
import { AppError } from "#server/kernel/errors.ts";
import { DamagedFile, type Field, OnnxCursor } from "./onnx-cursor.ts";
import { DATATYPES, decodeMessage, EXTERNAL, GRAPH, MODEL, SPARSE_TENSOR, TENSOR } from "./onnx-format.ts";
import { readMeaning } from "./onnx-roles.ts";
import type { ModelSignature, TensorSignature } from "./signature.ts";

const SMALL = 1024 * 1024;
const OperatorSet = z.object({ domain: z.string().default(""), version: z.number().int().default(0) });
const Entry = z.object({ key: z.string().default(""), value: z.string().default("") });
const Dimension = z.object({ dimValue: z.number().int().optional(), dimParam: z.string().optional() });
const ValueInfo = z.object({
  name: z.string().default(""),
  type: z
    .object({
      tensorType: z
        .object({
          elemType: z.number().default(0),
          shape: z.object({ dim: z.array(Dimension).default([]) }).optional(),
        })
        .optional(),
      sequenceType: z.unknown().optional(),
      mapType: z.unknown().optional(),
    })
    .optional(),
});
type ValueInfo = z.infer<typeof ValueInfo>;

interface Graph {
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  initializers: Set<string>;
}

/**
 * Reads a model's signature from its ONNX file. Weights and nodes are skipped, so the cost does not grow with them.
 *
 * @param path a local file.
 * @returns inputs (without those that are initializers), outputs, operator sets and metadata, with their meaning for the product.
 * @throws AppError `invalid_input` that names what is wrong: a damaged or cut-off file, weights kept in another file, inputs or
 * outputs that are no tensors, element types that the serving protocol cannot carry, metadata that contradicts the outputs.
 */
export async function readOnnxSignature(path: string): Promise<ModelSignature> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size === 0) throw new DamagedFile("it is empty");
    return await readModel(new OnnxCursor(file, size));
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    throw refuse(
      `The file is not a readable ONNX model: ${error.message}.`,
      "Export the model again and upload the whole file.",
    );
  } finally {
    await file.close();
  }
}

async function readModel(cursor: OnnxCursor): Promise<ModelSignature> {
  const graph: Graph = { inputs: [], outputs: [], initializers: new Set() };
  const opset: ModelSignature["opset"] = [];
  const metadata: Record<string, string> = {};
  const producer = { name: "", version: "" };
  let irVersion = 0;
  let hasGraph = false;
  for (let field = await cursor.field(cursor.size); field; field = await cursor.field(cursor.size)) {
    if (field.number === MODEL.irVersion && field.wire === 0) irVersion = await cursor.varint();
    else if (field.number === MODEL.producerName) producer.name = await cursor.string(field);
    else if (field.number === MODEL.producerVersion) producer.version = await cursor.string(field);
    else if (field.number === MODEL.opsetImport) opset.push(await decode(cursor, field, "OperatorSetId", OperatorSet));
    else if (field.number === MODEL.metadataProps) {
      const entry = await decode(cursor, field, "StringStringEntry", Entry);
      metadata[entry.key] = entry.value;
    } else if (field.number === MODEL.graph && field.wire === 2) {
      hasGraph = true;
      await readGraph(cursor, field.end, graph);
    } else await cursor.skip(field);
  }
  if (!hasGraph) throw new DamagedFile("it holds no graph");
  if (irVersion === 0) throw new DamagedFile("it does not state its format version (ir_version)");
  if (opset.length === 0) throw new DamagedFile("it does not state its operator sets (opset_import)");
  const inputs = graph.inputs.filter((v) => !graph.initializers.has(v.name)).map((v) => toTensor("input", v));
  const outputs = graph.outputs.map((v) => toTensor("output", v));
  if (outputs.length === 0) throw new DamagedFile("its graph has no outputs");
  return { inputs, outputs, opset, irVersion, producer, metadata, ...readMeaning(outputs, metadata) };
}

async function readGraph(cursor: OnnxCursor, end: number, graph: Graph): Promise<void> {
  for (let field = await cursor.field(end); field; field = await cursor.field(end)) {
    if (field.number === GRAPH.input) graph.inputs.push(await decode(cursor, field, "ValueInfo", ValueInfo));
    else if (field.number === GRAPH.output) graph.outputs.push(await decode(cursor, field, "ValueInfo", ValueInfo));
    else if (field.number === GRAPH.initializer && field.wire === 2) await readInitializer(cursor, field.end, graph);
    else if (field.number === GRAPH.sparseInitializer && field.wire === 2) await readSparse(cursor, field.end, graph);
    else await cursor.skip(field);
  }
}

async function readInitializer(cursor: OnnxCursor, end: number, graph: Graph): Promise<void> {
  for (let field = await cursor.field(end); field; field = await cursor.field(end)) {
    if (field.number === TENSOR.name) graph.initializers.add(await cursor.string(field));
    else if (field.number === TENSOR.dataLocation && field.wire === 0) {
      if ((await cursor.varint()) === EXTERNAL)
        throw refuse(
          "The model keeps its weights in another file.",
          "Save it as one file: onnx.save(model, path) without external data.",
        );
    } else await cursor.skip(field);
  }
}

async function readSparse(cursor: OnnxCursor, end: number, graph: Graph): Promise<void> {
  for (let field = await cursor.field(end); field; field = await cursor.field(end)) {
    if (field.number === SPARSE_TENSOR.values && field.wire === 2) await readInitializer(cursor, field.end, graph);
    else await cursor.skip(field);
  }
}

async function decode<T>(
  cursor: OnnxCursor,
  field: Field,
  name: Parameters<typeof decodeMessage>[0],
  schema: z.ZodType<T>,
): Promise<T> {
  const at = cursor.position;
  const bytes = await cursor.bytes(field, SMALL);
  try {
    return schema.parse(decodeMessage(name, bytes));
  } catch {
    throw new DamagedFile(`the ${name} at byte ${at} is damaged`);
  }
}

function toTensor(kind: "input" | "output", value: ValueInfo): TensorSignature {
  const what = `The ${kind} '${value.name}'`;
  if (value.name === "") throw new DamagedFile(`one ${kind} of its graph has no name`);
  const tensor = value.type?.tensorType;
  if (!tensor) {
    const isMap = value.type?.sequenceType !== undefined || value.type?.mapType !== undefined;
    const remedy = isMap
      ? "Classifiers of scikit-learn give a map unless they are converted with options={'zipmap': False}."
      : "Export the model with tensors as its inputs and outputs.";
    throw refuse(`${what} is not a tensor, so the serving protocol cannot carry it.`, remedy, value.name);
  }
  const datatype = DATATYPES.get(tensor.elemType);
  if (!datatype)
    throw refuse(
      `${what} has the element type ${tensor.elemType}, which the serving protocol cannot carry.`,
      "Cast it to float32, int64 or string.",
      value.name,
    );
  if (!tensor.shape && kind === "input")
    throw refuse(`${what} does not state its shape.`, "Declare it, such as [None, 1].", value.name);
  // An output of unknown rank is one of open length; what it really is shows when the model runs.
  const dims = tensor.shape?.dim ?? [{}];
  return {
    name: value.name,
    datatype,
    shape: dims.map((d) => (d.dimValue !== undefined && d.dimValue >= 0 ? d.dimValue : -1)),
    symbols: dims.map((d) => d.dimParam ?? null),
  };
}

function refuse(message: string, remedy: string, field = "model"): AppError {
  return new AppError("invalid_input", message, { field, remedy });
}
