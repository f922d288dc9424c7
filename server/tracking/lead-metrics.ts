import { type Comparison, parseComparisons } from "#server/kernel/comparisons.ts";
import { pool, Prisma } from "#server/platform/db.ts";
import { comparing, numberOf } from "./conditions.ts";
import { conditionsOf, kindOf } from "./run-filter.ts";

/** Operators that keep one stretch of an index of values. */
const RANGES: ReadonlySet<string> = new Set(["<", "<=", "=", ">=", ">"]);

/** The runs that rare metrics of a filter leave, and what else it asks of them. */
export interface Lead {
  /** How many metrics lead together. */
  readonly metrics: number;
  /** A query of the ids of runs (as id), whichever their project. */
  readonly ids: Prisma.Sql;
  /** What else the filter asks that the id of a run answers, on r.id. */
  readonly ofId: Prisma.Sql;
  /** And what its row answers, on r (runs) and e (experiments). */
  readonly ofRow: Prisma.Sql;
}

const rangeOf = (c: Comparison): Prisma.Sql =>
  Prisma.sql`l.key = ${c.key} and ${comparing(Prisma.sql`l.value`, c, numberOf(c, "metric"))}`;

/** For each of the metrics, of how many runs of the experiments (a list of ids, as SQL) its value lies in its range, counted up to `most` + 1. NaN counts as 0. */
async function countsOf(metrics: readonly Comparison[], experiments: Prisma.Sql, most: number): Promise<number[]> {
  const counts = metrics.map(
    (c) => Prisma.sql`(select count(*)::int from (
      select from latest_metrics l where l.experiment_id = any(${experiments}) and ${rangeOf(c)} limit ${most + 1}) as counted)`,
  );
  const { text, values } = Prisma.sql`select array[${Prisma.join(counts)}] as runs`;
  const { rows } = await pool().query<{ runs: number[] }>({ text, values });
  return rows[0]?.runs ?? [];
}

/**
 * The lead of those metrics of a filter whose value, as an index has it, keeps no more than `most` runs of the experiments (a list of ids, as SQL); null
 * where no metric is as rare. Errors: as runFilter.
 */
export async function leadOf(filter: string, experiments: Prisma.Sql, most: number): Promise<Lead | null> {
  const comparisons = parseComparisons(filter);
  const ranges = comparisons.filter((c) => kindOf(c.entity) === "metric" && RANGES.has(c.operator));
  if (ranges.length === 0) return null;
  const counts = await countsOf(ranges, experiments, most);
  const rare = ranges.filter((_, i) => (counts[i] ?? Infinity) <= most);
  if (rare.length === 0) return null;
  const ids = rare.map(
    (c) =>
      Prisma.sql`select l.run_id as id from latest_metrics l where l.experiment_id = any(${experiments}) and ${rangeOf(c)} and not l.is_nan`,
  );
  const others = comparisons.filter((c) => !rare.includes(c));
  return {
    metrics: rare.length,
    ids: Prisma.join(ids, " intersect "),
    ofId: conditionsOf(
      others.filter((c) => kindOf(c.entity) !== "attribute"),
      true,
    ),
    ofRow: conditionsOf(
      others.filter((c) => kindOf(c.entity) === "attribute"),
      true,
    ),
  };
}
