import { Refusal, show, wrong } from "../refusal.ts";
import { isObject } from "../request-facts.ts";
import type { Cells } from "./table.ts";

/** A list of objects, one per row, with the same names in each. Throws a Refusal that names the place. */
export function cellsOfRecords(given: unknown, place: string): Cells {
  const records = listOf(given, place, "objects, one per row");
  const [first] = records;
  const names = isObject(first) ? Object.keys(first) : [];
  records.forEach((record, i) => {
    if (!isObject(record)) throw wrong(`${place}[${i}]`, "an object with a value for each input", record);
    let count = 0;
    for (const name in record) {
      count += 1;
      if (count > names.length || !Object.hasOwn(first as object, name))
        throw new Refusal(400, `${place}[${i}]: ${show(name)} is not in ${place}[0]; every row has the same names`);
    }
    if (count < names.length) {
      const missing = names.find((name) => !Object.hasOwn(record, name));
      throw new Refusal(400, `${place}[${i}]: ${show(missing)} is missing; every row has the same names`);
    }
  });
  const rows = records as Readonly<Record<string, unknown>>[];
  return {
    names,
    namesPlace: `${place}[0]`,
    rows: rows.length,
    value: (row, column) => rows[row]?.[names[column] ?? ""],
    place: (row, column) => `${place}[${row}].${names[column] ?? ""}`,
  };
}

/** A list of rows, each a list of values under `names`, or in the order of the model's inputs; a row of one value may stand alone. */
export function cellsOfLists(given: unknown, place: string, names: readonly string[] | null, width: number): Cells {
  const rows = listOf(given, place, "rows");
  const isBare = width === 1 && !Array.isArray(rows[0]);
  rows.forEach((row, i) => {
    if (isBare && !Array.isArray(row)) return;
    if (!Array.isArray(row)) throw wrong(`${place}[${i}]`, `a list of ${width} values`, row);
    if (row.length !== width) throw wrong(`${place}[${i}]`, `${width} values`, row.length);
  });
  return {
    names,
    namesPlace: names ? place.replace(/\.data$/, ".columns") : place,
    rows: rows.length,
    value: (row, column) => (isBare ? rows[row] : (rows[row] as unknown[])[column]),
    place: (row, column) => (isBare ? `${place}[${row}]` : `${place}[${row}][${column}]`),
  };
}

/** An object with one list per column. Throws a Refusal that names the place. */
export function cellsOfColumns(given: Readonly<Record<string, unknown>>, place: string): Cells {
  const names = Object.keys(given);
  const columns = names.map((name) => listOf(given[name], `${place}.${name}`, "values, one per row"));
  const rows = columns[0]?.length ?? 0;
  if (rows === 0) throw wrong(place, "at least one column", given);
  columns.forEach((column, i) => {
    if (column.length !== rows)
      throw wrong(`${place}.${names[i] ?? ""}`, `${rows} values as in ${place}.${names[0] ?? ""}`, column.length);
  });
  return {
    names,
    namesPlace: place,
    rows,
    value: (row, column) => columns[column]?.[row],
    place: (row, column) => `${place}.${names[column] ?? ""}[${row}]`,
  };
}

function listOf(given: unknown, place: string, what: string): unknown[] {
  if (!Array.isArray(given)) throw wrong(place, `a list of ${what}`, given);
  if (given.length === 0) throw new Refusal(400, `${place}: expected at least one row, got an empty list`);
  return given;
}
