import { readFile } from "node:fs/promises";
import { DuckDBInstance, type DuckDBConnection, type Json } from "@duckdb/node-api";
import { AppError, messageOf } from "#server/kernel/errors.ts";
import { quoted, type TableColumn } from "./table-file.ts";

/** "split": JSON of the form {"columns": […], "data": [[…], …]}, as pandas and MLflow write tables. */
export type PreviewFormat = "csv" | "tsv" | "parquet" | "split";

export interface TablePreview {
  readonly columns: readonly TableColumn[];
  /** Columns beyond those shown. */
  readonly moreColumns: number;
  /** Cells in the order of the columns; a long text is cut, bytes are told by their number. */
  readonly rows: readonly (readonly Json[])[];
  /** Rows of the whole file; null when the file is too large to be counted for a look at it. */
  readonly total: number | null;
  /** Lines that are no rows of this table and were left out. */
  readonly skipped: number;
}

const ROWS = 1000;
const COLUMNS = 200;
const CELL = 1000;
/** A CSV up to this size is read to its end to count its rows: about two seconds. */
const COUNTED_BYTES = 256 * 2 ** 20;
/** A table as JSON is parsed whole. */
const JSON_BYTES = 16 * 2 ** 20;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Two engines at once at most: each may take its memory limit. */
let running = 0;
const waiting: (() => void)[] = [];
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= 2) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

const unreadable = (format: PreviewFormat, error: unknown): AppError =>
  new AppError(
    "invalid_input",
    `The file is not readable as ${format === "split" ? "a table in JSON" : format.toUpperCase()}.`,
    {
      field: "file",
      value: messageOf(error).split("\n", 1)[0] ?? "",
      remedy: "Download it to look at it as it is.",
      cause: error,
    },
  );

/** How much of a column is shown, as SQL. */
function shown({ name, type }: TableColumn): string {
  const column = quoted(name);
  if (type === "BLOB") return `'<' || octet_length(${column}) || ' bytes>'`;
  if (type === "VARCHAR") return `left(${column}, ${CELL})`;
  return /\[|STRUCT|MAP|UNION|JSON/.test(type) ? `left(${column}::varchar, ${CELL})` : column;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

async function read(connection: DuckDBConnection, sql: string): Promise<Json[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJson();
}

/** Lines that the engine left out, by what it noted of the scan that met most of them. */
async function rejected(connection: DuckDBConnection): Promise<number> {
  const [row] = await read(
    connection,
    "select coalesce(max(n), 0)::double from (select count(distinct line) n from reject_errors group by scan_id)",
  );
  return Number(row?.[0] ?? 0);
}

/** The engine hands 64-bit integers on as text; those that a number can hold become numbers. */
function numbers(columns: readonly TableColumn[]): (row: Json[]) => Json[] {
  const whole = columns.map(({ type }) => /^U?(BIG|HUGE)INT$/.test(type));
  return (row) =>
    row.map((value, i) =>
      whole[i] && typeof value === "string" && Number.isSafeInteger(Number(value)) ? Number(value) : value,
    );
}

async function previewFile(path: string, format: "csv" | "tsv" | "parquet", sizeBytes: number): Promise<TablePreview> {
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "2",
    memory_limit: "256MB",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  try {
    await connection.run("set TimeZone = 'UTC'");
    await connection.run(`set allowed_paths = [${literal(path)}]`);
    await connection.run("set enable_external_access = false");
    await connection.run("set lock_configuration = true");
    const delimiter = format === "tsv" ? ", delim = '\t'" : "";
    // A look at a file is lenient where a dataset is strict: what is no row is left out and counted.
    const source =
      format === "parquet"
        ? `read_parquet(${literal(path)})`
        : `read_csv(${literal(path)}, header = true, null_padding = true, store_rejects = true, parallel = false${delimiter})`;
    await connection.run(`create view data as select * from ${source}`);
    const columns = (await connection.runAndReadAll("describe data")).getRowObjectsJson().map((row) => ({
      name: textOf(row["column_name"]),
      type: textOf(row["column_type"]),
    }));
    const some = columns.slice(0, COLUMNS);
    const rows = await read(connection, `select ${some.map(shown).join(", ")} from data limit ${ROWS}`);
    const countable = format === "parquet" || rows.length < ROWS || sizeBytes <= COUNTED_BYTES;
    const total = countable ? Number((await read(connection, "select count(*)::double from data"))[0]?.[0] ?? 0) : null;
    const skipped = format === "parquet" ? 0 : await rejected(connection);
    return { columns: some, moreColumns: columns.length - some.length, rows: rows.map(numbers(some)), total, skipped };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function typeOf(values: readonly unknown[]): string {
  const kinds = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  if (kinds.size !== 1) return kinds.size === 0 ? "VARCHAR" : "JSON";
  const [kind] = kinds;
  if (kind === "number") return values.every((v) => v === null || Number.isInteger(v)) ? "BIGINT" : "DOUBLE";
  return kind === "boolean" ? "BOOLEAN" : kind === "string" ? "VARCHAR" : "JSON";
}

const cell = (value: unknown): Json => {
  const plain = value !== null && typeof value === "object" ? JSON.stringify(value) : value;
  return (typeof plain === "string" ? plain.slice(0, CELL) : (plain ?? null)) as Json;
};

function isSplit(value: unknown): value is { columns: unknown[]; data: unknown[] } {
  return (
    typeof value === "object" &&
    value !== null &&
    Array.isArray((value as Record<string, unknown>)["columns"]) &&
    Array.isArray((value as Record<string, unknown>)["data"])
  );
}

async function previewSplit(path: string, sizeBytes: number): Promise<TablePreview> {
  if (sizeBytes > JSON_BYTES)
    throw new AppError("too_large", "The table is too large to be shown: JSON has to be read whole.", {
      field: "file",
      remedy: "Download it, or log tables as CSV or Parquet.",
    });
  const parsed: unknown = JSON.parse(await readFile(path, "utf8"));
  if (!isSplit(parsed)) throw new Error("it has no columns and data");
  const names = parsed.columns.map((name) => (typeof name === "string" ? name : JSON.stringify(name)));
  const lines = parsed.data.filter((row) => Array.isArray(row)) as unknown[][];
  const head = lines.slice(0, ROWS);
  const columns = names.slice(0, COLUMNS).map((name, i) => ({ name, type: typeOf(head.map((row) => row[i] ?? null)) }));
  return {
    columns,
    moreColumns: names.length - columns.length,
    rows: head.map((row) => columns.map((_, i) => cell(row[i]))),
    total: lines.length,
    skipped: parsed.data.length - lines.length,
  };
}

/**
 * The first 1,000 rows and 200 columns of a table file, with the types of its columns and how many rows it has. Reads no more of the file than that takes.
 * Errors: invalid_input for a file that is no table of its format; too_large for JSON above 16 MiB.
 */
export async function previewTable(path: string, format: PreviewFormat, sizeBytes: number): Promise<TablePreview> {
  return await inTurn(async () => {
    try {
      return await (format === "split" ? previewSplit(path, sizeBytes) : previewFile(path, format, sizeBytes));
    } catch (error) {
      throw error instanceof AppError ? error : unreadable(format, error);
    }
  });
}
