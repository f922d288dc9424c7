import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { csvLayout } from "./csv-layout.ts";
import { isTemporal, quoted, type TableColumn, type TableFormat } from "./table-file.ts";

/** Rows to add, by column. Numbers NaN and texts null are empty cells. */
export interface AddedRows {
  readonly count: number;
  readonly numbers: Readonly<Record<string, Float64Array>>;
  readonly texts: Readonly<Record<string, readonly (string | null)[]>>;
  /** When each row happened, milliseconds since 1970. */
  readonly times: Float64Array;
}

/** How the cells of a column were found for the added rows. */
export type Filled = "given" | "time" | "derived" | "continued" | "empty";

export interface AppendOptions {
  readonly base: {
    readonly path: string;
    readonly format: TableFormat;
    readonly schema: readonly TableColumn[];
  };
  readonly timeColumn: string | null;
  readonly added: AddedRows;
  /** Written anew, in the base's format. */
  readonly out: string;
}

const INTEGER = /^U?(TINY|SMALL|BIG)?INT(EGER)?$/;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Parts of a time that tables often carry beside it, by the type of column that can hold them. `t` is the time. */
const PARTS: Readonly<Record<"date" | "integer", readonly string[]>> = {
  date: ["cast(t as date)"],
  integer: ["year(t)", "month(t)", "day(t)", "hour(t)"],
};

/**
 * Writes a table that has the rows of the base and then the added ones, in the base's columns and format. A column that no value is given for is the
 * time column; or a part of the time (date, year, month, day, hour) if it is that in every row of the base; or a key, if it is a whole number that is
 * never empty and never repeats, which then goes on from its greatest; or else it stays empty.
 * The same input gives the same bytes.
 */
export async function appendRows(options: AppendOptions): Promise<Readonly<Record<string, Filled>>> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1", memory_limit: "512MB" });
  const connection = await instance.connect();
  try {
    await connection.run("set TimeZone = 'UTC'");
    const delimiter = await viewBase(connection, options.base);
    await loadAdded(connection, options.added);
    const filled: Record<string, Filled> = {};
    const cells: string[] = [];
    for (const column of options.base.schema) {
      const { how, sql } = await cellOf(connection, column, options);
      filled[column.name] = how;
      cells.push(`cast(${sql} as ${column.type}) as ${quoted(column.name)}`);
    }
    const names = options.base.schema.map((column) => quoted(column.name)).join(", ");
    const form =
      options.base.format === "parquet"
        ? "format parquet, compression zstd"
        : `format csv, header true, delimiter ${literal(delimiter)}, nullstr ''`;
    await connection.run(
      `copy (select ${names} from base union all select ${cells.join(", ")} from (select * from added order by i)) to ${literal(options.out)} (${form})`,
    );
    return filled;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Makes the base a view; returns the delimiter of a CSV. */
async function viewBase(
  connection: DuckDBConnection,
  { path, format, schema }: AppendOptions["base"],
): Promise<string> {
  if (format === "parquet") {
    await connection.run(`create view base as select * from read_parquet(${literal(path)})`);
    return ",";
  }
  const { delimiter, names } = await csvLayout(path);
  const types = new Map(schema.map((column) => [column.name, column.type]));
  const columns = names.map((name) => `${literal(name)}: ${literal(types.get(name) ?? "VARCHAR")}`).join(", ");
  await connection.run(
    `create view base as select * from read_csv(${literal(path)}, auto_detect = false, header = true, delim = ${literal(delimiter)}, quote = '"', escape = '"', nullstr = ['', 'NA', 'NULL'], columns = {${columns}})`,
  );
  return delimiter;
}

async function loadAdded(connection: DuckDBConnection, added: AddedRows): Promise<void> {
  const numbers = Object.entries(added.numbers);
  const texts = Object.entries(added.texts);
  const columns = [
    "i bigint",
    "t_ms double",
    ...numbers.map((_, n) => `n${n} double`),
    ...texts.map((_, n) => `s${n} varchar`),
  ];
  await connection.run(`create table added (${columns.join(", ")})`);
  const appender = await connection.createAppender("added");
  for (let row = 0; row < added.count; row++) {
    appender.appendBigInt(BigInt(row));
    appender.appendDouble(added.times[row] ?? Number.NaN);
    for (const [, values] of numbers) {
      const value = values[row] ?? Number.NaN;
      if (Number.isNaN(value)) appender.appendNull();
      else appender.appendDouble(value);
    }
    for (const [, values] of texts) {
      const value = values[row];
      if (value === null || value === undefined) appender.appendNull();
      else appender.appendVarchar(value);
    }
    appender.endRow();
  }
  appender.closeSync();
}

const ADDED_TIME = "make_timestamp(cast(round(t_ms * 1000) as bigint))";

async function cellOf(
  connection: DuckDBConnection,
  column: TableColumn,
  { added, timeColumn }: AppendOptions,
): Promise<{ how: Filled; sql: string }> {
  const number = Object.keys(added.numbers).indexOf(column.name);
  if (number >= 0) return { how: "given", sql: INTEGER.test(column.type) ? `round(n${number})` : `n${number}` };
  const text = Object.keys(added.texts).indexOf(column.name);
  if (text >= 0) return { how: "given", sql: `s${text}` };
  if (column.name === timeColumn && isTemporal(column.type)) return { how: "time", sql: ADDED_TIME };
  const name = quoted(column.name);
  const kind = column.type === "DATE" ? "date" : INTEGER.test(column.type) ? "integer" : null;
  if (kind && timeColumn !== null) {
    const time = `cast(${quoted(timeColumn)} as timestamp)`;
    for (const part of PARTS[kind]) {
      const there = part.replace("(t", `(${time}`);
      if (await isTrue(connection, `count(*) filter (where ${name} is distinct from ${there}) = 0`))
        return { how: "derived", sql: part.replace("(t", `(${ADDED_TIME}`) };
    }
  }
  if (kind === "integer" && (await isTrue(connection, `count(distinct ${name}) = count(*)`)))
    return { how: "continued", sql: `(select max(${name}) from base) + 1 + i` };
  return { how: "empty", sql: "null" };
}

async function isTrue(connection: DuckDBConnection, condition: string): Promise<boolean> {
  const [row] = (await connection.runAndReadAll(`select count(*) > 0 and ${condition} as yes from base`)).getRows();
  return row?.[0] === true;
}
