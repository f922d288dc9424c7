import { AppError } from "#server/kernel/errors.ts";
import { isNumeric, quoted, type TableFormat } from "#server/platform/table-file.ts";
import type { ColumnSchema } from "#server/data/contract.ts";
import { type Datatype, type ModelSignature, rowWidth } from "#server/registry/contract.ts";

/** A column of the dataset that the model is given. */
export interface ScoredColumn {
  /** Under which the runtime takes it. */
  readonly key: string;
  /** Of the dataset. */
  readonly column: string;
  readonly datatype: Datatype;
}

const WHOLE = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;

/**
 * Which columns of a dataset the model is given: those with the names of its inputs, or, for a model of one tensor, those that `features` names in order.
 * Errors: invalid_input with the column that is missing or of a type that the input cannot take.
 */
export function scoredColumns(
  signature: ModelSignature,
  schema: readonly ColumnSchema[],
  format: TableFormat,
  features: readonly string[] | null,
): ScoredColumn[] {
  const types = new Map(schema.map(({ name, type }) => [name, type]));
  const columns = inputColumns(signature, features, types);
  for (const { column, datatype } of columns) {
    const type = types.get(column);
    if (type === undefined)
      throw new AppError(
        "invalid_input",
        `The dataset has no column '${column}', which the model takes as ${datatype}.`,
        {
          field: "dataset",
          value: column,
          remedy: `Its columns are ${[...types.keys()].join(", ")}. Score a version that has it, or add it.`,
        },
      );
    const problem = problemOf(type, datatype, format);
    if (problem !== null)
      throw new AppError("invalid_input", `The column '${column}' holds ${type}; the model takes ${datatype}.`, {
        field: column,
        value: type,
        remedy: problem,
      });
  }
  return columns;
}

function inputColumns(
  { inputs }: ModelSignature,
  features: readonly string[] | null,
  types: ReadonlyMap<string, string>,
): ScoredColumn[] {
  const [only] = inputs;
  if (inputs.length === 1 && only && !(rowWidth(only) === 1 && features === null && types.has(only.name))) {
    const width = rowWidth(only);
    if (features?.length !== width && (width > 1 || features !== null))
      throw new AppError(
        "invalid_input",
        `The model takes one tensor '${only.name}' of ${width} values a row; ${features === null ? "nothing says which columns they are" : `${features.length} columns were named`}.`,
        {
          field: "features",
          value: features,
          remedy: `Name the ${width} columns in features, in the order of training.`,
        },
      );
    // A key that looks like a number would be put first, whatever the order.
    return (features ?? [only.name]).map((column, i) => ({
      key: width === 1 ? only.name : `#${i}`,
      column,
      datatype: only.datatype,
    }));
  }
  if (features !== null)
    throw new AppError("invalid_input", "The model takes its columns by name, so features has no meaning.", {
      field: "features",
      value: features,
      remedy: "Leave it out.",
    });
  return inputs.map((input) => {
    if (rowWidth(input) > 1)
      throw new AppError(
        "invalid_input",
        `The model takes ${rowWidth(input)} values a row for '${input.name}' beside other inputs.`,
        {
          field: "model",
          value: input.name,
          remedy: "A table gives one value a row and input; export the model with one input per column.",
        },
      );
    return { key: input.name, column: input.name, datatype: input.datatype };
  });
}

/** Why a column of this type cannot be given as this datatype, as what to do; null when it can. */
function problemOf(type: string, datatype: Datatype, format: TableFormat): string | null {
  if (datatype === "BYTES")
    // The cells of a CSV are text, whatever they look like.
    return format === "csv" || WHOLE.test(type) || /^(VARCHAR|ENUM\(.*|UUID)$/.test(type)
      ? null
      : "Store the column as the text that the model was trained on; how such a value is written as text is not defined.";
  if (datatype === "BOOL" && (type === "BOOLEAN" || WHOLE.test(type))) return null;
  if (datatype !== "BOOL" && isNumeric(type) && (type !== "BOOLEAN" || !datatype.startsWith("FP"))) return null;
  return `Store the column as ${datatype === "BOOL" ? "truth values" : "numbers"}.`;
}

/** How the cells of a column are read: numbers as doubles, everything else as text. */
export function readAs({ column, datatype }: ScoredColumn): string {
  return datatype === "BYTES" ? `${quoted(column)}::varchar` : `${quoted(column)}::double`;
}

/** Types that a CSV must be read with: a category that looks like a number stays the text that it is. */
export function statedTypes(schema: readonly ColumnSchema[], columns: readonly ScoredColumn[]): Record<string, string> {
  const texts = new Set(columns.filter(({ datatype }) => datatype === "BYTES").map(({ column }) => column));
  return Object.fromEntries(schema.map(({ name, type }) => [name, texts.has(name) ? "VARCHAR" : type]));
}

const RANGES: Partial<Record<Datatype, readonly [number, number]>> = {
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
  INT64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  UINT64: [0, Number.MAX_SAFE_INTEGER],
  BOOL: [0, 1],
};
const REACH: Partial<Record<Datatype, number>> = { FP16: 65_504, FP32: 3.4028234663852886e38 };

/**
 * Checks cells as the endpoint checks the values of a request: a missing number is one only where the datatype has NaN, text is never missing, and nothing is
 * cut to fit. `first` is the row of the first cell, counted from 1. Errors: invalid_input with column, row and value.
 */
export function checkCells(
  { column, datatype }: ScoredColumn,
  cells: Float64Array | readonly (string | null)[],
  first: number,
): void {
  const at = cells instanceof Float64Array ? firstBadNumber(cells, datatype) : cells.indexOf(null);
  if (at < 0) return;
  const value = cells[at] ?? null;
  const isMissing = value === null || Number.isNaN(value);
  throw new AppError(
    "invalid_input",
    `Row ${first + at}, column '${column}': ${isMissing ? "the cell is empty" : `${value} is no ${datatype}`}.`,
    {
      field: column,
      value: { row: first + at, column, value: isMissing ? null : value },
      remedy: isMissing
        ? `The model takes ${datatype} there, which has no missing value. Fill the cell, or leave the row out.`
        : `The model takes ${rangeText(datatype)} there. Correct the cell, or leave the row out.`,
    },
  );
}

function firstBadNumber(cells: Float64Array, datatype: Datatype): number {
  const range = RANGES[datatype];
  if (range) {
    const [min, max] = range;
    return cells.findIndex((value) => !(Number.isInteger(value) && value >= min && value <= max));
  }
  const reach = REACH[datatype] ?? Number.MAX_VALUE;
  return cells.findIndex((value) => value > reach || value < -reach);
}

function rangeText(datatype: Datatype): string {
  const range = RANGES[datatype];
  if (datatype === "BOOL") return "0 or 1, or truth values";
  if (range) return `whole numbers from ${range[0]} to ${range[1]}`;
  return `finite numbers up to ${REACH[datatype] ?? Number.MAX_VALUE}`;
}
