import type { TensorSignature } from "#server/registry/contract.ts";
import type { TensorData } from "../runtimes/onnx/tensors.ts";
import { Refusal, show } from "./refusal.ts";
import { kindOf, textOf } from "./value-kinds.ts";

// The binary tensor extension: raw little-endian values row by row; a text is its length in 4 bytes and its UTF-8.
// Typed arrays have the byte order of the machine, and every machine that Node runs on here is little-endian.

/** Whether there are as many bytes as so many values need, and for texts at least their lengths. Throws a Refusal with the place. */
export function measureBinary(
  { datatype }: Pick<TensorSignature, "datatype">,
  bytes: Buffer,
  count: number,
  place: string,
): void {
  const size = kindOf(datatype).bytes;
  if (size === 0 ? bytes.length >= count * 4 : bytes.length === count * size) return;
  const expected = size === 0 ? `at least ${count * 4}` : String(count * size);
  throw new Refusal(
    400,
    `${place}: expected ${expected} bytes for ${count} values of ${datatype}, got ${bytes.length}`,
  );
}

/**
 * Writes the raw values of a measured tensor into `target` from index `start` on. Throws a Refusal that names the place: an infinite number, a
 * truth value that is neither 0 nor 1, a text that is cut short or not UTF-8.
 */
export function readBinary(
  { name, datatype }: Pick<TensorSignature, "name" | "datatype">,
  bytes: Buffer,
  count: number,
  place: string,
  target: TensorData,
  start: number,
): void {
  if (Array.isArray(target)) {
    readTexts(bytes, count, place, target, start);
    return;
  }
  const kind = kindOf(datatype);
  new Uint8Array(target.buffer, target.byteOffset + start * kind.bytes, bytes.length).set(bytes);
  const bad = kind.check(target, start, start + count);
  if (bad < 0) return;
  const expected = datatype === "BOOL" ? "a byte 0 or 1" : "a finite number, or NaN for a missing one";
  throw new Refusal(
    400,
    `${place}, value ${bad}: expected ${expected}, got ${show(target[start + bad])} for '${name}'`,
  );
}

function readTexts(bytes: Buffer, count: number, place: string, target: string[], start: number): void {
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    if (at + 4 > bytes.length)
      throw new Refusal(400, `${place}: the bytes end before value ${i} of ${count}; a length of 4 bytes is missing`);
    const length = bytes.readUInt32LE(at);
    at += 4;
    if (length > bytes.length - at)
      throw new Refusal(400, `${place}: value ${i} says it has ${length} bytes, but only ${bytes.length - at} follow`);
    const text = textOf(bytes.subarray(at, at + length));
    if (text === null) throw new Refusal(400, `${place}: value ${i} is not UTF-8`);
    target[start + i] = text;
    at += length;
  }
  if (at !== bytes.length)
    throw new Refusal(
      400,
      `${place}: ${bytes.length - at} bytes are left after the ${count} values that the shape says`,
    );
}

/** The raw form of the values from `from` up to `to`. Numbers share the memory of `data`. */
export function toBinary(data: TensorData, from: number, to: number): Buffer {
  if (!Array.isArray(data)) {
    const size = data.BYTES_PER_ELEMENT;
    return Buffer.from(data.buffer, data.byteOffset + from * size, (to - from) * size);
  }
  const texts = data.slice(from, to);
  const bytes = Buffer.allocUnsafe(texts.reduce((n, text) => n + 4 + Buffer.byteLength(text), 0));
  let at = 0;
  for (const text of texts) {
    const length = bytes.write(text, at + 4);
    bytes.writeUInt32LE(length, at);
    at += 4 + length;
  }
  return bytes;
}
