import { parseOrdering } from "#server/kernel/comparisons.ts";
import { Prisma } from "#server/platform/db.ts";
import { ordered } from "./conditions.ts";
import { DATASETS, groupValue, USER } from "./run-scope.ts";
import { type RunOrder, runOrder } from "./run-filter.ts";

const PARAMS = new Set(["params", "param", "parameter", "parameters"]);
const ATTRIBUTES = new Set([null, "attributes", "attribute", "attr", "run"]);

/** What the columns of the runs table have beyond MLflow's attributes. */
const COLUMNS: Readonly<Record<string, Prisma.Sql>> = {
  // A run that goes has lasted until now.
  duration: Prisma.sql`coalesce(r.end_time, (extract(epoch from now()) * 1000)::bigint) - r.start_time`,
  user: USER,
  commit: Prisma.sql`r.commit`,
  experiment: Prisma.sql`e.name`,
  pipeline: groupValue("attributes.pipeline"),
};

/**
 * The ordering of the runs table: `runOrder`, and for a single clause also the table's other columns. A parameter orders by its number where it is one, then by
 * its text, so that 9 comes before 10. What is missing comes last whatever the direction, ties go to the later start, then to the id.
 */
export function tableOrder(clauses: readonly string[]): RunOrder {
  const [clause] = clauses;
  if (clause === undefined || clauses.length > 1) return runOrder(clauses);
  const { entity, key, ascending } = parseOrdering(clause);
  const last = Prisma.sql`r.start_time desc, r.id`;
  if (entity !== null && PARAMS.has(entity)) {
    const number = Prisma.sql`case when pg_input_is_valid(o.value, 'float8') then o.value::float8 end`;
    return {
      joins: Prisma.sql`left join run_params o on o.run_id = r.id and o.key = ${key}`,
      orderBy: Prisma.sql`${ordered(number, ascending)}, ${ordered(Prisma.sql`o.value`, ascending)}, ${last}`,
    };
  }
  const column =
    (entity === "datasets" || entity === "dataset") && key === "name"
      ? DATASETS
      : ATTRIBUTES.has(entity)
        ? COLUMNS[key]
        : undefined;
  if (column === undefined) return runOrder(clauses);
  return { joins: Prisma.empty, orderBy: Prisma.sql`${ordered(column, ascending)}, ${last}` };
}
