import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { AppError } from "#server/kernel/errors.ts";
import { type ColumnValues, TableFile, type TableFormat } from "#server/platform/table-file.ts";
import { rowWidth, type TensorSignature } from "#server/registry/contract.ts";

export interface TrafficSource {
  /** CSV or Parquet, ordered by time. */
  readonly file: string;
  readonly timeColumn: string;
  readonly outcomeColumn: string;
  /** Milliseconds after a row's time at which its outcome is known. */
  readonly delayMs: number;
  readonly inputs: readonly TensorSignature[];
}

/** Rows of a traffic file that a model can be asked about. */
export interface Traffic {
  /** First digits of the file's SHA-256: with a row's number they make an id that every replay gives the same row. */
  readonly key: string;
  readonly rows: number;
  /** Rows that lack a value which the model needs; they are left out. */
  readonly incomplete: number;
  /** Milliseconds since 1970 of each row. */
  readonly times: Float64Array;
  /** The values of one input for some rows, as JSON carries them. */
  readonly valuesOf: (input: TensorSignature, from: number, to: number) => (number | string | boolean)[];
  /** What really happened, as text; null where the file does not say. */
  readonly outcomes: readonly (string | null)[];
}

const DELAY = /^(\d+)(s|m|h|d)$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };

/** "6h" in milliseconds. */
export function parseDelay(text: string): number {
  const [, count = "0", unit = "s"] = DELAY.exec(text) ?? [];
  return Number(count) * (UNIT_MS[unit] ?? 0);
}

/** Reads a traffic file. Errors: invalid_input when a column that the model takes is missing. */
export async function readTraffic({ file, timeColumn, outcomeColumn, inputs }: TrafficSource): Promise<Traffic> {
  const wide = inputs.find((input) => rowWidth(input) !== 1);
  if (wide)
    throw new AppError(
      "invalid_input",
      `The model's input '${wide.name}' takes several columns, which a replay cannot fill.`,
    );
  const names = inputs.map((input) => input.name);
  const key = createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 12);
  await using table = await TableFile.open(file, formatOf(file));
  const columns = await table.values([timeColumn, outcomeColumn, ...names]);
  const times = columns.get(timeColumn);
  if (!(times instanceof Float64Array))
    throw new AppError("invalid_input", `The column ${timeColumn} of ${file} holds no times.`);
  const needed = names.map((name) => columns.get(name) ?? []);
  const complete: number[] = [];
  for (let row = 0; row < times.length; row += 1)
    if (!Number.isNaN(times[row]) && needed.every((column) => isThere(column, row))) complete.push(row);
  const outcome = columns.get(outcomeColumn) ?? [];
  return {
    key,
    rows: complete.length,
    incomplete: times.length - complete.length,
    times: Float64Array.from(complete, (row) => times[row] ?? 0),
    outcomes: complete.map((row) => (isThere(outcome, row) ? String(outcome[row]) : null)),
    valuesOf: (input, from, to) => {
      const column = columns.get(input.name) ?? [];
      return complete.slice(from, to).map((row) => valueOf(input.datatype, column[row] ?? 0));
    },
  };
}

function formatOf(file: string): TableFormat {
  return path.extname(file) === ".parquet" ? "parquet" : "csv";
}

function isThere(column: ColumnValues, row: number): boolean {
  const value = column[row];
  return value !== null && value !== undefined && !Number.isNaN(value);
}

function valueOf(datatype: TensorSignature["datatype"], value: number | string): number | string | boolean {
  if (datatype === "BYTES") return String(value);
  if (datatype === "BOOL") return Number(value) > 0;
  return Number(value);
}
