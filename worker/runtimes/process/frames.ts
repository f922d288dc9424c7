/**
 * One message between the worker and a process that it runs: a JSON header and raw bytes. Numbers travel as the bytes that they are in memory, so a NaN, an
 * infinity or a 64-bit integer arrives as it was sent, which JSON cannot promise; text and structure travel as JSON, which every language reads.
 */
export interface Frame {
  readonly header: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

const NOTHING = Buffer.alloc(0);
const PREFIX = 8;

/** A frame that cannot be read: whoever sent it is not to be talked to any more. */
export class BrokenFrame extends Error {}

/** The bytes of a frame: length of all that follows (u32, little-endian), length of the header (likewise), header, body. */
export function encodeFrame(header: Readonly<Record<string, unknown>>, body: readonly Uint8Array[] = []): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const size = body.reduce((n, part) => n + part.byteLength, 0);
  const prefix = Buffer.allocUnsafe(PREFIX);
  prefix.writeUInt32LE(4 + json.length + size, 0);
  prefix.writeUInt32LE(json.length, 4);
  return Buffer.concat([prefix, json, ...body]);
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;

  /** `limit`: the largest frame in bytes that is read. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes bytes and gives the frames that are complete with them. Throws BrokenFrame. */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const frames: Frame[] = [];
    for (let length = this.#next(); length !== null; length = this.#next()) {
      const bytes = this.#take(4 + length).subarray(4);
      const header = bytes.readUInt32LE(0);
      if (header > length - 4) throw new BrokenFrame("a header is longer than its message");
      frames.push({ header: parse(bytes.subarray(4, 4 + header)), body: bytes.subarray(4 + header) });
    }
    return frames;
  }

  /** The length of the next frame; null until all of it is there. */
  #next(): number | null {
    if (this.#size < PREFIX) return null;
    const length = this.#peek().readUInt32LE(0);
    if (length < 4 || length > this.#limit)
      throw new BrokenFrame(`a message of ${length} bytes; at most ${this.#limit} are read`);
    return this.#size >= 4 + length ? length : null;
  }

  /** The first bytes in one piece. */
  #peek(): Buffer {
    const [first = NOTHING] = this.#chunks;
    if (first.length >= PREFIX) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }

  #take(length: number): Buffer {
    const all = this.#chunks.length === 1 ? (this.#chunks[0] ?? NOTHING) : Buffer.concat(this.#chunks);
    const rest = all.subarray(length);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
    return all.subarray(0, length);
  }
}

function parse(bytes: Buffer): Frame["header"] {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new BrokenFrame("a header is no JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new BrokenFrame("a header is no object");
  return value as Frame["header"];
}
