import { z } from "zod";
import { parse as parseYaml } from "yaml";
import { AppError } from "#server/kernel/errors.ts";
import { NEEDS_KEYS, PYFUNC_NEEDS } from "./pyfunc-contract.ts";
import { readMeaning } from "./onnx-roles.ts";
import type { Datatype, ModelSignature, TensorSignature } from "./signature.ts";

/** Datatypes of MLflow's columns; a datetime travels as text (ISO 8601). */
const COLUMN_TYPES: Readonly<Record<string, Datatype>> = {
  boolean: "BOOL",
  integer: "INT32",
  long: "INT64",
  float: "FP32",
  double: "FP64",
  string: "BYTES",
  datetime: "BYTES",
};
/** Datatypes of MLflow's tensors, by numpy's names. */
const TENSOR_TYPES: Readonly<Record<string, Datatype>> = {
  bool: "BOOL",
  uint8: "UINT8",
  uint16: "UINT16",
  uint32: "UINT32",
  uint64: "UINT64",
  int8: "INT8",
  int16: "INT16",
  int32: "INT32",
  int64: "INT64",
  float16: "FP16",
  float32: "FP32",
  float64: "FP64",
  object: "BYTES",
  str: "BYTES",
};

const Spec = z.union([
  z.object({
    type: z.literal("tensor"),
    name: z.string().optional(),
    "tensor-spec": z.object({ dtype: z.string(), shape: z.array(z.number().int().min(-1)) }),
  }),
  z.object({ type: z.string(), name: z.string().optional() }),
]);
type Spec = z.infer<typeof Spec>;
const Schema = z.array(Spec).min(1);

const MLmodel = z.object({
  flavors: z.record(z.string(), z.unknown()),
  signature: z.object({ inputs: z.string().nullish(), outputs: z.string().nullish() }).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  mlflow_version: z.string().nullish(),
});
export type MLmodel = z.infer<typeof MLmodel>;

const SIGNATURE_REMEDY =
  "Log the model with signature=mlflow.models.infer_signature(X, model.predict(X)), then register it again.";

/** Reads the text of an MLmodel file. Throws AppError `invalid_input` when it is none. */
export function readMLmodel(text: string): MLmodel {
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch {
    throw refuse("The file MLmodel is not YAML.", "Log the model again with MLflow.");
  }
  const parsed = MLmodel.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refuse("The file MLmodel does not describe a model's flavours.", "Log the model again with MLflow.");
}

/** Whether Python can load it as a function, and no flavour of it is ONNX. */
export function isPyfunc({ flavors }: MLmodel): boolean {
  return flavors["python_function"] !== undefined && flavors["onnx"] === undefined;
}

/**
 * The signature that an MLmodel states, in the words of the serving protocol: a column becomes an input of one value per row, a tensor keeps its shape. What
 * the outputs mean follows from the model's metadata and the outputs' names and types, as for ONNX.
 * Throws AppError `invalid_input` that names what is missing or cannot be served, with its remedy.
 */
export function readPyfuncSignature({ signature, metadata, mlflow_version }: MLmodel): ModelSignature {
  if (!signature?.inputs)
    throw refuse("The model states no signature, so nobody can tell its columns.", SIGNATURE_REMEDY);
  if (!signature.outputs) throw refuse("The model's signature does not state its outputs.", SIGNATURE_REMEDY);
  const inputs = tensorsOf("input", signature.inputs);
  const outputs = tensorsOf("output", signature.outputs);
  const words = Object.fromEntries(
    Object.entries(metadata ?? {}).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  needsOf(words);
  return {
    inputs,
    outputs,
    opset: [],
    irVersion: 0,
    producer: { name: "mlflow", version: mlflow_version ?? "" },
    metadata: words,
    ...readMeaning(outputs, words),
  };
}

/** What the process of a model needs, as its metadata declares it. Throws AppError `invalid_input` for a value that is no amount. */
export function needsOf(metadata: Readonly<Record<string, string>>): { memoryMb: number; cpu: number } {
  const amount = (key: keyof typeof NEEDS_KEYS, least: number, most: number): number => {
    const given = metadata[NEEDS_KEYS[key]];
    if (given === undefined) return PYFUNC_NEEDS[key];
    const value = Number(given);
    if (value >= least && value <= most) return value;
    throw new AppError("invalid_input", `The model's metadata '${NEEDS_KEYS[key]}' is wrong.`, {
      field: NEEDS_KEYS[key],
      value: given,
      remedy: `Write a number from ${least} to ${most}.`,
    });
  };
  return { memoryMb: amount("memoryMb", 64, 262_144), cpu: amount("cpu", 0.1, 256) };
}

function tensorsOf(kind: "input" | "output", text: string): TensorSignature[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const specs = Schema.safeParse(value);
  if (!specs.success) throw refuse(`The ${kind}s of the model's signature cannot be read.`, SIGNATURE_REMEDY);
  const tensors = specs.data.map((spec) => toTensor(kind, spec, specs.data.length));
  const twice = tensors.find((tensor, i) => tensors.findIndex(({ name }) => name === tensor.name) < i);
  if (twice) throw refuse(`Two ${kind}s of the model's signature are named '${twice.name}'.`, SIGNATURE_REMEDY);
  return tensors;
}

function toTensor(kind: "input" | "output", spec: Spec, count: number): TensorSignature {
  const isTensor = "tensor-spec" in spec;
  // MLflow leaves the only tensor, and what a plain predict returns, without a name.
  const name = spec.name ?? (count === 1 && (isTensor || kind === "output") ? unnamed(kind) : undefined);
  if (name === undefined)
    throw refuse(
      `The ${kind} columns of the model's signature have no names.`,
      "Infer the signature from a DataFrame with named columns, then register the model again.",
    );
  const type = isTensor ? spec["tensor-spec"].dtype.replace(/^(<U|\|S|\|O).*$/, "object") : spec.type;
  const datatype = isTensor ? TENSOR_TYPES[type] : COLUMN_TYPES[type];
  if (!datatype)
    throw refuse(
      `The ${kind} '${name}' is of the type ${type}, which the serving protocol cannot carry.`,
      "Give it columns of boolean, integer, long, float, double, string or datetime, or tensors of numbers and text.",
    );
  // One value per row: inputs as callers of ONNX models know them, outputs as predict gives them.
  const shape = isTensor ? spec["tensor-spec"].shape : kind === "input" ? [-1, 1] : [-1];
  return { name, datatype, shape, symbols: shape.map(() => null) };
}

function unnamed(kind: "input" | "output"): string {
  return kind === "input" ? "input" : "prediction";
}

function refuse(message: string, remedy: string): AppError {
  return new AppError("invalid_input", message, { field: "signature", remedy });
}
