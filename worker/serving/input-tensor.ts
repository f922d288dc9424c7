import { rowWidth, shapeText, type TensorSignature } from "#server/registry/contract.ts";
import type { Numbers, TensorData } from "../runtimes/onnx/tensors.ts";
import { Refusal, show, wrong } from "./refusal.ts";

/** One input of a model, compiled from its signature: checks a tensor of a request and writes its values where the model reads them. */
export interface InputTensor {
  readonly signature: TensorSignature;
  /** Values per row. */
  readonly width: number;
  /** The number of rows that the tensor states. Throws a Refusal with the place. */
  readonly rowsOf: (tensor: Readonly<Record<string, unknown>>, place: string) => number;
  /** Writes the values into `target` from row `row` on. Throws a Refusal with the place of the first wrong value. */
  readonly write: (data: unknown, rows: number, place: string, target: TensorData, row: number) => void;
}

interface Kind {
  readonly expected: string;
  readonly word: string;
  /** Stores a value and says whether it was one that fits. */
  readonly put: (target: TensorData, at: number, value: unknown) => boolean;
}

const isFinite = (v: unknown): v is number => typeof v === "number" && v - v === 0;

const whole = (min: number, max: number): Kind => ({
  expected: `a whole number from ${min} to ${max}`,
  word: "a whole number",
  put: (target, at, value) => {
    (target as Exclude<Numbers, BigInt64Array | BigUint64Array>)[at] = value as number;
    return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
  },
});
const whole64 = (min: number): Kind => ({
  // JSON numbers beyond 2^53 have already lost digits when they arrive.
  expected: min < 0 ? "a whole number within ±(2^53 - 1)" : "a whole number from 0 to 2^53 - 1",
  word: "a whole number",
  put: (target, at, value) => {
    if (!Number.isSafeInteger(value) || (value as number) < min) return false;
    (target as BigInt64Array | BigUint64Array)[at] = BigInt(value as number);
    return true;
  },
});

const KINDS: Partial<Record<TensorSignature["datatype"], Kind>> = {
  FP64: {
    expected: "a finite number",
    word: "a JSON number",
    put: (target, at, value) => {
      (target as Float64Array)[at] = value as number;
      return isFinite(value);
    },
  },
  FP32: {
    expected: "a finite number (FP32 reaches 3.4e38)",
    word: "a JSON number",
    put: (target, at, value) => {
      (target as Float32Array)[at] = value as number;
      return isFinite(value) && isFinite((target as Float32Array)[at]);
    },
  },
  INT8: whole(-128, 127),
  INT16: whole(-32_768, 32_767),
  INT32: whole(-2_147_483_648, 2_147_483_647),
  UINT8: whole(0, 255),
  UINT16: whole(0, 65_535),
  UINT32: whole(0, 4_294_967_295),
  INT64: whole64(Number.MIN_SAFE_INTEGER),
  UINT64: whole64(0),
  BOOL: {
    expected: "true or false",
    word: "true or false",
    put: (target, at, value) => {
      (target as Uint8Array)[at] = value === true ? 1 : 0;
      return typeof value === "boolean";
    },
  },
  BYTES: {
    expected: "a string",
    word: "a JSON string",
    put: (target, at, value) => {
      (target as string[])[at] = value as string;
      return typeof value === "string";
    },
  },
};

/** Compiles an input. Throws a RangeError for a datatype that cannot be served (servingProblems refuses it before). */
export function compileInput(signature: TensorSignature): InputTensor {
  const { name, datatype, shape } = signature;
  const kind = KINDS[datatype];
  if (!kind) throw new RangeError(`tensors of ${datatype} cannot be served`);
  const width = rowWidth(signature);
  const rank = shape.length;
  const wanted = shapeText({ shape, symbols: ["rows"] });

  const bad = (place: string, value: unknown) => {
    const expected = typeof value === "number" ? kind.expected : kind.expected.replace(/ \(.*\)$/, "");
    return wrong(place, expected, value, `send every value of '${name}' as ${kind.word}`);
  };

  const rowsOf = (tensor: Readonly<Record<string, unknown>>, place: string): number => {
    if (tensor["datatype"] !== datatype)
      throw wrong(`${place}.datatype`, `"${datatype}"`, tensor["datatype"], `'${name}' is declared as ${datatype}`);
    const given: unknown = tensor["shape"];
    const fits =
      Array.isArray(given) &&
      given.length === rank &&
      given.every((d: unknown, i) => (i === 0 ? Number.isInteger(d) && (d as number) > 0 : d === shape[i]));
    if (!fits)
      throw wrong(`${place}.shape`, wanted, given, `'${name}' takes ${width} value${width > 1 ? "s" : ""} per row`);
    return given[0] as number;
  };

  const { put } = kind;
  const flat = (data: readonly unknown[], place: string, target: TensorData, start: number) => {
    for (let i = 0; i < data.length; i += 1)
      if (!put(target, start + i, data[i])) throw bad(`${place}.data[${i}]`, data[i]);
  };
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

  return {
    signature,
    width,
    rowsOf,
    write: (data, rows, place, target, row) => {
      if (!Array.isArray(data)) throw wrong(`${place}.data`, "a list of values", data);
      if (rank > 1 && Array.isArray(data[0])) nested(data, `${place}.data`, 0, rows, target, row * width);
      else if (data.length === rows * width) flat(data, place, target, row * width);
      else
        throw new Refusal(
          400,
          `${place}.data: expected ${rows * width} values for the shape ${show([rows, ...shape.slice(1)])}, got ${data.length}`,
        );
    },
  };
}
