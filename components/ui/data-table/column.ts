import type { ReactNode } from "react";
import { formatExact, formatNumber } from "../format.ts";

export type CellValue = string | number | bigint | boolean | Date | null | undefined;

/** One column of a DataTable. Keep the array at module scope or in useMemo. */
export type Column<T> = {
  id: string;
  header: string;
  /** The plain value: sorting, search and CSV read it. */
  value: (row: T) => CellValue;
  /** What is drawn; the formatted value unless given. */
  cell?: ((row: T) => ReactNode) | undefined;
  /** Right-aligned, tabular figures. */
  numeric?: boolean | undefined;
  /** Least width in pixels (default 140, numeric 96). */
  width?: number | undefined;
  /** Share of the free width (default 1, numeric 0.5); 0 keeps the width fixed. */
  grow?: number | undefined;
  /** False: the header does not sort. */
  sort?: boolean | undefined;
  /** False: the search does not look here. */
  search?: boolean | undefined;
  /** True: hidden until chosen in the column picker. */
  hidden?: boolean | undefined;
  /** What the column means, on hover of the header. */
  description?: string | undefined;
};

export type Sort = { id: string; desc: boolean };

/** Ascending order of two cell values of one column; text by language with numbers inside compared as numbers. */
export function compareValues(a: CellValue, b: CellValue): number {
  if (typeof a === "string" && typeof b === "string") return collator.compare(a, b);
  const [x, y] = [toOrder(a), toOrder(b)];
  if (typeof x === "string" || typeof y === "string") return collator.compare(String(x), String(y));
  return x < y ? -1 : x > y ? 1 : 0;
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function toOrder(value: CellValue): number | bigint | string {
  if (value instanceof Date) return value.getTime();
  if (typeof value === "boolean") return value ? 1 : 0;
  return value ?? "";
}

/** True for what sorts last whatever the direction: missing values, NaN, invalid dates. */
export function isMissing(value: CellValue): boolean {
  if (value === null || value === undefined || value === "") return true;
  if (value instanceof Date) return Number.isNaN(value.getTime());
  return typeof value === "number" && Number.isNaN(value);
}

/** A value as text where a column draws nothing of its own. */
export function valueText(value: CellValue): string {
  if (isMissing(value)) return "–";
  if (value instanceof Date) return formatExact(value);
  if (typeof value === "number" || typeof value === "bigint") return formatNumber(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value ?? "–";
}

/** Rows in which every word of the query occurs in some searched column, whatever the case. */
export function filterRows<T>(rows: readonly T[], columns: readonly Column<T>[], query: string): readonly T[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  const searched = columns.filter((column) => column.search !== false);
  return rows.filter((row) => {
    const text = searched.map((column) => searchText(column.value(row))).join("\n");
    return words.every((word) => text.includes(word));
  });
}

function searchText(value: CellValue): string {
  if (value === null || value === undefined) return "";
  return (value instanceof Date ? value.toISOString() : String(value)).toLowerCase();
}

/** "-started" → descending by started; "" or an unknown column → null. */
export function parseSort(text: string, known: readonly string[]): Sort | null {
  const desc = text.startsWith("-");
  const id = desc ? text.slice(1) : text;
  return known.includes(id) ? { id, desc } : null;
}

/** The inverse of parseSort; null is empty text. */
export function writeSort(sort: Sort | null): string {
  return sort === null ? "" : `${sort.desc ? "-" : ""}${sort.id}`;
}

/** The grid's column tracks: fixed or growing, never smaller than their width, so that every row lines up. */
export function trackOf<T>(column: Column<T>): string {
  const width = widthOf(column);
  const grow = column.grow ?? (column.numeric === true ? 0.5 : 1);
  return grow === 0 ? `${width}px` : `minmax(${width}px, ${grow}fr)`;
}

export function widthOf<T>(column: Column<T>): number {
  return column.width ?? (column.numeric === true ? 96 : 140);
}
