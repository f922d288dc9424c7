import type { TensorSignature } from "#server/registry/contract.ts";
import { Refusal } from "../refusal.ts";
import type { Cells } from "./table.ts";

/** A CSV text (RFC 4180) with a line of names. An empty cell is a missing value. Throws a Refusal that names the line. */
export function cellsOfCsv(text: string): Cells {
  const [names, ...rows] = parseCsv(text);
  if (!names || rows.length === 0)
    throw new Refusal(400, "The body: expected CSV with a line of column names and at least one row");
  rows.forEach((row, i) => {
    if (row.length !== names.length)
      throw new Refusal(400, `row ${i}: expected ${names.length} values as in the first line, got ${row.length}`);
  });
  return {
    names,
    namesPlace: "The first line",
    rows: rows.length,
    value: (row, column, datatype) => valueOf(rows[row]?.[column] ?? "", datatype),
    place: (row, column) => `row ${row}, column ${names[column] ?? ""}`,
  };
}

const MISSING = new Set(["", "nan", "na", "null"]);

/** What a text means for a datatype. What means nothing stays as it is, and is refused with its place. */
function valueOf(text: string, datatype: TensorSignature["datatype"]): unknown {
  if (datatype === "BYTES") return text;
  const word = text.trim().toLowerCase();
  if (MISSING.has(word)) return null;
  if (datatype === "BOOL")
    return word === "true" || word === "1" ? true : word === "false" || word === "0" ? false : text;
  // Number() would also take 0x10 and 0b1.
  const number = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/.test(word) ? Number(word) : Number.NaN;
  return Number.isNaN(number) ? text : number;
}

/** Lines of cells. Throws a Refusal for a quote that is not closed. */
function parseCsv(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    let cell: string;
    if (text[at] === '"') [cell, at] = quotedCell(text, at + 1, lines.length);
    else {
      const end = endOfCell(text, at);
      [cell, at] = [text.slice(at, end), end];
    }
    line.push(cell);
    if (text[at] === ",") {
      at += 1;
      if (at < text.length) continue;
      line.push("");
    }
    if (text[at] === "\r") at += 1;
    if (text[at] === "\n") at += 1;
    // An empty line is the end of the file, or means nothing.
    if (line.length > 1 || line[0] !== "") lines.push(line);
    line = [];
  }
  return lines;
}

function endOfCell(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== "," && text[at] !== "\n" && text[at] !== "\r") at += 1;
  return at;
}

function quotedCell(text: string, from: number, line: number): [string, number] {
  let cell = "";
  let at = from;
  for (;;) {
    const end = text.indexOf('"', at);
    if (end < 0) throw new Refusal(400, `line ${line}: a quote is not closed`);
    cell += text.slice(at, end);
    if (text[end + 1] !== '"') {
      // What stands between the closing quote and the comma belongs to the cell, as other readers have it.
      const stop = endOfCell(text, end + 1);
      return [cell + text.slice(end + 1, stop), stop];
    }
    cell += '"';
    at = end + 2;
  }
}
