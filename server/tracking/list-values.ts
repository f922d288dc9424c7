import { defineUseCase } from "#server/identity/index.ts";
import { Prisma } from "#server/platform/db.ts";
import { ListValuesInput, RunStatus, TAGS } from "./contract.ts";
import { stagesOf } from "./experiment.ts";
import { USER } from "./run-scope.ts";

/** How many of the latest runs are looked at, and how many of their values are told. */
const RUNS = 5000;
const MOST = 50;
/** A longer value cannot be completed usefully. */
const LONG = 200;

/**
 * What a name of the filter grammar has as values, as a select with a column `value` over the ids of `scoped`; null when it is a number or
 * unknown. `offset 0` keeps the planner from reading the whole table for a few thousand runs.
 */
function valuesOf(name: string): Prisma.Sql | null {
  const [kind, key] = [name.slice(0, name.indexOf(".")), name.slice(name.indexOf(".") + 1)];
  switch (kind) {
    case "params":
      return Prisma.sql`select k.value from scoped s cross join lateral (select x.value from run_params x where x.run_id = s.id and x.key = ${key} offset 0) as k`;
    case "tags":
      return Prisma.sql`select k.value from scoped s cross join lateral (select x.value from run_tags x where x.run_id = s.id and x.key = ${key} offset 0) as k`;
    case "datasets":
      return key === "context"
        ? Prisma.sql`select i.tags ->> ${TAGS.datasetContext}::text as value from scoped s join run_inputs i on i.run_id = s.id`
        : Prisma.sql`select ${key === "digest" ? Prisma.sql`i.digest` : Prisma.sql`i.name`} as value from scoped s join run_inputs i on i.run_id = s.id`;
    default:
      break;
  }
  if (key === "run_name") return Prisma.sql`select r.name as value from scoped s join runs r on r.id = s.id`;
  if (key === "user_id") return Prisma.sql`select r.user_name as value from scoped s join runs r on r.id = s.id`;
  return key === "user" ? Prisma.sql`select ${USER} as value from scoped s join runs r on r.id = s.id` : null;
}

/**
 * The values that a name of a filter has among the latest 5,000 runs, the most frequent first, up to 50 that begin as asked, whatever the case. Numbers have none.
 */
export const listValues = defineUseCase({
  name: "tracking.list-values",
  scope: "tracking:read",
  effect: "read",
  input: ListValuesInput,
  async run({ input, project, db }): Promise<{ values: { value: string; runs: number }[] }> {
    if (input.name === "attributes.status") return { values: RunStatus.options.map((value) => ({ value, runs: 0 })) };
    const values = valuesOf(input.name);
    if (!values) return { values: [] };
    const begins = `${input.begins.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    const rows = await db.$queryRaw<{ value: string; runs: number }[]>`
      with scoped as materialized (
        select r.id from runs r where r.project_id = ${project.id}::uuid and r.lifecycle_stage = any(${stagesOf(input.view)}::text[])
          and ${
            input.experiment === undefined
              ? Prisma.sql`true`
              : Prisma.sql`r.experiment_id = (select x.id from experiments x where x.project_id = ${project.id}::uuid and x.number = ${input.experiment})`
          }
        order by r.start_time desc limit ${RUNS})
      select value, count(*)::int as runs from (${values}) as found
      where value <> '' and length(value) <= ${LONG} and value ilike ${begins}
      group by value order by runs desc, value limit ${MOST}`;
    return { values: rows };
  },
});
