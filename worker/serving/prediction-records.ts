import { rowWidth } from "#server/registry/contract.ts";
import type { PlanEntry, PredictionRecord } from "#server/serving/contract.ts";
import type { Redaction } from "#server/serving/index.ts";
import { readScores } from "../runtimes/onnx/score-table.ts";
import type { Piece } from "./batch.ts";
import { predictionId } from "./infer-answer.ts";
import type { Keys } from "./router.ts";

/** What the records of one request share. */
export interface Told {
  readonly id: string;
  readonly requestId: string;
  readonly rows: number;
  readonly receivedAt: number;
  readonly eventTimes: number | readonly number[] | null;
  readonly latencyUs: number;
  /** Of whom it speaks: one key for all rows, or one per row. */
  readonly keys: Keys | null;
  readonly caller: string | null;
  readonly routed: boolean;
}

/** Hands on one record per row of an answered request that the log keeps. */
export type RecordWriter = (told: Told, pieces: readonly Piece[], log: (record: PredictionRecord) => void) => void;

/** How an endpoint's log is kept. */
export interface Keeping {
  readonly keeps: (predictionId: string) => boolean;
  /** What is kept out of the columns of this version; null for nothing. */
  readonly redaction: Redaction | null;
}

interface Column {
  readonly input: number;
  readonly width: number;
}

/** Makes the function that turns an answered request into records, with the features in the order of featureColumns. `arm` is of ARM_CODES. */
export function compileRecords(entry: PlanEntry, arm: number, { keeps, redaction }: Keeping): RecordWriter {
  const { endpointId, projectId, modelVersionId, signature } = entry;
  const columns = (texts: boolean) =>
    signature.inputs
      .map((tensor, input): Column & { isText: boolean } => ({
        input,
        width: rowWidth(tensor),
        isText: tensor.datatype === "BYTES",
      }))
      .filter((column) => column.isText === texts);
  const [numeric, textual] = [columns(false), columns(true)];
  const width = numeric.reduce((n, column) => n + column.width, 0);
  const hidden = redaction?.hidden ?? null;
  const texts = redaction?.texts ?? null;

  return (told, pieces, log) => {
    let row = 0;
    for (const piece of pieces) {
      for (let i = 0; i < piece.rows; i += 1, row += 1) {
        const id = predictionId(told.id, row, told.rows);
        if (!keeps(id)) continue;
        const scores = (piece.run.scores ??= readScores(piece.run.outputs, signature, piece.run.rows));
        const classes = (scores.probabilities?.length ?? 0) / piece.run.rows;
        const at = piece.from + i;
        log({
          endpointId,
          projectId,
          modelVersionId,
          arm,
          routed: told.routed,
          predictionId: id,
          requestId: told.requestId,
          receivedAt: told.receivedAt,
          eventTime: typeof told.eventTimes === "object" ? (told.eventTimes?.[row] ?? null) : told.eventTimes,
          entityKey: typeof told.keys === "object" ? (told.keys?.[row] ?? null) : told.keys,
          caller: told.caller,
          latencyUs: told.latencyUs,
          hidden,
          numbers: readNumbers(piece, numeric, width, piece.at + i),
          categories: readTexts(piece, textual, piece.at + i, texts),
          label: scores.labels?.[at] ?? null,
          probabilities: scores.probabilities?.subarray(at * classes, (at + 1) * classes) ?? null,
          value: scores.values?.[at] ?? null,
        });
      }
    }
  };
}

/**
 * The numbers of a row of the batch, copied: its memory is used again. A plain list, because an array of numbers with memory outside of the heap costs the
 * garbage collector more than the numbers in it.
 */
function readNumbers({ batch }: Piece, columns: readonly Column[], width: number, row: number): number[] {
  const numbers = new Array<number>(width);
  let at = 0;
  for (const column of columns) {
    const data = batch.data[column.input] ?? [];
    const end = (row + 1) * column.width;
    for (let k = row * column.width; k < end; k += 1, at += 1) {
      const value = data[k];
      numbers[at] = typeof value === "number" ? value : Number(value);
    }
  }
  return numbers;
}

function readTexts(
  piece: Piece,
  columns: readonly Column[],
  row: number,
  rules: Redaction["texts"] | null,
): (string | null)[] {
  const texts: (string | null)[] = [];
  for (const column of columns) {
    const data = piece.batch.data[column.input] ?? [];
    for (let k = 0; k < column.width; k += 1) {
      const text = String(data[row * column.width + k]);
      const rule = rules?.[texts.length];
      texts.push(rule ? rule(text) : text);
    }
  }
  return texts;
}
