import { Prisma } from "#server/platform/db.ts";
import { stagesOf } from "./experiment.ts";
import { asFilter } from "./search-words-contract.ts";
import { runFilter } from "./run-filter.ts";
import type { RunScope } from "./runs-contract.ts";

/** What runs are grouped by, as SQL on r (runs) and e (experiments); null for a run that has no value. */
export function groupValue(by: string): Prisma.Sql {
  const [kind, key] = [by.slice(0, by.indexOf(".")), by.slice(by.indexOf(".") + 1)];
  if (kind === "params") return Prisma.sql`(select k.value from run_params k where k.run_id = r.id and k.key = ${key})`;
  if (kind === "tags") return Prisma.sql`(select k.value from run_tags k where k.run_id = r.id and k.key = ${key})`;
  if (kind === "datasets") return DATASETS;
  switch (key) {
    case "user":
      return USER;
    case "commit":
      return Prisma.sql`r.commit`;
    case "status":
      return Prisma.sql`r.status`;
    case "pipeline":
      return Prisma.sql`(select p.pipeline || ' #' || p.number from pipeline_runs p where p.id = r.pipeline_run_id)`;
    default:
      return Prisma.sql`e.name`;
  }
}

/** The datasets of a run as one text: the versions that were mounted, else those that the script logged. */
export const DATASETS = Prisma.sql`coalesce(
  (select string_agg(d.name || ' v' || d.version, ', ' order by d.name, d.version) from run_datasets d where d.run_id = r.id),
  (select string_agg(distinct i.name, ', ') from run_inputs i where i.run_id = r.id))`;

/** Who made a run: whose token it was, else the name that the client stated. */
export const USER = Prisma.sql`coalesce((select u.name from users u where u.id = r.created_by), nullif(r.user_name, ''))`;

/** The tag that names a parent is written out: the index of parents is partial, and a parameter would not meet it. */
function nested(parent: string, projectId: string, scope: RunScope): Prisma.Sql {
  if (parent !== "none")
    return Prisma.sql`exists (select from run_tags t where t.run_id = r.id and t.key = 'mlflow.parentRunId' and t.value = ${parent})`;
  // A run whose parent is not in the list would otherwise be nowhere.
  return Prisma.sql`not exists (select from run_tags t join runs p on p.id = t.value where t.run_id = r.id and t.key = 'mlflow.parentRunId'
    and p.project_id = ${projectId}::uuid and p.experiment_id = r.experiment_id
    and p.lifecycle_stage = any(${stagesOf(scope.view)}::text[]))`;
}

function marked(scope: RunScope, userId: string | null): Prisma.Sql {
  const mine = (which: Prisma.Sql) =>
    Prisma.sql`exists (select from run_marks k where k.user_id = ${userId}::uuid and k.project_id = r.project_id and k.run_id = r.id and ${which})`;
  switch (scope.marks) {
    case "apart":
      return Prisma.sql`not ${mine(Prisma.sql`(k.pinned or k.hidden)`)}`;
    case "shown":
      return Prisma.sql`not ${mine(Prisma.sql`k.hidden and not k.pinned`)}`;
    case "pinned":
      return mine(Prisma.sql`k.pinned`);
    case "unpinned":
      return Prisma.sql`not ${mine(Prisma.sql`k.pinned`)}`;
    default:
      return Prisma.sql`true`;
  }
}

/**
 * The condition that a scope puts on r (runs) and e (experiments); `userId` is whose marks count. Errors: invalid_input with the place in the filter.
 */
export function scopeCondition(projectId: string, userId: string | null, scope: RunScope): Prisma.Sql {
  const parts = [
    Prisma.sql`r.project_id = ${projectId}::uuid`,
    Prisma.sql`r.lifecycle_stage = any(${stagesOf(scope.view)}::text[])`,
    runFilter(asFilter(scope.filter)),
  ];
  if (scope.experiment !== undefined)
    parts.push(
      Prisma.sql`r.experiment_id = (select x.id from experiments x where x.project_id = ${projectId}::uuid and x.number = ${scope.experiment})`,
    );
  if (scope.parent !== undefined) parts.push(nested(scope.parent, projectId, scope));
  if (scope.groupBy !== undefined)
    parts.push(Prisma.sql`${groupValue(scope.groupBy)} is not distinct from ${scope.group ?? null}::text`);
  if (scope.until !== undefined) parts.push(Prisma.sql`r.created_at <= ${new Date(scope.until)}::timestamptz`);
  if (scope.marks !== "all") parts.push(marked(scope, userId));
  return Prisma.join(parts, " and ");
}
