import type { Json } from "@duckdb/node-api";
import { isNumeric, isTemporal, quoted, type TableColumn, type TableFile } from "#server/platform/table-file.ts";
import type { ColumnProfile, Profile } from "./contract.ts";

const BARS = 24;
const TOP = 20;
const PROBABILITIES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;

/** JSON writes NaN and infinities as text; a statistic that is not a number is absent. */
function number(value: Json | undefined): number | null {
  const n = typeof value === "number" ? value : typeof value === "string" && value !== "" ? Number(value) : Number.NaN;
  return Number.isFinite(n) ? n : null;
}

/** Equal-width bars over [min, max]; a single bar when all values are equal. */
async function bars(
  table: TableFile,
  value: string,
  keep: string,
  min: number,
  max: number,
): Promise<ColumnProfile["histogram"]> {
  if (min === max) {
    const [row] = await table.rows(`select count(*)::double as n from data where ${keep}`);
    return [{ from: min, to: max, count: number(row?.["n"]) ?? 0 }];
  }
  const width = (max - min) / BARS;
  const rows = await table.rows(
    `select least(${BARS - 1}, floor((${value} - $1) / $2))::int as bar, count(*)::double as n from data where ${keep} group by bar order by bar`,
    [min, width],
  );
  const counts = new Map(rows.map((row) => [Number(row["bar"]), number(row["n"]) ?? 0]));
  return Array.from({ length: BARS }, (_, i) => ({
    from: min + i * width,
    to: i === BARS - 1 ? max : min + (i + 1) * width,
    count: counts.get(i) ?? 0,
  }));
}

async function numeric(table: TableFile, column: TableColumn): Promise<ColumnProfile> {
  const value = `${quoted(column.name)}::double`;
  // Statistics of a column that holds NaN or infinities fail or mean nothing; such cells count as missing.
  const keep = `${quoted(column.name)} is not null and isfinite(${value})`;
  const quantiles = PROBABILITIES.map((p, i) => `quantile_cont(${value}, ${p}) filter (where ${keep}) as q${i}`).join(
    ", ",
  );
  const [row = {}] = await table.rows(
    `select count(*)::double as n, count(*) filter (where ${keep})::double as present, count(distinct ${value}) filter (where ${keep})::double as d,
       min(${value}) filter (where ${keep}) as lo, max(${value}) filter (where ${keep}) as hi, avg(${value}) filter (where ${keep}) as mean,
       stddev_samp(${value}) filter (where ${keep}) as sd, ${quantiles} from data`,
  );
  const [n, present, min, max] = [
    number(row["n"]) ?? 0,
    number(row["present"]) ?? 0,
    number(row["lo"]),
    number(row["hi"]),
  ];
  return {
    name: column.name,
    type: column.type,
    kind: "number",
    count: n,
    missing: n - present,
    distinct: number(row["d"]) ?? 0,
    min,
    max,
    mean: number(row["mean"]),
    stddev: number(row["sd"]),
    quantiles: Object.fromEntries(
      PROBABILITIES.flatMap((p, i) => (number(row[`q${i}`]) === null ? [] : [[String(p), number(row[`q${i}`]) ?? 0]])),
    ),
    histogram: min === null || max === null ? [] : await bars(table, value, keep, min, max),
    top: [],
  };
}

async function temporal(table: TableFile, column: TableColumn): Promise<ColumnProfile> {
  const name = quoted(column.name);
  const value = `epoch_ms(${name}::timestamp)::double`;
  const [row = {}] = await table.rows(
    `select count(*)::double as n, count(${name})::double as present, count(distinct ${name})::double as d, min(${value}) as lo, max(${value}) as hi from data`,
  );
  const [n, present, min, max] = [
    number(row["n"]) ?? 0,
    number(row["present"]) ?? 0,
    number(row["lo"]),
    number(row["hi"]),
  ];
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return {
    name: column.name,
    type: column.type,
    kind: "time",
    count: n,
    missing: n - present,
    distinct: number(row["d"]) ?? 0,
    min: iso(min),
    max: iso(max),
    mean: null,
    stddev: null,
    quantiles: {},
    histogram: min === null || max === null ? [] : await bars(table, value, `${name} is not null`, min, max),
    top: [],
  };
}

async function textual(table: TableFile, column: TableColumn): Promise<ColumnProfile> {
  const value = `${quoted(column.name)}::varchar`;
  const [row = {}] = await table.rows(
    `select count(*)::double as n, count(${value})::double as present, count(distinct ${value})::double as d, min(${value}) as lo, max(${value}) as hi from data`,
  );
  const top = await table.rows(
    `select ${value} as v, count(*)::double as n from data where ${value} is not null group by v order by n desc, v limit ${TOP}`,
  );
  const text = (cell: Json | undefined): string | null => (typeof cell === "string" ? cell.slice(0, 200) : null);
  const [n, present] = [number(row["n"]) ?? 0, number(row["present"]) ?? 0];
  return {
    name: column.name,
    type: column.type,
    kind: "text",
    count: n,
    missing: n - present,
    distinct: number(row["d"]) ?? 0,
    min: text(row["lo"]),
    max: text(row["hi"]),
    mean: null,
    stddev: null,
    quantiles: {},
    histogram: [],
    top: top.map((item) => ({ value: text(item["v"]) ?? "", count: number(item["n"]) ?? 0 })),
  };
}

/**
 * Profiles every column: counts, missing, distinct (exact), extremes, mean, sample standard deviation, quantiles by linear interpolation (as numpy and
 * pandas), a histogram of 24 equal bars, or the 20 most frequent values of text.
 */
export async function profileTable(table: TableFile): Promise<Profile> {
  const started = performance.now();
  const columns: ColumnProfile[] = [];
  for (const column of await table.columns()) {
    const profile =
      isNumeric(column.type) && column.type !== "BOOLEAN" ? numeric : isTemporal(column.type) ? temporal : textual;
    columns.push(await profile(table, column));
  }
  return {
    rows: columns[0]?.count ?? 0,
    columns,
    computedAt: new Date().toISOString(),
    ms: Math.round(performance.now() - started),
  };
}
