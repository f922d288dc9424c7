import { featureColumns, type ModelSignature, rowWidth, type TensorSignature } from "#server/registry/contract.ts";
import type { Given } from "../input-tensor.ts";
import { Refusal, show, wrong } from "../refusal.ts";

/** Rows and columns of a request, however they were written. */
export interface Cells {
  /** Names of the columns; null when the values of a row stand in the order of the model's inputs. */
  readonly names: readonly string[] | null;
  /** What the names are called in an error. */
  readonly namesPlace: string;
  readonly rows: number;
  /** The value in a row and a column. Throws a Refusal when there is none. */
  readonly value: (row: number, column: number, datatype: TensorSignature["datatype"]) => unknown;
  /** Where it stands, such as dataframe_split.data[3][1]. */
  readonly place: (row: number, column: number) => string;
}

export interface Table {
  readonly tensors: readonly Given[];
  readonly rows: number;
}

/** What a column fills: one value per row of an input, or all of them. */
interface Slot {
  readonly input: number;
  readonly offset: number;
  readonly count: number;
  readonly datatype: TensorSignature["datatype"];
}

/** The names that the values of one row have, in the order of the model's inputs: `x`, or `x[0]` … for an input of several values. */
export function fieldNames(inputs: readonly TensorSignature[]): string[] {
  return inputs.flatMap((tensor) => {
    const { numbers, categories } = featureColumns({ inputs: [tensor] });
    return [...numbers, ...categories];
  });
}

/**
 * Makes the function that sorts the columns of a table into the inputs of a model. It throws a Refusal that names an unknown, repeated or missing
 * column.
 */
export function compileTable({ inputs }: Pick<ModelSignature, "inputs">): (cells: Cells) => Table {
  const slots = new Map<string, Slot>();
  inputs.forEach((tensor, input) => {
    const { datatype } = tensor;
    fieldNames([tensor]).forEach((name, offset) => slots.set(name, { input, offset, count: 1, datatype }));
    slots.set(tensor.name, { input, offset: 0, count: rowWidth(tensor), datatype });
  });
  const fields = fieldNames(inputs);
  const takes = `this model takes ${inputs.map((t) => (rowWidth(t) > 1 ? `"${t.name}" (${rowWidth(t)} values)` : `"${t.name}"`)).join(", ")}`;

  const slotsOf = (names: readonly string[], place: string): Slot[] => {
    const filled = inputs.map((tensor) => new Uint8Array(rowWidth(tensor)));
    const found = names.map((name) => {
      const slot = slots.get(name);
      if (!slot) throw new Refusal(400, `${place}: this model has no input ${show(name)}; ${takes}`);
      const mine = filled[slot.input]?.subarray(slot.offset, slot.offset + slot.count);
      if (mine?.includes(1)) throw new Refusal(400, `${place}: the input ${show(name)} is given twice`);
      mine?.fill(1);
      return slot;
    });
    const missing = fields.filter((name) => {
      const slot = slots.get(name);
      const input = inputs.findIndex((tensor) => tensor.name === name || name.startsWith(`${tensor.name}[`));
      return filled[slot?.input ?? input]?.[slot?.offset ?? 0] === 0;
    });
    if (missing.length > 0) {
      const shown = missing.slice(0, 5).map((name) => `"${name}"`);
      const more = missing.length > 5 ? ` and ${missing.length - 5} more` : "";
      throw new Refusal(
        400,
        `${place}: ${shown.join(", ")}${more} ${missing.length > 1 ? "are" : "is"} missing; ${takes}`,
      );
    }
    return found;
  };

  return ({ names, namesPlace, rows, value, place }) => {
    const columns = slotsOf(names ?? fields, namesPlace);
    const data = inputs.map((tensor) => new Array<unknown>(rows * rowWidth(tensor)));
    const widths = inputs.map(rowWidth);
    columns.forEach((slot, column) => {
      const target = data[slot.input] ?? [];
      const width = widths[slot.input] ?? 1;
      for (let row = 0; row < rows; row += 1) {
        const at = row * width + slot.offset;
        const given = value(row, column, slot.datatype);
        if (slot.count === 1) target[at] = Array.isArray(given) && given.length === 1 ? given[0] : given;
        else spread(given, slot.count, target, at, () => place(row, column));
      }
    });
    return {
      rows,
      tensors: inputs.map((_, input): Given => {
        const width = widths[input] ?? 1;
        return {
          data: data[input],
          place: namesPlace,
          cell: (i) => {
            const [row, offset] = [Math.floor(i / width), i % width];
            const column = columns.findIndex(
              (slot) => slot.input === input && offset >= slot.offset && offset < slot.offset + slot.count,
            );
            const whole = (columns[column]?.count ?? 1) > 1;
            return `${place(row, column)}${whole ? `[${offset}]` : ""}`;
          },
        };
      }),
    };
  };
}

/** Puts the values of one row of a wide input, flat or nested, in their places. */
function spread(given: unknown, count: number, target: unknown[], at: number, place: () => string): void {
  const values = Array.isArray(given) ? (given.length === count ? given : (given.flat(8) as unknown[])) : null;
  if (values?.length !== count) throw wrong(place(), `a list of ${count} values`, values ? values.length : given);
  for (let i = 0; i < count; i += 1) target[at + i] = values[i];
}
