// Postgres's binary format of COPY (PostgreSQL documentation, COPY, "Binary Format"): what makes bulk rows an order of magnitude cheaper than text.
// All integers are big-endian; times count microseconds from 2000-01-01 UTC.

export const COPY_HEADER: Buffer = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
export const COPY_TRAILER: Buffer = Buffer.from([0xff, 0xff]);

const EPOCH_MS = 946_684_800_000;
const OID = { text: 25, float8: 701 };
const NUL = /\0/g;

/** Ids that were written lately, as their bytes: the rows of a log name the same few over and over. */
const MOST_IDS = 256;
/** Texts up to this length are looked through here; the call into the runtime for longer ones is worth its price. */
const SHORT = 64;

/** Rows in the making. Each value takes the next column; a row starts with `row` and needs as many values as it announced. */
export class CopyWriter {
  #buffer: Buffer;
  #view: DataView;
  #length = 0;
  readonly #ids = new Map<string, Buffer>();

  constructor(bytes = 64 * 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(bytes);
    this.#view = viewOf(this.#buffer);
  }

  get bytes(): number {
    return this.#length;
  }

  /** The rows so far, without header and trailer; a view that later writes change. */
  rows(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  row(columns: number): void {
    this.#room(2);
    this.#view.setInt16(this.#length, columns);
    this.#length += 2;
  }

  null(): void {
    this.#int(-1);
  }

  /** A uuid in its text form. */
  uuid(value: string): void {
    let bytes = this.#ids.get(value);
    if (!bytes) {
      bytes = Buffer.alloc(16);
      bytes.write(value.replaceAll("-", ""), "hex");
      if (this.#ids.size >= MOST_IDS) this.#ids.clear();
      this.#ids.set(value, bytes);
    }
    this.#int(16);
    this.#room(16);
    this.#buffer.set(bytes, this.#length);
    this.#length += 16;
  }

  /** Text; Postgres has no zero character, so one becomes the replacement character. */
  text(value: string): void {
    if (value.length <= SHORT && this.#ascii(value)) return;
    const clean = value.includes("\0") ? value.replace(NUL, "\uFFFD") : value;
    this.#room(4 + clean.length * 3);
    const bytes = this.#buffer.write(clean, this.#length + 4);
    this.#view.setInt32(this.#length, bytes);
    this.#length += 4 + bytes;
  }

  textOrNull(value: string | null): void {
    if (value === null) this.null();
    else this.text(value);
  }

  integer(value: number): void {
    this.#int(4);
    this.#int(value);
  }

  smallint(value: number): void {
    this.#int(2);
    this.#room(2);
    this.#view.setInt16(this.#length, value);
    this.#length += 2;
  }

  boolean(value: boolean): void {
    this.#int(1);
    this.#room(1);
    this.#view.setUint8(this.#length, value ? 1 : 0);
    this.#length += 1;
  }

  float8(value: number): void {
    this.#int(8);
    this.#room(8);
    this.#view.setFloat64(this.#length, value);
    this.#length += 8;
  }

  /** timestamptz from milliseconds since 1970. */
  time(ms: number): void {
    // Microseconds within 285 years of 2000 fit a double exactly; two halves are cheaper than a bigint.
    const micros = Math.round((ms - EPOCH_MS) * 1000);
    if (!Number.isSafeInteger(micros)) throw new RangeError(`${ms} is no time`);
    this.#int(8);
    this.#room(8);
    this.#view.setInt32(this.#length, Math.floor(micros / 2 ** 32));
    this.#view.setUint32(this.#length + 4, micros >>> 0);
    this.#length += 8;
  }

  /** An array of numbers; those that `hidden` marks with 1 become null. */
  float8s(values: ArrayLike<number>, hidden: Uint8Array | null = null): void {
    const count = values.length;
    const start = this.#beginArray(count, OID.float8, hidden !== null);
    this.#room(12 * count);
    const view = this.#view;
    let at = this.#length;
    for (let i = 0; i < count; i += 1) {
      const isNull = hidden?.[i] === 1;
      view.setInt32(at, isNull ? -1 : 8);
      if (!isNull) view.setFloat64(at + 4, values[i] ?? 0);
      at += isNull ? 4 : 12;
    }
    this.#length = at;
    this.#endArray(start);
  }

  texts(values: readonly (string | null)[]): void {
    const start = this.#beginArray(values.length, OID.text, values.includes(null));
    for (const value of values) this.textOrNull(value);
    this.#endArray(start);
  }

  /** Forgets all rows and keeps the memory for others. */
  clear(): void {
    this.#length = 0;
  }

  /** Bytes that it holds, written or not. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** Undoes what was written since `bytes` was `to`. */
  truncate(to: number): void {
    this.#length = Math.min(this.#length, to);
  }

  /** Writes a text of ASCII without a zero; false, with nothing written, for any other. */
  #ascii(value: string): boolean {
    const length = value.length;
    this.#room(4 + length);
    const start = this.#length + 4;
    for (let i = 0; i < length; i += 1) {
      const code = value.charCodeAt(i);
      if (code === 0 || code > 127) return false;
      this.#buffer[start + i] = code;
    }
    this.#view.setInt32(this.#length, length);
    this.#length = start + length;
    return true;
  }

  #beginArray(length: number, oid: number, hasNulls: boolean): number {
    const start = this.#length;
    this.#room(24);
    const view = this.#view;
    view.setInt32(start + 4, length === 0 ? 0 : 1);
    view.setInt32(start + 8, hasNulls ? 1 : 0);
    view.setInt32(start + 12, oid);
    this.#length = start + 16;
    if (length > 0) {
      view.setInt32(start + 16, length);
      view.setInt32(start + 20, 1);
      this.#length = start + 24;
    }
    return start;
  }

  #endArray(start: number): void {
    this.#view.setInt32(start, this.#length - start - 4);
  }

  #int(value: number): void {
    this.#room(4);
    this.#view.setInt32(this.#length, value);
    this.#length += 4;
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer) => new DataView(buffer, byteOffset, length);

/** Reads the columns of one row in their order. Every method moves to the next column. */
export class CopyReader {
  #buffer: Buffer = Buffer.alloc(0);
  #view = new DataView(this.#buffer.buffer);
  #at = 0;

  /** Points at the first column of a row. */
  place(buffer: Buffer, at: number): void {
    if (buffer !== this.#buffer) {
      this.#buffer = buffer;
      this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    }
    this.#at = at;
  }

  text(): string | null {
    const length = this.#int();
    if (length < 0) return null;
    const start = this.#at;
    this.#at += length;
    return this.#buffer.toString("utf8", start, this.#at);
  }

  uuid(): string {
    const length = this.#int();
    const hex = this.#buffer.toString("hex", this.#at, this.#at + length);
    this.#at += length;
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  integer(): number {
    return this.#int() < 0 ? 0 : this.#int();
  }

  /** NaN for null. */
  float8(): number {
    if (this.#int() < 0) return Number.NaN;
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8);
  }

  /** Milliseconds since 1970; NaN for null. */
  time(): number {
    if (this.#int() < 0) return Number.NaN;
    this.#at += 8;
    // Two halves are cheaper than a bigint; times within 285 years of 2000 fit a double exactly.
    const micros = this.#view.getInt32(this.#at - 8) * 2 ** 32 + this.#view.getUint32(this.#at - 4);
    return micros / 1000 + EPOCH_MS;
  }

  /**
   * Puts the numbers of an array into the columns in turn, at `index`; what has no column is passed over, and a null leaves its column as it is.
   * `isNull` is told of it.
   */
  float8s(columns: readonly (Float64Array | undefined)[], index: number, isNull?: (i: number) => void): void {
    const length = this.#array();
    for (let i = 0; i < length; i += 1) {
      if (this.#view.getInt32(this.#at) < 0) {
        this.#at += 4;
        isNull?.(i);
        continue;
      }
      const column = columns[i];
      if (column) column[index] = this.#view.getFloat64(this.#at + 4);
      this.#at += 12;
    }
  }

  /** Puts the texts of an array into the columns in turn, at `index`, likewise. */
  texts(columns: readonly (string[] | undefined)[], index: number, isNull?: (i: number) => void): void {
    const length = this.#array();
    for (let i = 0; i < length; i += 1) {
      const text = this.text();
      const column = columns[i];
      if (text === null) isNull?.(i);
      else if (column) column[index] = text;
    }
  }

  /** Hands each number of an array to `take`. */
  eachFloat8(take: (index: number, value: number) => void): void {
    const length = this.#array();
    for (let i = 0; i < length; i += 1) take(i, this.float8());
  }

  /** Hands each text of an array to `take`. */
  eachText(take: (index: number, value: string | null) => void): void {
    const length = this.#array();
    for (let i = 0; i < length; i += 1) take(i, this.text());
  }

  /** Hands each 4-byte integer of an array to `take`; returns how many there are, 0 for null. */
  integers(take: (index: number, value: number) => void): number {
    const length = this.#array();
    for (let i = 0; i < length; i += 1) take(i, this.integer());
    return length;
  }

  #array(): number {
    if (this.#int() < 0) return 0;
    const dimensions = this.#int();
    this.#at += 8;
    if (dimensions === 0) return 0;
    const length = this.#int();
    this.#at += 4;
    return length;
  }

  #int(): number {
    this.#at += 4;
    return this.#view.getInt32(this.#at - 4);
  }
}

/** Finds whole rows in the chunks of a COPY and calls `row` with a reader placed at each. */
export class CopyRows {
  readonly #row: (reader: CopyReader) => void;
  readonly #reader = new CopyReader();
  #rest: Buffer | null = null;
  #started = false;
  #ended = false;

  constructor(row: (reader: CopyReader) => void) {
    this.#row = row;
  }

  push(chunk: Buffer): void {
    const buffer = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    if (!this.#started) {
      if (buffer.length < COPY_HEADER.length) {
        this.#rest = buffer;
        return;
      }
      at = COPY_HEADER.length;
      this.#started = true;
    }
    while (!this.#ended) {
      const end = this.#endOfRow(buffer, at);
      if (end < 0) break;
      this.#reader.place(buffer, at + 2);
      this.#row(this.#reader);
      at = end;
    }
    this.#rest = at < buffer.length ? buffer.subarray(at) : null;
  }

  /** Where the row at `at` ends; -1 when it is not whole yet or the trailer was reached. */
  #endOfRow(buffer: Buffer, at: number): number {
    if (at + 2 > buffer.length) return -1;
    const columns = buffer.readInt16BE(at);
    if (columns < 0) {
      this.#ended = true;
      return -1;
    }
    let end = at + 2;
    for (let i = 0; i < columns; i += 1) {
      if (end + 4 > buffer.length) return -1;
      end += 4 + Math.max(0, buffer.readInt32BE(end));
    }
    return end <= buffer.length ? end : -1;
  }
}
