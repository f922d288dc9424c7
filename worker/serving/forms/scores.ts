import type { TableScores } from "#server/platform/runtimes.ts";
import { readScores } from "../../runtimes/onnx/score-table.ts";
import type { TensorData } from "../../runtimes/onnx/tensors.ts";
import type { Piece } from "../batch.ts";
import { notFinite } from "../infer-answer.ts";
import type { Surface } from "../surface.ts";

/** What the outputs of a piece's run mean; computed once for all requests that share it, and for the log. */
export function scoresOf({ entry }: Pick<Surface, "entry">, { run }: Piece): TableScores {
  return (run.scores ??= readScores(run.outputs, entry.signature, run.rows));
}

/** One JSON text per row: the predicted class or number; or, as a list, the probabilities. */
export function jsonOfScores(model: Surface, piece: Piece, view: "usual" | "probabilities"): string[] {
  const scores = scoresOf(model, piece);
  const { roles } = model.entry.signature;
  if (view === "probabilities" && scores.probabilities)
    return rowsOf("probabilities", scores.probabilities, piece, true);
  if (roles.label !== undefined) return rowsOfOutput(model, roles.label, piece);
  if (scores.labels) return rowsOf("label", scores.labels, piece, false);
  return rowsOf("value", scores.values ?? [], piece, false);
}

/** One JSON text per row of a model whose outputs have no stated meaning: the values of its only output, or an object with all of them. */
export function jsonOfOutputs(model: Pick<Surface, "outputs" | "entry">, piece: Piece, bare: boolean): string[] {
  const { outputs } = model;
  const columns = outputs.map((name) => rowsOfOutput(model, name, piece));
  return Array.from({ length: piece.rows }, (_, row) => {
    if (bare) return columns[0]?.[row] ?? "null";
    return `{${outputs.map((name, i) => `${JSON.stringify(name)}:${columns[i]?.[row] ?? "null"}`).join()}}`;
  });
}

/** One JSON text per row: the class, the probability of each class, the number. */
export function jsonOfMeaning(model: Surface, piece: Piece): string[] {
  const scores = scoresOf(model, piece);
  const { roles, classes } = model.entry.signature;
  const labels = scores.labels ? jsonOfScores(model, piece, "usual") : null;
  const { probabilities } = scores;
  const width = (probabilities?.length ?? 0) / piece.run.rows;
  return Array.from({ length: piece.rows }, (_, row) => {
    const at = piece.from + row;
    const parts: string[] = [];
    if (labels) parts.push(`"label":${labels[row]}`);
    if (probabilities) {
      const mine = probabilities.subarray(at * width, (at + 1) * width);
      const texts = Array.from(mine, (p, i) => jsonOf("probabilities", p, i));
      parts.push(
        classes?.length === width
          ? `"probabilities":{${texts.map((text, i) => `${JSON.stringify(classes[i])}:${text}`).join()}}`
          : `"probabilities":[${texts.join()}]`,
      );
    }
    if (roles.value !== undefined && scores.values) parts.push(`"value":${jsonOf("value", scores.values[at], row)}`);
    return parts.join();
  });
}

/** One JSON text per row of an output. The runtime gives BOOL as bytes; callers get true and false, as the OpenAPI document says and in every form. */
function rowsOfOutput({ entry }: Pick<Surface, "entry">, name: string, piece: Piece): string[] {
  const data: TensorData = piece.run.outputs[name]?.data ?? [];
  const isBool = entry.signature.outputs.some((output) => output.name === name && output.datatype === "BOOL");
  return rowsOf(name, data, piece, false, isBool ? (value) => value !== 0 : undefined);
}

function rowsOf(
  name: string,
  data: ArrayLike<unknown>,
  { run, from, rows }: Piece,
  asList: boolean,
  read: (value: unknown) => unknown = (value) => value,
): string[] {
  const width = data.length / run.rows;
  return Array.from({ length: rows }, (_, row) => {
    const start = (from + row) * width;
    if (width === 1 && !asList) return jsonOf(name, read(data[start]), row);
    return `[${Array.from({ length: width }, (_, i) => jsonOf(name, read(data[start + i]), i)).join()}]`;
  });
}

/** A value as JSON. Throws a Refusal for a number that JSON cannot carry. */
function jsonOf(name: string, value: unknown, at: number): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" && value - value !== 0) throw notFinite(name, at, value);
  return String(value);
}
