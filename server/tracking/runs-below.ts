import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { type Db, Prisma } from "#server/platform/db.ts";

/** More than this are only counted: an act on them goes by a search. */
const LISTED = 10_000;

/**
 * The runs of the project that lie below these, at whatever depth, as SQL of `id`s. A parent is only a tag, so there may be circles: each run is walked once.
 */
function below(projectId: string, runIds: readonly string[]): Prisma.Sql {
  return Prisma.sql`with recursive below as (
    select unnest(${[...runIds]}::text[]) as id
    union
    select c.id from below b join run_tags t on t.key = 'mlflow.parentRunId' and t.value = b.id
      join runs c on c.id = t.run_id and c.project_id = ${projectId}::uuid)`;
}

/** How many runs are nested below these and are none of them. */
export async function countRunsBelow(db: Db, projectId: string, runIds: readonly string[]): Promise<number> {
  const [row] = await db.$queryRaw<{ n: number }[]>`
    ${below(projectId, runIds)} select count(*)::int as n from below where not id = any(${[...runIds]}::text[])`;
  return row?.n ?? 0;
}

/** The active runs that are nested below these, at whatever depth, without these themselves; what deleting a parent leaves behind. */
export const listRunsBelow = defineUseCase({
  name: "tracking.list-runs-below",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ runIds: z.array(z.string()).min(1, "Name at least one run.").max(1000) }),
  async run({ input: { runIds }, project, db }): Promise<{ runIds: string[] }> {
    const rows = await db.$queryRaw<{ id: string }[]>`
      ${below(project.id, runIds)} select r.id from below join runs r using (id)
      where r.lifecycle_stage = 'active' and r.project_id = ${project.id}::uuid and not r.id = any(${[...runIds]}::text[])
      order by r.start_time, r.id limit ${LISTED}`;
    return { runIds: rows.map((row) => row.id) };
  },
});
