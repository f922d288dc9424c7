import { isUtf8 } from "node:buffer";
import type { Datatype } from "#server/registry/contract.ts";
import type { TensorData } from "../runtimes/onnx/tensors.ts";

/** How the values of one datatype are read from JSON and from raw bytes. */
export interface Kind {
  readonly expected: string;
  readonly word: string;
  /** A missing value can be stored as NaN. */
  readonly hasMissing: boolean;
  /** Bytes per value in the binary form; 0 for texts, which carry their length. */
  readonly bytes: number;
  /** Stores one value and says whether it was one that fits. */
  readonly put: (target: TensorData, at: number, value: unknown) => boolean;
  /** Stores a list of values from `at` on. The index of the first that does not fit, or -1. */
  readonly fill: (target: TensorData, at: number, values: readonly unknown[]) => number;
  /** Checks values that were copied from raw bytes. The index of the first that does not fit, or -1. NaN is a missing value. */
  readonly check: (target: TensorData, from: number, to: number) => number;
}

const isFinite = (v: unknown): v is number => typeof v === "number" && v - v === 0;
const anything = () => -1;

type Put = Kind["put"];
const fillWith =
  (put: Put): Kind["fill"] =>
  (target, at, values) => {
    for (let i = 0; i < values.length; i += 1) if (!put(target, at + i, values[i])) return i;
    return -1;
  };

/** Infinity is no value of a feature; NaN stands for a missing one. */
const noInfinity: Kind["check"] = (target, from, to) => {
  for (let i = from; i < to; i += 1) if (target[i] === Infinity || target[i] === -Infinity) return i - from;
  return -1;
};

function float(bytes: number, reach: string): Kind {
  // A value beyond the reach of the array becomes Infinity in it, so what was stored tells.
  const put: Put = (target, at, value) => {
    const numbers = target as Float64Array;
    numbers[at] = value as number;
    return typeof value === "number" && isFinite(numbers[at]);
  };
  return {
    expected: `a finite number${reach}`,
    word: "a JSON number",
    hasMissing: true,
    bytes,
    put,
    fill: fillWith(put),
    check: noInfinity,
  };
}

/** The usual datatype, in a loop of its own so that it is compiled for this array alone. */
const fillFloat32: Kind["fill"] = (target, at, values) => {
  const numbers = target as Float32Array;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (typeof value !== "number") return i;
    const stored = Math.fround(value);
    if (stored - stored !== 0) return i;
    numbers[at + i] = stored;
  }
  return -1;
};

function whole(min: number, max: number, bytes: number): Kind {
  const put: Put = (target, at, value) => {
    (target as Int32Array)[at] = value as number;
    return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
  };
  return {
    expected: `a whole number from ${min} to ${max}`,
    word: "a whole number",
    hasMissing: false,
    bytes,
    put,
    fill: fillWith(put),
    check: anything,
  };
}

function whole64(min: number): Kind {
  const put: Put = (target, at, value) => {
    if (!Number.isSafeInteger(value) || (value as number) < min) return false;
    (target as BigInt64Array)[at] = BigInt(value as number);
    return true;
  };
  return {
    // JSON numbers beyond 2^53 have already lost digits when they arrive.
    expected: min < 0 ? "a whole number within ±(2^53 - 1)" : "a whole number from 0 to 2^53 - 1",
    word: "a whole number",
    hasMissing: false,
    bytes: 8,
    put,
    fill: fillWith(put),
    check: anything,
  };
}

const putBool: Put = (target, at, value) => {
  (target as Uint8Array)[at] = value === true ? 1 : 0;
  return typeof value === "boolean";
};
const putText: Put = (target, at, value) => {
  (target as string[])[at] = value as string;
  return typeof value === "string";
};

const KINDS: Partial<Record<Datatype, Kind>> = {
  FP64: float(8, ""),
  FP32: { ...float(4, " (FP32 reaches 3.4e38)"), fill: fillFloat32 },
  FP16: float(2, " (FP16 reaches 65504)"),
  INT8: whole(-128, 127, 1),
  INT16: whole(-32_768, 32_767, 2),
  INT32: whole(-2_147_483_648, 2_147_483_647, 4),
  UINT8: whole(0, 255, 1),
  UINT16: whole(0, 65_535, 2),
  UINT32: whole(0, 4_294_967_295, 4),
  INT64: whole64(Number.MIN_SAFE_INTEGER),
  UINT64: whole64(0),
  BOOL: {
    expected: "true or false",
    word: "true or false",
    hasMissing: false,
    bytes: 1,
    put: putBool,
    fill: fillWith(putBool),
    check: (target, from, to) => {
      for (let i = from; i < to; i += 1) if (target[i] !== 0 && target[i] !== 1) return i - from;
      return -1;
    },
  },
  BYTES: {
    expected: "a string",
    word: "a JSON string",
    hasMissing: false,
    bytes: 0,
    put: putText,
    fill: fillWith(putText),
    check: anything,
  },
};

/** Throws a RangeError for a datatype that cannot be served (servingProblems refuses it before). */
export function kindOf(datatype: Datatype): Kind {
  const kind = KINDS[datatype];
  if (!kind) throw new RangeError(`tensors of ${datatype} cannot be served`);
  return kind;
}

/** The text in some bytes, or null where they are not UTF-8. */
export function textOf(bytes: Buffer): string | null {
  return isUtf8(bytes) ? bytes.toString() : null;
}
