/** A stretch of a line in one look. */
export interface LogSpan {
  readonly text: string;
  readonly className: string;
}

const COLOURS: Readonly<Record<number, string>> = {
  31: "text-bad",
  32: "text-good",
  33: "text-warn",
  34: "text-info",
  35: "text-chart-3",
  36: "text-chart-1",
  90: "text-muted",
  91: "text-bad",
  92: "text-good",
  93: "text-warn",
  94: "text-info",
};

const ESCAPE = String.fromCharCode(27);
const SEQUENCE = new RegExp(`${ESCAPE}\\[([0-9;?]*)([A-Za-z])`, "g");
const OTHER_ESCAPES = new RegExp(`${ESCAPE}(?:\\][^\\u0007]*\\u0007|[@-Z\\\\-_])`, "g");

/** A line with its colour codes as spans; other terminal codes are dropped. */
export function spansOf(line: string): LogSpan[] {
  const plain = line.replaceAll(OTHER_ESCAPES, "");
  if (!plain.includes(ESCAPE)) return [{ text: plain, className: "" }];
  const spans: LogSpan[] = [];
  let colour = "";
  let bold = false;
  let at = 0;
  const push = (text: string) => {
    const className = [colour, bold ? "font-semibold" : ""].filter(Boolean).join(" ");
    if (text !== "") spans.push({ text, className });
  };
  for (const match of plain.matchAll(SEQUENCE)) {
    push(plain.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[2] !== "m") continue;
    for (const code of (match[1] ?? "").split(";").map(Number)) {
      if (code === 0) {
        colour = "";
        bold = false;
      } else if (code === 1) bold = true;
      else if (code === 22) bold = false;
      else if (code === 39) colour = "";
      else if (code in COLOURS) colour = COLOURS[code] ?? "";
    }
  }
  push(plain.slice(at));
  return spans;
}

/** Text without terminal codes, for searching. */
export function plainLine(line: string): string {
  return line.replaceAll(OTHER_ESCAPES, "").replaceAll(SEQUENCE, "");
}

/** What a terminal would show of a line that rewrote itself with carriage returns, as progress bars do. */
export function settleLine(line: string): string {
  const parts = line.split("\r");
  return parts.findLast((part) => part !== "") ?? "";
}

/** Lines that grow by chunks: the last one may still be open. */
export class LineBuffer {
  readonly #lines: string[] = [];
  #open = "";

  add(text: string): void {
    const parts = (this.#open + text).split("\n");
    this.#open = parts.pop() ?? "";
    for (const part of parts) this.#lines.push(settleLine(part));
  }

  /** All lines, with the open one at the end if it has any text. */
  get lines(): readonly string[] {
    return this.#open === "" ? [...this.#lines] : [...this.#lines, settleLine(this.#open)];
  }
}
