import { type Db, Prisma } from "#server/platform/db.ts";
import type { MetricSeriesDto } from "./contract.ts";

interface Row {
  readonly runId: string;
  readonly key: string;
  readonly total: number;
  readonly value: number;
  readonly isNan: boolean;
  readonly timestamp: number;
  readonly step: number;
}

/**
 * At most `points` values per run and metric, chosen in SQL. The history is cut into equally long stretches by position and of each the least and the
 * greatest value stay, with the first and the last of all; NaN counts as greater than every number only where a stretch has nothing else. The order of
 * the window is that of the primary key, so Postgres reads the history once and sorts only inside the stretches.
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
  const wanted = keys ? Prisma.sql`and key = any(${[...keys]}::text[])` : Prisma.empty;
  const within = steps
    ? Prisma.sql`and step between ${String(steps.from)}::text::bigint and ${String(steps.to)}::text::bigint`
    : Prisma.empty;
  const chosen =
    points === 1
      ? Prisma.sql`n = total`
      : points < 4
        ? Prisma.sql`n = 1 or n = total`
        : Prisma.sql`low = 1 or high = 1 or n = 1 or n = total`;
  const rows = await db.$queryRaw<Row[]>`
    with history as (
      select run_id, key, step, timestamp, value, is_nan,
        row_number() over w as n, count(*) over (partition by run_id, key) as total
      from metrics
      where run_id = any(${[...runIds]}::text[]) ${wanted} ${within}
      window w as (partition by run_id, key order by step, timestamp, value, is_nan)
    ), stretched as (
      select *, (n - 1) * ${stretches} / total as stretch from history
    ), ranked as (
      select *,
        case when total > ${points} then row_number() over (partition by run_id, key, stretch order by is_nan, value, n) else 1 end as low,
        case when total > ${points} then row_number() over (partition by run_id, key, stretch order by is_nan, value desc, n) else 1 end as high
      from stretched
    )
    select run_id as "runId", key, total::int as total, value, is_nan as "isNan", timestamp::float8 as timestamp, step::float8 as step
    from ranked
    where ${chosen}
    order by run_id, key, n`;
  const series = new Map<
    string,
    { runId: string; key: string; total: number; points: MetricSeriesDto["points"][number][] }
  >();
  for (const { runId, key, total, isNan, value, timestamp, step } of rows) {
    const name = `${runId} ${key}`;
    const one = series.get(name) ?? { runId, key, total, points: [] };
    one.points.push({ value: isNan ? null : value, timestamp, step });
    series.set(name, one);
  }
  return [...series.values()];
}
