import type { Datatype } from "#server/registry/contract.ts";

/** The numbers of a tensor in the array that its datatype needs; text is a plain array. BOOL is one byte per value. */
export type Numbers =
  | Float16Array
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;
export type TensorData = Numbers | string[];

/** What a run is given: one per input of the model. */
export interface Feed {
  readonly name: string;
  readonly datatype: Datatype;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** What a run gives, by output name. */
export type Outputs = Readonly<Record<string, { readonly dims: readonly number[]; readonly data: TensorData }>>;

const TYPES = {
  BOOL: { ort: "bool", make: (n: number) => new Uint8Array(n) },
  UINT8: { ort: "uint8", make: (n: number) => new Uint8Array(n) },
  UINT16: { ort: "uint16", make: (n: number) => new Uint16Array(n) },
  UINT32: { ort: "uint32", make: (n: number) => new Uint32Array(n) },
  UINT64: { ort: "uint64", make: (n: number) => new BigUint64Array(n) },
  INT8: { ort: "int8", make: (n: number) => new Int8Array(n) },
  INT16: { ort: "int16", make: (n: number) => new Int16Array(n) },
  INT32: { ort: "int32", make: (n: number) => new Int32Array(n) },
  INT64: { ort: "int64", make: (n: number) => new BigInt64Array(n) },
  FP16: { ort: "float16", make: (n: number) => new Float16Array(n) },
  FP32: { ort: "float32", make: (n: number) => new Float32Array(n) },
  FP64: { ort: "float64", make: (n: number) => new Float64Array(n) },
  BYTES: { ort: "string", make: (n: number) => new Array<string>(n).fill("") },
} as const;

/** Datatypes that a model may use here. BF16, for which there is no array, is refused before a model is loaded (servingProblems). */
export type RunDatatype = keyof typeof TYPES;

/** Whether tensors of this datatype can be run. */
export function isRunnable(datatype: Datatype): datatype is RunDatatype {
  return Object.hasOwn(TYPES, datatype);
}

/** The runtime's own word for a datatype. */
export function ortType(datatype: Datatype): (typeof TYPES)[RunDatatype]["ort"] {
  if (!isRunnable(datatype)) throw new RangeError(`tensors of ${datatype} cannot be run`);
  return TYPES[datatype].ort;
}

/** An array for `length` values: zeros, or empty texts. */
export function allocate(datatype: Datatype, length: number): TensorData {
  if (!isRunnable(datatype)) throw new RangeError(`tensors of ${datatype} cannot be run`);
  return TYPES[datatype].make(length);
}

/** The values from `from` up to `to`; numbers share the memory. */
export function slice(data: TensorData, from: number, to: number): TensorData {
  return Array.isArray(data) ? data.slice(from, to) : data.subarray(from, to);
}
