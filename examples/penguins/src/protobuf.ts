// The wire format of Protocol Buffers, as far as an ONNX file needs it.

/** A value of a field: text, bytes, a message, a whole number, or several of them. */
export type Value = string | number | Uint8Array | Message | Value[];
/** A message as field number → value. Fields that are undefined are left out. */
export type Message = { readonly [field: number]: Value | undefined };

const utf8 = new TextEncoder();

/** Encodes a message. Whole numbers become varints; lists repeat their field. */
export function encode(message: Message): Uint8Array {
  const parts = Object.entries(message).flatMap(([field, value]) => encodeField(Number(field), value));
  return concat(parts);
}

function encodeField(field: number, value: Value | undefined): Uint8Array[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((one) => encodeField(field, one));
  if (typeof value === "number") return [varint(field * 8), varint(value)];
  const bytes = typeof value === "string" ? utf8.encode(value) : value instanceof Uint8Array ? value : encode(value);
  return [varint(field * 8 + 2), varint(bytes.length), bytes];
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  // Negative numbers are written as their 64-bit two's complement.
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    const low = Number(rest & 127n);
    if (rest < 128n) return Uint8Array.from([...bytes, low]);
    bytes.push(low | 128);
  }
}

function concat(parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
