import { AppError } from "#server/kernel/errors.ts";
import { distinctLabels } from "#server/kernel/statistics/classification.ts";
import { isNumeric, quoted, type TableColumn, type TableFile, type TableFormat } from "#server/platform/table-file.ts";
import type { EvaluationColumns, EvaluationTask } from "./evaluations-contract.ts";
import type { Predictions, SegmentColumn } from "./score-predictions.ts";

/** More classes than this are no classes: the label is a number to be predicted, or an id. */
export const MOST_CLASSES = 200;
/** Numbers that are kept in memory at once: rows × probabilities. 50 million are 400 MB. */
const MOST_NUMBERS = 50_000_000;

/** csv or parquet by the file's name; null for anything else. */
export function tableFormatOf(path: string): TableFormat | null {
  const match = /\.(csv|parquet)$/i.exec(path);
  return match ? ((match[1] ?? "").toLowerCase() as TableFormat) : null;
}

const refuse = (field: string, message: string, remedy: string) =>
  new AppError("invalid_input", message, { field, remedy });

/** A typed array that grows: how many rows a file has is known only at its end. */
class Growing<A extends Float64Array | Int32Array> {
  #values: A;
  #length = 0;
  readonly #make: (size: number) => A;
  constructor(make: (size: number) => A) {
    this.#make = make;
    this.#values = make(4096);
  }
  push(value: number): void {
    if (this.#length === this.#values.length) {
      const wider = this.#make(this.#values.length * 2);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#length++] = value;
  }
  done(): A {
    return this.#values.subarray(0, this.#length) as A;
  }
}
const floats = () => new Growing((size) => new Float64Array(size));
const codes = () => new Growing((size) => new Int32Array(size));

/** Texts by number, in the order in which they come. */
class Dictionary {
  readonly texts: (string | null)[] = [];
  readonly #codes = new Map<string | null, number>();
  code(text: string | null): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    this.#codes.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }
}

/** A class as text, the same whether a column holds 1, 1.0 or true beside numbers: "1". Booleans among themselves are "true" and "false". */
function classText(column: TableColumn, others: readonly TableColumn[]): string {
  const name = quoted(column.name);
  if (column.type === "BOOLEAN" && others.every((other) => other.type === "BOOLEAN" || !isNumeric(other.type)))
    return `${name}::varchar`;
  if (!isNumeric(column.type)) return `${name}::varchar`;
  // Whole numbers without a decimal point, whatever type the file gives them.
  return `case when isfinite(${name}::double) and ${name}::double = round(${name}::double) and abs(${name}::double) < 9e15 then ((${name}::double)::bigint)::varchar else (${name}::double)::varchar end`;
}

/** The classes in scikit-learn's order: numbers by size when all are numbers, else by code unit. */
export function sortClasses(texts: readonly string[]): string[] {
  const numbers = texts.map(Number);
  const numeric = texts.every((text, i) => text.trim() !== "" && Number.isFinite(numbers[i]));
  return numeric ? [...new Set(texts)].sort((a, b) => Number(a) - Number(b)) : distinctLabels(texts);
}

function columnOf(columns: readonly TableColumn[], name: string): TableColumn {
  const found = columns.find((column) => column.name === name);
  if (found) return found;
  throw refuse(
    "columns",
    `The file has no column '${name}'.`,
    `Its columns are ${columns.map((column) => column.name).join(", ")}.`,
  );
}

const numberAt = (value: unknown): number => (typeof value === "number" ? value : Number.NaN);

/**
 * Reads the columns of a predictions file, chunk by chunk, into numbers and class numbers. Rows without a label, a prediction or a probability do not
 * count. Errors: invalid_input naming the column or the row.
 */
export async function readPredictions(
  table: TableFile,
  wish: { task: EvaluationTask; columns: EvaluationColumns; positive: string | null },
): Promise<Predictions> {
  const known = await table.columns();
  const of = (name: string) => columnOf(known, name);
  const { label, prediction, probabilities, segments } = wish.columns;
  if (prediction === null && (wish.task === "regression" || probabilities.length === 0))
    throw refuse(
      "columns.prediction",
      "Nothing says what was predicted.",
      "Name a column of predictions or probabilities.",
    );
  const classColumns = [of(label), ...(prediction === null ? [] : [of(prediction)])];
  const asClass = (name: string): string => {
    const column = of(name);
    return classText(
      column,
      classColumns.filter((other) => other !== column),
    );
  };
  const asNumber = (name: string): string => {
    if (!isNumeric(of(name).type))
      throw refuse("columns", `The column '${name}' holds no numbers.`, "Name a column of numbers.");
    return `${quoted(name)}::double`;
  };
  const value = wish.task === "regression" ? asNumber : asClass;
  const select = [
    value(label),
    prediction === null ? "null" : value(prediction),
    ...probabilities.map((one) => asNumber(one.column)),
    ...segments.map((name) => `${quoted(of(name).name)}::varchar`),
  ];
  const single = probabilities.length > 0 && probabilities.every((one) => of(one.column).type === "FLOAT");
  const rows =
    wish.task === "regression"
      ? new NumberRows(prediction !== null)
      : new ClassRows(prediction !== null, probabilities.length);
  const slices = segments.map(() => ({ dictionary: new Dictionary(), codes: codes() }));
  const from = 2 + probabilities.length;
  let row = 0;
  let skipped = 0;
  for await (const columns of table.chunks(
    `select ${select.map((sql, i) => `${sql} as c${i}`).join(", ")} from data`,
  )) {
    const n = columns[0]?.length ?? 0;
    for (let i = 0; i < n; i++) {
      row += 1;
      if (!rows.take(columns, i, row)) {
        skipped += 1;
        continue;
      }
      for (let s = 0; s < slices.length; s++) {
        const slice = slices[s];
        const text = columns[from + s]?.[i];
        slice?.codes.push(slice.dictionary.code(typeof text === "string" ? text : null));
      }
    }
    if (row * Math.max(1, probabilities.length) > MOST_NUMBERS)
      throw refuse("artifact", "The file has more than 50 million numbers.", "Evaluate a sample of it.");
  }
  if (row === skipped)
    throw refuse(
      "artifact",
      row === 0 ? "The file has no rows." : `None of the ${row} rows has a label and a prediction.`,
      "Look at the file, and at the columns named.",
    );
  const segmentColumns = slices.map(
    (slice, i): SegmentColumn => ({
      column: segments[i] ?? "",
      values: slice.dictionary.texts,
      codes: slice.codes.done(),
    }),
  );
  return { ...rows.done({ probabilities, positive: wish.positive, single }), segments: segmentColumns, skipped };
}

interface Finish {
  readonly probabilities: EvaluationColumns["probabilities"];
  readonly positive: string | null;
  readonly single: boolean;
}

class NumberRows {
  readonly #actual = floats();
  readonly #predicted = floats();
  readonly #hasPrediction: boolean;
  constructor(hasPrediction: boolean) {
    this.#hasPrediction = hasPrediction;
  }
  take(columns: readonly (readonly unknown[])[], i: number, row: number): boolean {
    const [actual, predicted] = [numberAt(columns[0]?.[i]), numberAt(columns[1]?.[i])];
    if (Number.isNaN(actual) || Number.isNaN(predicted) || !this.#hasPrediction) return false;
    if (!Number.isFinite(actual) || !Number.isFinite(predicted))
      throw refuse("artifact", `Row ${row} holds an infinite number.`, "Mend or drop the row.");
    this.#actual.push(actual);
    this.#predicted.push(predicted);
    return true;
  }
  done(_: Finish) {
    return { task: "regression" as const, actual: this.#actual.done(), predicted: this.#predicted.done() };
  }
}

class ClassRows {
  readonly #dictionary = new Dictionary();
  readonly #actual = codes();
  readonly #predicted = codes();
  readonly #probabilities = floats();
  readonly #hasPrediction: boolean;
  readonly #count: number;
  constructor(hasPrediction: boolean, count: number) {
    this.#hasPrediction = hasPrediction;
    this.#count = count;
  }

  take(columns: readonly (readonly unknown[])[], i: number, row: number): boolean {
    const actual = columns[0]?.[i];
    const predicted = columns[1]?.[i];
    if (typeof actual !== "string" || (this.#hasPrediction && typeof predicted !== "string")) return false;
    for (let k = 0; k < this.#count; k++) {
      const p = columns[2 + k]?.[i];
      if (typeof p !== "number" || Number.isNaN(p)) return false;
      if (p < 0 || p > 1)
        throw refuse(
          "columns.probabilities",
          `Row ${row} has ${p} where a probability should be.`,
          "Probabilities lie between 0 and 1. Name another column, or none.",
        );
    }
    for (let k = 0; k < this.#count; k++) this.#probabilities.push(numberAt(columns[2 + k]?.[i]));
    this.#actual.push(this.#dictionary.code(actual));
    if (typeof predicted === "string") this.#predicted.push(this.#dictionary.code(predicted));
    if (this.#dictionary.texts.length > MOST_CLASSES)
      throw refuse(
        "task",
        `The label has more than ${MOST_CLASSES} different values.`,
        "Evaluate it as a regression, or name another column.",
      );
    return true;
  }

  done({ probabilities, positive, single }: Finish) {
    const seen = this.#dictionary.texts.filter((text) => text !== null);
    const classes = sortClasses([...new Set([...seen, ...probabilities.map((one) => one.class)])]);
    const named = probabilities.length === 1 ? probabilities[0]?.class : undefined;
    if (classes.length === 1) {
      // All rows are of one class; the curves and the matrix still speak of two.
      const [only = ""] = classes;
      classes.push(only === "1" ? "0" : only === "0" ? "1" : `not ${only}`);
      classes.splice(0, 2, ...sortClasses(classes));
    }
    const number = new Map(classes.map((text, i) => [text, i]));
    const recoded = (list: Int32Array): Int32Array =>
      list.map((code) => number.get(this.#dictionary.texts[code] ?? "") ?? 0);
    const binary = classes.length === 2;
    const chosen = positive ?? named ?? classes.at(-1) ?? "";
    if (binary && !number.has(chosen))
      throw refuse("positive", `No row is of the class '${chosen}'.`, `The classes are ${classes.join(", ")}.`);
    if (!binary && probabilities.length > 0 && probabilities.length < classes.length)
      throw refuse(
        "columns.probabilities",
        `There are ${classes.length} classes and probabilities of ${probabilities.length}.`,
        "Name one column of probabilities for each class, or none.",
      );
    const positiveCode = binary ? (number.get(chosen) ?? 1) : null;
    const matrix = probabilities.length === 0 ? null : this.#matrix(probabilities, classes);
    const actual = recoded(this.#actual.done());
    return {
      task: "classification" as const,
      classes,
      positive: positiveCode,
      actual,
      predicted: this.#hasPrediction
        ? recoded(this.#predicted.done())
        : likeliest(matrix, actual.length, classes.length, positiveCode),
      probabilities: matrix,
      single,
    };
  }

  /** Row-major, rows × classes. With one column of a binary problem the other class has the rest. */
  #matrix(probabilities: EvaluationColumns["probabilities"], classes: readonly string[]): Float64Array {
    const given = this.#probabilities.done();
    const count = probabilities.length;
    const rows = given.length / count;
    const width = classes.length;
    const out = new Float64Array(rows * width);
    const place = probabilities.map((one) => classes.indexOf(one.class));
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < count; k++) out[i * width + (place[k] ?? 0)] = given[i * count + k] ?? 0;
      if (count === 1 && width === 2) out[i * width + 1 - (place[0] ?? 0)] = 1 - (given[i] ?? 0);
    }
    return out;
  }
}

/** The class with the greatest probability, the first of equals; of two classes the positive one from 0.5 on. */
function likeliest(matrix: Float64Array | null, rows: number, width: number, positive: number | null): Int32Array {
  const out = new Int32Array(rows);
  if (!matrix) return out;
  for (let i = 0; i < rows; i++) {
    if (positive !== null) {
      out[i] = (matrix[i * width + positive] ?? 0) >= 0.5 ? positive : 1 - positive;
      continue;
    }
    let best = 0;
    for (let k = 1; k < width; k++) if ((matrix[i * width + k] ?? 0) > (matrix[i * width + best] ?? 0)) best = k;
    out[i] = best;
  }
  return out;
}
