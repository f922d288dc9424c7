import { DuckDBInstance, type DuckDBConnection, type DuckDBValue, type Json } from "@duckdb/node-api";
import { type CsvLayout, csvLayout, inferTypes } from "./csv-layout.ts";
import { AppError, messageOf } from "#server/kernel/errors.ts";

export const TABLE_FORMATS = ["csv", "parquet"] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

export interface TableColumn {
  readonly name: string;
  /** DuckDB's type name, e.g. BIGINT, DOUBLE, VARCHAR, TIMESTAMP. */
  readonly type: string;
}

/** A column of values in memory: numbers (NaN where the cell is empty) or text (null where it is). */
export type ColumnValues = Float64Array | (string | null)[];

/** Memory one query may take; larger work spills to a temporary file. */
const MEMORY_LIMIT = "512MB";

/** Quotes a name for use in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * One CSV or Parquet file as a table called `data`, read where it lies by an engine of its own. The engine may read that file and nothing else, so that
 * an expression written by a person (a policy's `where`) cannot reach the machine.
 */
export class TableFile implements AsyncDisposable {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #format: TableFormat;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, format: TableFormat) {
    this.#instance = instance;
    this.#connection = connection;
    this.#format = format;
  }

  /**
   * Opens the file. `types` states what the columns of a CSV must hold, so that a value which does not fit is an error instead of a column of text.
   * Errors: invalid_input with line and column for a file that is not what its format says.
   */
  static async open(
    path: string,
    format: TableFormat,
    types: Readonly<Record<string, string>> = {},
  ): Promise<TableFile> {
    const layout = format === "csv" ? await csvLayout(path) : undefined;
    const instance = await DuckDBInstance.create(":memory:", {
      threads: "2",
      memory_limit: MEMORY_LIMIT,
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
    });
    const connection = await instance.connect();
    const table = new TableFile(instance, connection, format);
    try {
      await connection.run("set TimeZone = 'UTC'");
      await connection.run(`set allowed_paths = [${literal(path)}]`);
      await connection.run("set enable_external_access = false");
      await connection.run("set lock_configuration = true");
      if (layout) {
        await connection.run(`create view text as select * from ${readCsv(path, layout, {})}`);
        const inferred = await inferTypes(layout.names, (sql) => table.rows(sql));
        await connection.run(`create view data as select * from ${readCsv(path, layout, { ...inferred, ...types })}`);
      } else {
        await connection.run(`create view data as select * from read_parquet(${literal(path)})`);
      }
      return table;
    } catch (error) {
      table.close();
      throw unreadable(error, format);
    }
  }

  /** Rows as JSON-ready objects: dates as text, 64-bit numbers as text beyond 2^53. */
  async rows(sql: string, values: DuckDBValue[] = []): Promise<Record<string, Json>[]> {
    return (await this.#connection.runAndReadAll(sql, values)).getRowObjectsJson();
  }

  /** Reads every cell once and counts the rows. Errors: as for `open`, for what only shows deeper in the file. */
  async scan(): Promise<number> {
    const cells = (await this.columns()).map((column) => `count(${quoted(column.name)})`).join(", ");
    try {
      const [row] = await this.rows(`select count(*)::double as n, ${cells} from data`);
      return Number(row?.["n"] ?? 0);
    } catch (error) {
      throw unreadable(error, "csv");
    }
  }

  /** Columns of `data` in file order. */
  async columns(): Promise<TableColumn[]> {
    return (await this.rows("describe data")).map((row) => ({
      name: asText(row["column_name"]),
      type: asText(row["column_type"]),
    }));
  }

  /**
   * Values of some columns of the rows that `where` keeps (an SQL condition on `data`; all rows without it), in file order. Numbers, booleans and dates
   * (milliseconds since 1970) become Float64Array, everything else text.
   * Errors: invalid_input when a column is missing or the condition is not valid.
   */
  async values(names: readonly string[], where?: string): Promise<Map<string, ColumnValues>> {
    const types = new Map((await this.columns()).map((column) => [column.name, column.type]));
    const missing = names.filter((name) => !types.has(name));
    if (missing.length > 0)
      throw new AppError("invalid_input", `The table has no column ${missing.join(", ")}.`, {
        field: "column",
        value: missing,
        remedy: `Its columns are ${[...types.keys()].join(", ")}.`,
      });
    const select = names.map((name, i) => `${asPlain(quoted(name), types.get(name) ?? "")} as c${i}`).join(", ");
    let reader: Awaited<ReturnType<DuckDBConnection["runAndReadAll"]>>;
    try {
      reader = await this.#connection.runAndReadAll(`select ${select} from data${where ? ` where (${where})` : ""}`);
    } catch (error) {
      throw new AppError("invalid_input", `The condition cannot be used: ${messageOf(error)}`, {
        field: "where",
        value: where,
        cause: error,
      });
    }
    const columns = reader.getColumns();
    return new Map(names.map((name, i) => [name, plainValues(columns[i] ?? [], types.get(name) ?? "")]));
  }

  /**
   * The rows of a query a chunk of some thousands at a time, by column, so that a table of any length takes the memory of one chunk.
   * Errors: as for `open`, for what only shows deeper in the file.
   */
  async *chunks(sql: string): AsyncGenerator<readonly (readonly DuckDBValue[])[]> {
    try {
      const result = await this.#connection.stream(sql);
      for await (const chunk of result) if (chunk.rowCount > 0) yield chunk.getColumns();
    } catch (error) {
      throw unreadable(error, this.#format);
    }
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

function readCsv(path: string, { delimiter, names }: CsvLayout, types: Readonly<Record<string, string>>): string {
  const columns = names.map((name) => `${literal(name)}: ${literal(types[name] ?? "VARCHAR")}`).join(", ");
  return `read_csv(${literal(path)}, auto_detect = false, header = true, delim = ${literal(delimiter)}, quote = '"', escape = '"', nullstr = ['', 'NA', 'NULL'], columns = {${columns}})`;
}

const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*|BOOLEAN)$/;
const TEMPORAL = /^(DATE|TIMESTAMP.*)$/;

/** Whether a DuckDB type holds numbers (booleans count as 0 and 1). */
export function isNumeric(type: string): boolean {
  return NUMERIC.test(type);
}

/** Whether a DuckDB type holds points in time. */
export function isTemporal(type: string): boolean {
  return TEMPORAL.test(type);
}

function asPlain(column: string, type: string): string {
  if (isTemporal(type)) return `epoch_ms(${column}::timestamp)::double`;
  return isNumeric(type) ? `${column}::double` : `${column}::varchar`;
}

/** Text as it is; anything else in its JSON form, so that no cell becomes "[object Object]". */
function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function plainValues(values: readonly DuckDBValue[], type: string): ColumnValues {
  if (!isNumeric(type) && !isTemporal(type)) return values.map((v) => (v === null ? null : asText(v)));
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    out[i] = typeof value === "number" ? value : Number.NaN;
  }
  return out;
}

/** Says where a file is broken, in the reader's words: DuckDB names the line of a CSV error, and the column when it knows it. */
function unreadable(error: unknown, format: TableFormat): AppError {
  const message = messageOf(error);
  const line = /(?:Line|line):? (\d+)/.exec(message)?.[1];
  const column = /(?:converting column|[Cc]olumn with name:?|[Cc]olumn) "([^"\n]+)"/.exec(message)?.[1];
  const lines = message.replace(/^[\w ]*Error: /, "").split("\n");
  const said =
    lines.find((text) => /^(Error when|Expected Number|Value with|Invalid unicode|Maximum line)/.test(text)) ??
    lines.find((text) => !/^(CSV Error|Original Line|$)/.test(text));
  const first = (said ?? message).replace(/^Error when converting column "[^"]+"\. /, "");
  const place = line ? `line ${line}${column ? `, column ${column}` : ""}: ` : "";
  return new AppError(
    "invalid_input",
    `The file is not readable as ${format === "csv" ? "CSV" : "Parquet"}: ${place}${first}`,
    {
      field: "file",
      ...(line ? { value: { line: Number(line), column } } : {}),
      remedy:
        format === "csv"
          ? "Mend that line: every row needs the header's columns, and a column one type."
          : "Write the file anew; it may have been cut short.",
      cause: error,
    },
  );
}
