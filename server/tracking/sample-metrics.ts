import { type Db, Prisma } from "#server/platform/db.ts";
import type { MetricSeriesDto } from "./contract.ts";

/** A point as the statement carries it: [1 for NaN, value (negated in `high`), position, step, timestamp]. */
type Packed = readonly [nan: number, value: number, position: number, step: number, timestamp: number];

interface Row {
  readonly runId: string;
  readonly key: string;
  readonly total: number;
  readonly low: Packed;
  readonly high: Packed;
  readonly first: Packed | null;
  readonly last: Packed | null;
}

/**
 * At most `points` values per run and metric, chosen in SQL. The history is cut into equally long stretches by position and of each the least and the
 * greatest value stay, with the first and the last of all; NaN stays only where a stretch has nothing else. A history that fits comes whole.
 *
 * Positions follow the primary key, which is read in order without a sort; the stretches are aggregated by hash. A join with the counts would save a
 * pass, but with stale statistics Postgres counts again for every row, and 10,000 values take half a minute.
 */
export async function sampleMetrics(
  db: Db,
  options: {
    readonly runIds: readonly string[];
    readonly keys?: readonly string[] | undefined;
    readonly points: number;
    readonly steps?: { readonly from: number; readonly to: number } | undefined;
  },
): Promise<MetricSeriesDto[]> {
  const { runIds, keys, points, steps } = options;
  const stretches = Math.max(1, Math.floor((points - 2) / 2));
  const wanted = keys ? Prisma.sql`and m.key = any(${[...keys]}::text[])` : Prisma.empty;
  const within = steps
    ? Prisma.sql`and m.step between ${String(steps.from)}::text::bigint and ${String(steps.to)}::text::bigint`
    : Prisma.empty;
  const rows = await db.$queryRaw<Row[]>`
    with history as (
      select m.run_id, m.key, m.value, m.is_nan, m.step, m.timestamp,
        row_number() over (partition by m.run_id, m.key order by m.step, m.timestamp, m.value, m.is_nan) as n,
        count(*) over (partition by m.run_id, m.key) as total
      from metrics m
      where m.run_id = any(${[...runIds]}::text[]) ${wanted} ${within}
    )
    select run_id as "runId", key, min(total)::int as total,
      min(array[is_nan::int, value, n, step, timestamp]::float8[]) as low,
      min(array[is_nan::int, -value, n, step, timestamp]::float8[]) as high,
      min(array[is_nan::int, value, n, step, timestamp]::float8[]) filter (where n = 1) as first,
      min(array[is_nan::int, value, n, step, timestamp]::float8[]) filter (where n = total) as last
    from history
    group by run_id, key, case when total > ${points} then (n - 1) * ${stretches} / total else n end`;
  return assembled(rows, points);
}

interface Kept {
  readonly position: number;
  readonly value: number | null;
  readonly step: number;
  readonly timestamp: number;
}

function unpacked([nan, value, position, step, timestamp]: Packed, sign: 1 | -1): Kept {
  return { position, value: nan === 1 ? null : value * sign, step, timestamp };
}

/** The rows of each series joined: every point once, in the order of the history. */
function assembled(rows: readonly Row[], points: number): MetricSeriesDto[] {
  const series = new Map<string, { runId: string; key: string; total: number; kept: Map<number, Kept> }>();
  for (const { runId, key, total, low, high, first, last } of rows) {
    const name = `${runId} ${key}`;
    const one = series.get(name) ?? { runId, key, total, kept: new Map<number, Kept>() };
    // With room for three points or fewer only the ends are shown, for one only the last.
    const extremes = points >= 4 || total <= points ? [unpacked(low, 1), unpacked(high, -1)] : [];
    const ends = [...(first && points > 1 ? [unpacked(first, 1)] : []), ...(last ? [unpacked(last, 1)] : [])];
    for (const point of [...extremes, ...ends]) one.kept.set(point.position, point);
    series.set(name, one);
  }
  return Array.from(series.values(), ({ runId, key, total, kept }) => ({
    runId,
    key,
    total,
    points: [...kept.values()]
      .sort((a, b) => a.position - b.position)
      .map(({ value, step, timestamp }) => ({ value, step, timestamp })),
  })).sort((a, b) => (a.runId === b.runId ? (a.key < b.key ? -1 : 1) : a.runId < b.runId ? -1 : 1));
}
