import type { ModelSignature, TensorSignature } from "#server/registry/contract.ts";
import type { TensorData } from "../runtimes/onnx/tensors.ts";
import type { Piece } from "./batch.ts";
import { toBinary } from "./binary-tensor.ts";
import { Refusal } from "./refusal.ts";

/** An answer whose tensors follow its JSON as raw bytes. */
export interface BinaryAnswer {
  readonly json: string;
  readonly tensors: readonly Buffer[];
}
export type Answer = string | BinaryAnswer;

/**
 * Writes the answer to a request, with `told` among its parameters and the outputs in `binary` as raw bytes. Throws a Refusal (400) when an output that goes as JSON is not a finite
 * number: JSON cannot carry it, and it is the values of the request that led there.
 */
export type AnswerWriter = (
  id: string,
  rows: number,
  wanted: readonly string[],
  binary: ReadonlySet<string> | null,
  pieces: readonly Piece[],
  told: string,
) => Answer;

/** One id per row: the request's own for a single row, else `<id>:<row>`. */
export function predictionId(id: string, row: number, rows: number): string {
  return rows === 1 ? id : `${id}:${row}`;
}

/** The ids of all rows as the items of a JSON list. */
export function predictionIds(id: string, rows: number): string {
  if (rows === 1) return JSON.stringify(id);
  let text = JSON.stringify(`${id}:0`);
  for (let row = 1; row < rows; row += 1) text += `,${JSON.stringify(`${id}:${row}`)}`;
  return text;
}

/** An id as JSON; without the work of a serialiser for one of plain characters, as nearly every one is. */
function quote(id: string): string {
  for (let i = 0; i < id.length; i += 1) {
    const code = id.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return JSON.stringify(id);
  }
  return `"${id}"`;
}

/** Prepares what is the same in every answer of a model. */
export function compileAnswer(
  endpoint: string,
  version: number,
  signature: Pick<ModelSignature, "outputs">,
): AnswerWriter {
  const head = `{"model_name":${JSON.stringify(endpoint)},"model_version":"${version}","id":`;
  const outputs = new Map(signature.outputs.map((t) => [t.name, compileOutput(t)]));
  return (id, rows, wanted, binary, pieces, told) => {
    const own = quote(id);
    const ids = rows === 1 ? own : predictionIds(id, rows);
    let text = `${head}${own},"parameters":{"prediction_ids":[${ids}],${told}},"outputs":[`;
    const tensors: Buffer[] = [];
    for (let i = 0; i < wanted.length; i += 1) {
      const name = wanted[i] ?? "";
      const output = outputs.get(name);
      if (i > 0) text += ",";
      if (output) text += output(rows, pieces, binary?.has(name) ? tensors : null);
    }
    text += "]}";
    return binary ? { json: text, tensors } : text;
  };
}

type OutputWriter = (rows: number, pieces: readonly Piece[], tensors: Buffer[] | null) => string;

function compileOutput({ name, datatype, shape }: TensorSignature): OutputWriter {
  const head = `{"name":${JSON.stringify(name)},"shape":[`;
  const tail = `],"datatype":"${datatype}",`;
  const fixed = shape.slice(1).every((d) => d >= 0)
    ? shape
        .slice(1)
        .map((d) => `,${d}`)
        .join("")
    : null;
  const dimsOf = (pieces: readonly Piece[]) => {
    const dims = pieces[0]?.run.outputs[name]?.dims ?? [];
    let text = "";
    for (let i = 1; i < dims.length; i += 1) text += `,${dims[i]}`;
    return text;
  };
  const isBool = datatype === "BOOL";
  return (rows, pieces, tensors) => {
    const start = `${head}${rows}${fixed ?? dimsOf(pieces)}${tail}`;
    if (tensors) return `${start}"parameters":{"binary_data_size":${pushRaw(name, pieces, tensors)}}}`;
    let text = `${start}"data":[`;
    for (let i = 0; i < pieces.length; i += 1) {
      const piece = pieces[i];
      if (piece) text += i > 0 ? `,${writeValues(name, isBool, piece)}` : writeValues(name, isBool, piece);
    }
    return `${text}]}`;
  };
}

/** Adds the raw bytes of an output and gives how many they are. */
function pushRaw(name: string, pieces: readonly Piece[], tensors: Buffer[]): number {
  let size = 0;
  for (const { run, from, rows } of pieces) {
    const data: TensorData = run.outputs[name]?.data ?? [];
    const width = data.length / run.rows;
    const raw = toBinary(data, from * width, (from + rows) * width);
    tensors.push(raw);
    size += raw.length;
  }
  return size;
}

function writeValues(name: string, isBool: boolean, { run, from, rows }: Piece): string {
  const data: TensorData = run.outputs[name]?.data ?? [];
  const width = data.length / run.rows;
  const start = from * width;
  const end = (from + rows) * width;
  let text = "";
  for (let i = start; i < end; i += 1) {
    const value = data[i];
    if (i > start) text += ",";
    if (typeof value === "number") {
      if (isBool) text += value === 0 ? "false" : "true";
      else if (value - value === 0) text += value;
      else throw notFinite(name, i - start, value);
    } else text += typeof value === "string" ? JSON.stringify(value) : String(value);
  }
  return text;
}

/** What a caller is told of an output that is no number. */
export function notFinite(name: string, at: number, value: number): Refusal {
  return noAnswer(`${name}[${at}] is ${value}`, "A value is missing, or far from what the model was trained on.");
}

/** The same where it is known which row it is (from 0) and which of its inputs came without a number. */
export function noNumber(name: string, value: number, row: number, missing: readonly string[]): Refusal {
  const why =
    missing.length > 0
      ? `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing there.`
      : "A value there is far from what the model was trained on.";
  return noAnswer(`${name} is ${value} for row ${row}`, why);
}

function noAnswer(what: string, why: string): Refusal {
  return new Refusal(400, `The model cannot compute these values: its output ${what}, which is no answer. ${why}`);
}
