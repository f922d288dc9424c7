import { StringDecoder } from "node:string_decoder";

const KEPT_CHARS = 8_000;
const LONGEST = 300;
const EXCEPTION = /^(?:Uncaught )?[\w.]*(?:Error|Exception|Interrupt)\b.*/;
/** Lines that end a report without saying anything of what happened. */
const NOISE = /^(?:Node\.js v\d|\s*at |\[touchstone\]|[{}\s]*$)/;

/** Keeps the end of what a process wrote to its standard error, to say in one line why it failed. */
export class LastWords {
  readonly #decoder = new StringDecoder("utf8");
  #text = "";

  add(chunk: Buffer): void {
    this.#text = (this.#text + this.#decoder.write(chunk)).slice(-KEPT_CHARS);
  }

  /** The exception that ended a Python or Node program, else the last line with any words; null for silence. */
  line(): string | null {
    const lines = this.#text.split(/\r?\n|\r/);
    const found = lines.findLast((line) => EXCEPTION.test(line)) ?? lines.findLast((line) => !NOISE.test(line));
    const text = found?.trim() ?? "";
    return text === "" ? null : text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  }
}
