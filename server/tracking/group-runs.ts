import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { Prisma } from "#server/platform/db.ts";
import { GroupRunsInput, INFINITE, type RunGroupDto, type RunGroupsDto } from "./contract.ts";
import { groupValue, scopeCondition } from "./run-scope.ts";

const MOST = 1000;
/** Sums are taken of 2⁻²⁰ of every value: the greatest doubles then add up without overflow, which Postgres refuses. */
const SCALE = 2 ** -20;

interface Row {
  readonly value: string | null;
  readonly runs: number;
  readonly running: number;
  readonly metrics: Readonly<Record<string, { n: number; min: number; max: number; scaled: number }>> | null;
}

const AGGREGATES: Readonly<Record<string, Prisma.Sql>> = {
  min: Prisma.sql`s.least`,
  mean: Prisma.sql`s.scaled / s.n`,
  max: Prisma.sql`s.greatest`,
};

/** "n", "value" or "min|mean|max <metric>", with " DESC" or not. Errors: invalid_input. */
function groupOrder(clause: string, metrics: readonly string[]): Prisma.Sql {
  const descending = / desc$/i.test(clause);
  const name = clause.replace(/ (?:desc|asc)$/i, "");
  const way = descending ? Prisma.sql`desc nulls last` : Prisma.sql`asc nulls last`;
  const last = Prisma.sql`g.runs desc, g.value asc nulls last`;
  if (name === "n") return Prisma.sql`g.runs ${way}, g.value asc nulls last`;
  // As everywhere in the table: numbers by size, before texts.
  if (name === "value")
    return Prisma.sql`case when pg_input_is_valid(g.value, 'float8') then g.value::float8 end ${way}, g.value ${way}, ${last}`;
  const space = name.indexOf(" ");
  const [aggregate, metric] = [name.slice(0, Math.max(0, space)), name.slice(space + 1)] as const;
  const column = AGGREGATES[aggregate];
  if (!column || !metrics.includes(metric))
    throw new AppError("invalid_input", `Groups cannot be ordered by '${clause}'.`, {
      field: "orderBy",
      value: clause,
      remedy: "Write n, value, or min, mean or max and one of the metrics asked for.",
    });
  return Prisma.sql`(select ${column} from stats s where s.place = g.place and s.key = ${metric}) ${way}, ${last}`;
}

function statistics({ n, min, max, scaled }: { n: number; min: number; max: number; scaled: number }) {
  const infinite = max >= INFINITE ? (min <= -INFINITE ? null : INFINITE) : min <= -INFINITE ? -INFINITE : undefined;
  return { n, min, max, mean: infinite === undefined ? scaled / n / SCALE : infinite };
}

/**
 * Runs by the value of a parameter, tag, dataset or attribute: how many, and the least, mean and greatest latest value of each metric asked for, NaN left out.
 * Up to 1,000 groups, the largest first unless ordered otherwise. Errors: invalid_input with the place in the filter.
 */
export const groupRuns = defineUseCase({
  name: "tracking.group-runs",
  scope: "tracking:read",
  effect: "read",
  input: GroupRunsInput,
  async run({ input, project, db, actor }): Promise<RunGroupsDto> {
    const { groupBy, metrics, ...rest } = input;
    const where = scopeCondition(project.id, actor.userId, rest);
    const rows = await db.$queryRaw<Row[]>`
      with scoped as materialized (
        select r.id, r.status, ${groupValue(groupBy)} as value from runs r left join experiments e on e.id = r.experiment_id where ${where}),
      grouped as materialized (
        select value, count(*)::int as runs, (count(*) filter (where status = 'RUNNING'))::int as running, row_number() over (order by count(*) desc, value)::int as place
        from scoped group by value),
      -- Equality can be hashed, "is not distinct from" cannot.
      placed as (select s.id, g.place from scoped s join grouped g on coalesce(g.value, '') = coalesce(s.value, '') and (g.value is null) = (s.value is null)),
      stats as materialized (
        select p.place, m.key, count(*)::int as n, min(m.value) as least, max(m.value) as greatest,
          sum(case when abs(m.value) < 1e-290 then 0 else m.value * ${SCALE}::float8 end) as scaled
        from placed p join latest_metrics m on m.run_id = p.id and m.key = any(${metrics}::text[]) and not m.is_nan
        group by p.place, m.key)
      select g.value, g.runs, g.running,
        (select json_object_agg(s.key, json_build_object('n', s.n, 'min', s.least, 'max', s.greatest, 'scaled', s.scaled)) from stats s where s.place = g.place) as metrics
      from grouped g order by ${groupOrder(input.orderBy, metrics)} limit ${MOST + 1}`;
    return {
      groups: rows.slice(0, MOST).map(
        (row): RunGroupDto => ({
          value: row.value,
          runs: row.runs,
          running: row.running,
          metrics: Object.fromEntries(
            Object.entries(row.metrics ?? {}).map(([key, found]) => [key, statistics(found)]),
          ),
        }),
      ),
      more: rows.length > MOST,
    };
  },
});
