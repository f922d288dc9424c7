import { open } from "node:fs/promises";
import type { Json } from "@duckdb/node-api";
import { AppError } from "#server/kernel/errors.ts";

export interface CsvLayout {
  readonly delimiter: string;
  readonly names: readonly string[];
}

const DELIMITERS = [",", ";", "\t", "|"] as const;
const HEAD_BYTES = 65_536;

/**
 * Reads the header of a CSV: its column names, and as delimiter the one that splits it most. Neither is left to the engine's guess, because its guess for
 * a file with one short or long row is another table.
 * Errors: invalid_input naming line 1 for a missing header, a repeated or empty name, or bytes that are not UTF-8 text.
 */
export async function csvLayout(path: string): Promise<CsvLayout> {
  const file = await open(path);
  let head: string;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    // A character cut in two at the end of the window is not an error of the file.
    head = buffer
      .subarray(0, bytesRead)
      .toString("utf8")
      .replace(/\uFFFD{1,3}$/, "");
  } finally {
    await file.close();
  }
  const header = head.replace(/^\uFEFF/, "").split(/\r?\n/, 1)[0] ?? "";
  if (head.includes("\0") || head.includes("\uFFFD")) throw badHeader("it holds bytes that are not UTF-8 text");
  if (header.trim() === "") throw badHeader("there is no header");
  const [delimiter = ","] = [...DELIMITERS].sort((a, b) => header.split(b).length - header.split(a).length);
  const names = header.split(delimiter).map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw badHeader(twice === "" ? "a column has no name" : `the column '${twice}' appears twice`);
  if (names.includes("")) throw badHeader("a column has no name");
  return { delimiter, names };
}

function badHeader(message: string): AppError {
  return new AppError("invalid_input", `The file is not readable as CSV: line 1: ${message}.`, {
    field: "file",
    value: { line: 1 },
    remedy: "Send text in UTF-8 whose first line names the columns, each once.",
  });
}

/** SQL conditions under which a text is a value of a type; the first type that fits wins. Leading zeros make a number an identifier. */
const TESTS: readonly (readonly [type: string, test: (column: string) => string])[] = [
  ["BOOLEAN", (c) => `lower(${c}) in ('true', 'false')`],
  ["BIGINT", (c) => `regexp_full_match(${c}, '[+-]?(0|[1-9]\\d{0,17})')`],
  ["DOUBLE", (c) => `try_cast(${c} as double) is not null and not regexp_full_match(${c}, '0\\d+')`],
  ["DATE", (c) => `regexp_full_match(${c}, '\\d{4}-\\d\\d-\\d\\d') and try_cast(${c} as date) is not null`],
  ["TIMESTAMP", (c) => `try_cast(${c} as timestamp) is not null`],
];
/** A column of which this share fits a type is of that type; what does not fit is then reported with its line. */
const CLEAR_SHARE = 0.99;
const CLEAR_COUNT = 100;

/**
 * The type of each column of the view `text`, from all its rows. A handful of strays in a large column does not make it text: they are mistakes to be
 * reported, not a reason to lose the numbers.
 */
export async function inferTypes(
  names: readonly string[],
  rows: (sql: string) => Promise<Record<string, Json>[]>,
): Promise<Record<string, string>> {
  const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  const counts = names.flatMap((name, i) => [
    `count(${quote(name)})::double as n${i}`,
    ...TESTS.map(([type, test]) => `count(*) filter (where ${test(quote(name))})::double as ${type.toLowerCase()}${i}`),
  ]);
  const [row] = await rows(`select ${counts.join(", ")} from text`);
  const types: Record<string, string> = {};
  names.forEach((name, i) => {
    const n = Number(row?.[`n${i}`] ?? 0);
    const fits = (type: string): boolean => {
      const hits = Number(row?.[`${type.toLowerCase()}${i}`] ?? 0);
      return n > 0 && (hits === n || (n >= CLEAR_COUNT && hits >= CLEAR_SHARE * n));
    };
    types[name] = TESTS.find(([type]) => fits(type))?.[0] ?? "VARCHAR";
  });
  return types;
}
