import type { FileHandle } from "node:fs/promises";

const WINDOW = 64 * 1024;
const text = new TextDecoder("utf-8", { fatal: true });

/** The bytes are not what the format promises. The reader of the file turns it into an error for people. */
export class DamagedFile extends Error {}

/** One field of a message: its number, how it is stored, and for length-delimited ones (wire type 2) where its content ends. */
export interface Field {
  number: number;
  wire: number;
  end: number;
}

/**
 * Walks protobuf fields of a file through a small window, so that skipping gigabytes of weights costs a seek and no memory.
 * Positions are byte offsets from the start of the file.
 */
export class OnnxCursor {
  readonly size: number;
  position = 0;
  readonly #file: FileHandle;
  readonly #window = Buffer.allocUnsafe(WINDOW);
  #start = 0;
  #filled = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** The next field before `end`, or null at `end`. Leaves the position at the field's content. */
  async field(end: number): Promise<Field | null> {
    if (this.position >= end) return null;
    const at = this.position;
    const tag = await this.varint();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (number < 1 || number > 536_870_911 || ![0, 1, 2, 5].includes(wire))
      throw new DamagedFile(`byte ${at} does not begin a field of an ONNX model`);
    if (wire !== 2) return { number, wire, end: 0 };
    const length = await this.varint();
    const stop = this.position + length;
    if (stop > end) {
      const missing = stop > this.size ? `, but the file ends at byte ${this.size}` : "";
      throw new DamagedFile(`the part at byte ${at} should go on to byte ${stop}${missing}`);
    }
    return { number, wire, end: stop };
  }

  /** Moves behind a field's content without reading it. */
  async skip(field: Field): Promise<void> {
    if (field.wire === 2) this.position = field.end;
    else if (field.wire === 0) for (;;) if ((await this.#byte()) < 128) return;
    if (field.wire === 1) this.#advance(8);
    if (field.wire === 5) this.#advance(4);
  }

  /** An unsigned varint up to 2^53. */
  async varint(): Promise<number> {
    const at = this.position;
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = await this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) break;
      scale *= 128;
      if (scale > 2 ** 56) throw new DamagedFile(`the number at byte ${at} is too long`);
    }
    if (!Number.isSafeInteger(value)) throw new DamagedFile(`the number at byte ${at} is too large`);
    return value;
  }

  /** The content of a length-delimited field of at most `limit` bytes. */
  async bytes(field: Field, limit: number): Promise<Uint8Array> {
    const length = field.end - this.position;
    if (field.wire !== 2 || length > limit)
      throw new DamagedFile(`the part at byte ${this.position} has a size that does not fit the format`);
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.#file.read(bytes, 0, length, this.position);
    if (bytesRead < length) throw new DamagedFile(`the file ends at byte ${this.position + bytesRead}`);
    this.position = field.end;
    return bytes;
  }

  /** The content of a text field. */
  async string(field: Field): Promise<string> {
    const at = this.position;
    const bytes = await this.bytes(field, WINDOW);
    try {
      return text.decode(bytes);
    } catch {
      throw new DamagedFile(`the text at byte ${at} is not UTF-8`);
    }
  }

  #advance(count: number): void {
    this.position += count;
    if (this.position > this.size) throw new DamagedFile(`the file ends at byte ${this.size}, inside a value`);
  }

  async #byte(): Promise<number> {
    const offset = this.position - this.#start;
    if (offset < 0 || offset >= this.#filled) {
      const { bytesRead } = await this.#file.read(this.#window, 0, WINDOW, this.position);
      if (bytesRead === 0) throw new DamagedFile(`the file ends at byte ${this.position}, inside a value`);
      this.#start = this.position;
      this.#filled = bytesRead;
    }
    const byte = this.#window[this.position - this.#start] ?? 0;
    this.position += 1;
    return byte;
  }
}
