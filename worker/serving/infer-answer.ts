import type { ModelSignature, TensorSignature } from "#server/registry/contract.ts";
import type { TensorData } from "../runtimes/onnx/tensors.ts";
import type { Piece } from "./batch.ts";
import { Refusal } from "./refusal.ts";

/** Writes the answer to a request as JSON. Throws a Refusal (500) when an output is not a finite number, which JSON cannot carry. */
export type AnswerWriter = (id: string, rows: number, wanted: readonly string[], pieces: readonly Piece[]) => string;

/** One id per row: the request's own for a single row, else `<id>:<row>`. */
export function predictionId(id: string, row: number, rows: number): string {
  return rows === 1 ? id : `${id}:${row}`;
}

/** Prepares what is the same in every answer of a model. */
export function compileAnswer(
  endpoint: string,
  version: number,
  signature: Pick<ModelSignature, "outputs">,
): AnswerWriter {
  const head = `{"model_name":${JSON.stringify(endpoint)},"model_version":"${version}","id":`;
  const outputs = new Map(signature.outputs.map((t) => [t.name, compileOutput(t)]));
  return (id, rows, wanted, pieces) => {
    const quoted = JSON.stringify(id);
    const ids =
      rows === 1
        ? quoted
        : Array.from({ length: rows }, (_, row) => JSON.stringify(predictionId(id, row, rows))).join();
    const tensors = wanted.map((name) => outputs.get(name)?.(rows, pieces) ?? "").join();
    return `${head}${quoted},"parameters":{"prediction_ids":[${ids}]},"outputs":[${tensors}]}`;
  };
}

function compileOutput({ name, datatype }: TensorSignature): (rows: number, pieces: readonly Piece[]) => string {
  const head = `{"name":${JSON.stringify(name)},"shape":[`;
  const tail = `],"datatype":"${datatype}","data":[`;
  return (rows, pieces) => {
    const [first] = pieces;
    const dims =
      first?.run.outputs[name]?.dims
        .slice(1)
        .map((d) => `,${d}`)
        .join("") ?? "";
    return `${head}${rows}${dims}${tail}${pieces.map((piece) => writeValues(name, datatype === "BOOL", piece)).join()}]}`;
  };
}

function writeValues(name: string, isBool: boolean, { run, from, rows }: Piece): string {
  const data: TensorData = run.outputs[name]?.data ?? [];
  const width = data.length / run.rows;
  let text = "";
  for (let i = from * width; i < (from + rows) * width; i += 1) {
    const value = data[i];
    if (text !== "") text += ",";
    if (typeof value === "string") text += JSON.stringify(value);
    else if (isBool) text += value === 0 ? "false" : "true";
    else if (typeof value === "number" && value - value !== 0)
      throw new Refusal(
        500,
        `The model's output ${name}[${i - from * width}] is ${value}, which is no answer. Tell the endpoint's owner; the input is valid.`,
      );
    else text += String(value);
  }
  return text;
}
