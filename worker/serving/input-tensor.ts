import { rowWidth, shapeText, type TensorSignature } from "#server/registry/contract.ts";
import type { TensorData } from "../runtimes/onnx/tensors.ts";
import { measureBinary, readBinary } from "./binary-tensor.ts";
import { Refusal, show, wrong } from "./refusal.ts";
import { kindOf } from "./value-kinds.ts";

/** The values that a request has for one input of the model, and where they stand in it. */
export interface Given {
  /** A list, flat or nested; or raw bytes. */
  readonly data: unknown;
  /** Such as inputs[0]. */
  readonly place: string;
  /**
   * For a table, whose values stand elsewhere than in a list of their own: the place of value i. Its empty cells are missing numbers, or texts, which ONNX
   * has only as empty ones.
   */
  readonly cell: ((i: number) => string) | undefined;
}

/** One input of a model, compiled from its signature: checks a tensor of a request and writes its values where the model reads them. */
export interface InputTensor {
  readonly signature: TensorSignature;
  /** Values per row. */
  readonly width: number;
  /** Bytes per value in the binary form; 0 for texts. */
  readonly bytes: number;
  /** The number of rows that the tensor states. Throws a Refusal with the place. */
  readonly rowsOf: (tensor: Readonly<Record<string, unknown>>, place: string) => number;
  /**
   * Whether as many values were sent as the rows need, before memory is taken for them: a shape may state any number. Throws a Refusal with
   * the place.
   */
  readonly measure: (given: Given, rows: number) => void;
  /** Writes values that were measured into `target` from row `row` on. Throws a Refusal with the place of the first wrong value. */
  readonly write: (given: Given, rows: number, target: TensorData, row: number) => void;
}

/** Compiles an input. Throws a RangeError for a datatype that cannot be served (servingProblems refuses it before). */
export function compileInput(signature: TensorSignature): InputTensor {
  const { name, datatype, shape } = signature;
  const kind = kindOf(datatype);
  const width = rowWidth(signature);
  const rank = shape.length;
  const wanted = shapeText({ shape, symbols: ["rows"] });

  const bad = (place: string, value: unknown) => {
    const expected = typeof value === "number" ? kind.expected : kind.expected.replace(/ \(.*\)$/, "");
    return wrong(place, expected, value, `send every value of '${name}' as ${kind.word}`);
  };

  const isShape = (given: unknown): given is number[] => {
    if (!Array.isArray(given) || given.length !== rank) return false;
    const rows: unknown = given[0];
    if (!Number.isInteger(rows) || (rows as number) <= 0) return false;
    for (let i = 1; i < rank; i += 1) if (given[i] !== shape[i]) return false;
    return true;
  };

  const rowsOf = (tensor: Readonly<Record<string, unknown>>, place: string): number => {
    if (tensor["datatype"] !== datatype)
      throw wrong(`${place}.datatype`, `"${datatype}"`, tensor["datatype"], `'${name}' is declared as ${datatype}`);
    const given: unknown = tensor["shape"];
    if (!isShape(given))
      throw wrong(`${place}.shape`, wanted, given, `'${name}' takes ${width} value${width > 1 ? "s" : ""} per row`);
    return given[0] ?? 0;
  };

  const { put, fill, hasMissing } = kind;
  const nested = (
    data: unknown,
    place: string,
    depth: number,
    length: number,
    target: TensorData,
    start: number,
  ): number => {
    if (!Array.isArray(data) || data.length !== length)
      throw wrong(place, `a list of ${length}`, Array.isArray(data) ? data.length : data, `the shape says ${wanted}`);
    let at = start;
    for (const [i, value] of data.entries()) {
      if (depth + 1 < rank) at = nested(value, `${place}[${i}]`, depth + 1, shape[depth + 1] ?? 1, target, at);
      else if (put(target, at, value)) at += 1;
      else throw bad(`${place}[${i}]`, value);
    }
    return at;
  };
  const cells = (data: readonly unknown[], cell: (i: number) => string, target: TensorData, start: number) => {
    for (let i = 0; i < data.length; i += 1) {
      const value = data[i];
      if (value === null && Array.isArray(target)) target[start + i] = "";
      else if (value === null && hasMissing && !Array.isArray(target)) target[start + i] = Number.NaN;
      else if (!put(target, start + i, value)) throw bad(cell(i), value);
    }
  };

  const measure = ({ data, place }: Given, rows: number) => {
    const count = rows * width;
    if (Buffer.isBuffer(data)) measureBinary(signature, data, count, place);
    else if (!Array.isArray(data)) throw wrong(`${place}.data`, "a list of values", data);
    else if (rank > 1 && Array.isArray(data[0])) {
      if (data.length !== rows)
        throw wrong(`${place}.data`, `a list of ${rows}`, data.length, `the shape says ${wanted}`);
    } else if (data.length !== count)
      throw new Refusal(
        400,
        `${place}.data: expected ${count} values for the shape ${show([rows, ...shape.slice(1)])}, got ${data.length}`,
      );
  };

  return {
    signature,
    width,
    bytes: kind.bytes,
    rowsOf,
    measure,
    write: ({ data, place, cell }, rows, target, row) => {
      const start = row * width;
      if (Array.isArray(data)) {
        if (cell) cells(data, cell, target, start);
        else if (rank > 1 && Array.isArray(data[0])) nested(data, `${place}.data`, 0, rows, target, start);
        else {
          const at = fill(target, start, data);
          if (at >= 0) throw bad(`${place}.data[${at}]`, data[at]);
        }
      } else if (Buffer.isBuffer(data)) readBinary(signature, data, rows * width, place, target, start);
    },
  };
}
