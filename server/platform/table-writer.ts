import {
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBConnection,
  DuckDBTimestampTZValue,
  INTEGER,
  TIMESTAMPTZ,
  VARCHAR,
} from "@duckdb/node-api";
import { AppError } from "#server/kernel/errors.ts";
import { csvLayout } from "./csv-layout.ts";
import { quoted, type TableColumn, type TableFormat } from "./table-file.ts";

const TYPES = { text: VARCHAR, number: DOUBLE, integer: INTEGER, boolean: BOOLEAN, time: TIMESTAMPTZ } as const;

export interface WrittenColumn {
  readonly name: string;
  /** `time`: milliseconds since 1970. */
  readonly type: keyof typeof TYPES;
}

/** Cells of one column: NaN in a Float64Array and null are empty. */
export type WrittenCells = Float64Array | readonly (string | number | boolean | null)[];

/** DuckDB's own vectors hold so many values. */
const VECTOR = 2048;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const list = (paths: readonly string[]): string => `[${paths.map(literal).join(", ")}]`;

async function openEngine(): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> {
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "2",
    memory_limit: "512MB",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  return { instance, connection };
}

/** Collects rows by column and writes them as Parquet, as often as wanted: between two files it is empty again. */
export class TableWriter implements AsyncDisposable {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #columns: readonly WrittenColumn[];
  rows = 0;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, columns: readonly WrittenColumn[]) {
    this.#instance = instance;
    this.#connection = connection;
    this.#columns = columns;
  }

  static async open(columns: readonly WrittenColumn[]): Promise<TableWriter> {
    const { instance, connection } = await openEngine();
    const writer = new TableWriter(instance, connection, columns);
    const declared = columns.map(({ name, type }) => `${quoted(name)} ${TYPES[type].toString()}`).join(", ");
    await connection.run(`create table rows (${declared})`);
    return writer;
  }

  /** Adds rows: the cells of each column, all as long as `count`. */
  async add(cells: readonly WrittenCells[], count: number): Promise<void> {
    const appender = await this.#connection.createAppender("rows");
    const types = this.#columns.map(({ type }) => TYPES[type]);
    for (let from = 0; from < count; from += VECTOR) {
      const to = Math.min(from + VECTOR, count);
      const chunk = DuckDBDataChunk.create(types, to - from);
      this.#columns.forEach(({ type }, i) => chunk.setColumnValues(i, valuesOf(cells[i] ?? [], type, from, to)));
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    this.rows += count;
  }

  /** Writes what was added since the last file to `path`, in order, and forgets it. */
  async write(path: string): Promise<void> {
    await this.#connection.run(`copy rows to ${literal(path)} (format parquet, compression zstd)`);
    await this.#connection.run("truncate rows");
    this.rows = 0;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#connection.closeSync();
    this.#instance.closeSync();
    return Promise.resolve();
  }
}

function valuesOf(cells: WrittenCells, type: WrittenColumn["type"], from: number, to: number) {
  return Array.from({ length: to - from }, (_, i) => {
    const value = cells[from + i];
    if (value === undefined || value === null || Number.isNaN(value)) return null;
    return type === "time" ? new DuckDBTimestampTZValue(BigInt(Math.round(Number(value) * 1000))) : value;
  });
}

/** Writes Parquet files with the same columns one after the other into one file. */
export async function joinFiles(parts: readonly string[], out: string, format: TableFormat): Promise<void> {
  const { instance, connection } = await openEngine();
  try {
    const form = format === "parquet" ? "format parquet, compression zstd" : "format csv, header true";
    await connection.run(`copy (select * from read_parquet(${list(parts)})) to ${literal(out)} (${form})`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export interface BesideOptions {
  readonly base: { readonly path: string; readonly format: TableFormat; readonly schema: readonly TableColumn[] };
  /** Columns of the base to carry over. */
  readonly keep: readonly string[];
  /** Parquet files which together have a row for each row of the base, in its order. */
  readonly parts: readonly string[];
  /** Columns with one whole number for all rows. */
  readonly constants: Readonly<Record<string, number>>;
  /** Written as Parquet. */
  readonly out: string;
}

/**
 * Writes columns of a table with new ones beside them, row by row in the order of the file. The kept columns pass from file to file inside the engine, so
 * that memory does not grow with the rows. Throws when the rows of both do not agree in number.
 */
export async function writeBeside({ base, keep, parts, constants, out }: BesideOptions): Promise<number> {
  const { instance, connection } = await openEngine();
  try {
    const added = `read_parquet(${list(parts)})`;
    const cells = [
      ...keep.map((name) => `base.${quoted(name)}`),
      "added.*",
      ...Object.entries(constants).map(([name, value]) => `${value}::integer as ${quoted(name)}`),
    ].join(", ");
    const query =
      keep.length === 0
        ? `select ${cells} from ${added} added`
        : `select ${cells} from ${await scanOf(base)} base positional join ${added} added`;
    const counted = await connection.runAndReadAll(
      `copy (${query}) to ${literal(out)} (format parquet, compression zstd)`,
    );
    return Number(counted.getRows()[0]?.[0] ?? 0);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A table function for the file: two of them side by side are read in step, a subquery would be gathered in memory first. */
async function scanOf({ path, format, schema }: BesideOptions["base"]): Promise<string> {
  if (format === "parquet") return `read_parquet(${literal(path)})`;
  const { delimiter, names } = await csvLayout(path);
  const types = new Map(schema.map((column) => [column.name, column.type]));
  const columns = names.map((name) => `${literal(name)}: ${literal(types.get(name) ?? "VARCHAR")}`).join(", ");
  return `read_csv(${literal(path)}, auto_detect = false, header = true, delim = ${literal(delimiter)}, quote = '"', escape = '"', nullstr = ['', 'NA', 'NULL'], columns = {${columns}}, parallel = false)`;
}

/** Refuses column names that one table cannot hold beside each other: engines do not tell "Id" from "id". */
export function demandDistinct(names: readonly string[], remedy: string): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined)
      throw new AppError("invalid_input", `Two columns would be called '${other}' and '${name}'.`, {
        field: "keep",
        value: name,
        remedy,
      });
    seen.set(name.toLowerCase(), name);
  }
}
