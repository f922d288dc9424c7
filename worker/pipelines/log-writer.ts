import { StringDecoder } from "node:string_decoder";

const FLUSH_MS = 200;
const CHUNK_CHARS = 64 * 1024;
const TAIL_CHARS = 64 * 1024;

export interface LogWriterOptions {
  /** Stores a chunk; chunks are numbered from 0 and handed over one after the other. */
  readonly append: (seq: number, text: string) => Promise<void>;
  /** Bytes after which only the end is kept. */
  readonly capBytes: number;
  readonly onTruncated: () => Promise<void>;
  /** Told of a chunk that could not be stored; it is tried again. */
  readonly onError: (error: unknown) => void;
}

/**
 * Collects what a step writes and stores it in batches, five a second at most. Past the limit the middle is left out: the beginning is stored as it comes,
 * of the rest the last 64 KiB are kept and stored at the end, as the reason of a failure stands there.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
  #pending = "";
  #stored = 0;
  #seq = 0;
  #tail = "";
  #leftOut = 0;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  /** What the process wrote. */
  write(chunk: Buffer, stream: "stdout" | "stderr"): void {
    this.#add(this.#decoders[stream].write(chunk));
  }

  /** A line of the platform itself, always kept. */
  note(text: string): void {
    const line = `[touchstone] ${text}\n`;
    if (this.#leftOut > 0 || this.#tail !== "") this.#tail = (this.#tail + line).slice(-TAIL_CHARS);
    else this.#push(this.#pending === "" || this.#pending.endsWith("\n") ? line : `\n${line}`);
  }

  #add(text: string): void {
    if (text === "") return;
    const room = this.#options.capBytes - this.#stored;
    if (room <= 0) {
      this.#spill(text);
      return;
    }
    // A character is at most four bytes, so a text this short fits without being measured.
    const fits =
      text.length * 4 <= room
        ? text
        : Buffer.from(text)
            .subarray(0, room)
            .toString("utf8")
            .replace(/\uFFFD+$/, "");
    this.#stored += Buffer.byteLength(fits);
    this.#push(fits);
    if (fits.length < text.length) {
      this.#stored = this.#options.capBytes;
      this.#spill(text.slice(fits.length));
    }
  }

  #spill(text: string): void {
    this.#leftOut += Buffer.byteLength(text);
    this.#tail = (this.#tail + text).slice(-TAIL_CHARS);
  }

  #push(text: string): void {
    // Postgres cannot store the character zero.
    this.#pending += text.replaceAll("\0", "\uFFFD");
    this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_MS);
  }

  #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#working = this.#working.then(async () => {
      while (this.#pending !== "") {
        const part = this.#pending.slice(0, CHUNK_CHARS);
        try {
          await this.#options.append(this.#seq, part);
        } catch (error) {
          // The text stays; it is tried again with the next batch.
          this.#options.onError(error);
          return;
        }
        this.#seq += 1;
        this.#pending = this.#pending.slice(part.length);
      }
    });
    return this.#working;
  }

  /** Stores the rest, including the end of a log that was cut. */
  async close(): Promise<void> {
    this.#add(this.#decoders.stdout.end());
    this.#add(this.#decoders.stderr.end());
    if (this.#leftOut > 0) {
      const kept = Buffer.byteLength(this.#tail);
      const limit = `${Math.round(this.#options.capBytes / 1e5) / 10} MB`;
      const missing = Math.max(0, this.#leftOut - kept);
      this.#push(
        `\n[touchstone] The log is truncated: it grew over ${limit}, and ${missing.toLocaleString("en")} bytes are left out here.\n${this.#tail}`,
      );
      await this.#options.onTruncated().catch(this.#options.onError);
    }
    await this.#flush();
  }
}
