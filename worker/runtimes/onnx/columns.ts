import { AppError } from "#server/kernel/errors.ts";
import type { Columns, RuntimeSignature, RuntimeTensor } from "#server/platform/runtimes.ts";
import { Datatype, rowWidth } from "#server/registry/contract.ts";
import { allocate, type Feed, type TensorData } from "./tensors.ts";

type Column = Columns[string];
/** Fills one cell of a feed from one row of a column. */
type Plan = {
  readonly tensor: RuntimeTensor;
  readonly datatype: Datatype;
  readonly columns: readonly (readonly [string, Column])[];
};

/**
 * Pairs the inputs of a model with columns. Throws AppError `invalid_input` when a column is missing or of the wrong length or kind.
 */
export function planFeeds(signature: RuntimeSignature, columns: Columns, rows: number): Plan[] {
  const all = Object.entries(columns);
  const short = all.find(([, column]) => column.length !== rows);
  if (short) throw refuse(short[0], `The column '${short[0]}' has ${short[1].length} values for ${rows} rows.`);
  return signature.inputs.map((tensor) => {
    const width = rowWidth({ shape: [...tensor.shape] });
    const named = columns[tensor.name];
    const mine = named && width === 1 ? [[tensor.name, named] as const] : wide(tensor, width, all, signature);
    return { tensor, datatype: Datatype.parse(tensor.datatype), columns: mine };
  });
}

/** A model with a single tensor of k columns takes k columns in the order in which they are given. */
function wide(tensor: RuntimeTensor, width: number, all: [string, Column][], signature: RuntimeSignature) {
  if (signature.inputs.length === 1 && all.length === width) return all;
  const hint = signature.inputs.length === 1 ? ` It takes ${width} columns; ${all.length} were given.` : "";
  throw refuse(tensor.name, `The data has no column '${tensor.name}', which the model takes.${hint}`);
}

/** The feeds of the rows from `from` up to `to`. */
export function feedsOf(plan: readonly Plan[], from: number, to: number): Feed[] {
  return plan.map(({ tensor, datatype, columns }) => {
    const data = allocate(datatype, (to - from) * columns.length);
    columns.forEach(([name, column], c) =>
      fill(data, column, { name, datatype, from, to, first: c, step: columns.length }),
    );
    return {
      name: tensor.name,
      datatype,
      dims: [to - from, ...tensor.shape.slice(1).map((d) => (d < 0 ? 1 : d))],
      data,
    };
  });
}

interface Place {
  readonly name: string;
  readonly datatype: Datatype;
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly step: number;
}

function fill(data: TensorData, column: Column, place: Place): void {
  const { name, datatype, from, to, first, step } = place;
  for (let row = from, at = first; row < to; row += 1, at += step) {
    const value = column[row];
    if (Array.isArray(data)) {
      data[at] = String(value);
      continue;
    }
    const isFloat = datatype.startsWith("FP");
    if (typeof value !== "number" || !(isFloat || Number.isInteger(value)))
      throw refuse(
        name,
        `The column '${name}' has ${JSON.stringify(value)} in row ${row + 1}; the model takes ${datatype}.`,
      );
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[at] = BigInt(value);
    else data[at] = value;
  }
}

function refuse(field: string, message: string): AppError {
  return new AppError("invalid_input", message, {
    field,
    remedy: "Give each input of the model a column of its name and type.",
  });
}
