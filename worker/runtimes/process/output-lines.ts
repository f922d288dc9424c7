import { StringDecoder } from "node:string_decoder";
import type { Log } from "#server/platform/log.ts";

const LONGEST = 2_000;
const PER_SECOND = 20;
const BURST = 200;

/** Puts what a process writes into the log, line by line: a process that floods it is cut short, and the log says how much was left out. */
export class OutputLines {
  readonly #log: Log;
  readonly #decoder = new StringDecoder("utf8");
  readonly #stream: "stdout" | "stderr";
  #text = "";
  #allowance = BURST;
  #at = performance.now();
  #left = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log, stream: "stdout" | "stderr") {
    this.#log = log;
    this.#stream = stream;
  }

  add(chunk: Buffer): void {
    const lines = (this.#text + this.#decoder.write(chunk)).split(/\r?\n/);
    this.#text = (lines.pop() ?? "").slice(0, LONGEST);
    for (const line of lines) if (line.trim() !== "") this.#line(line);
  }

  /** Writes what is left. */
  end(): void {
    if (this.#text.trim() !== "") this.#line(this.#text);
    this.#text = "";
    clearTimeout(this.#timer);
    this.#tell();
  }

  #line(line: string): void {
    const now = performance.now();
    this.#allowance = Math.min(BURST, this.#allowance + ((now - this.#at) / 1000) * PER_SECOND);
    this.#at = now;
    if (this.#allowance < 1) {
      this.#left += 1;
      this.#timer ??= setTimeout(() => this.#tell(), 1000).unref();
      return;
    }
    this.#allowance -= 1;
    this.#log.info({ stream: this.#stream, line: line.slice(0, LONGEST) }, "a process wrote");
  }

  #tell(): void {
    this.#timer = undefined;
    if (this.#left > 0)
      this.#log.warn({ stream: this.#stream, lines: this.#left }, "a process writes too much; lines were left out");
    this.#left = 0;
  }
}
