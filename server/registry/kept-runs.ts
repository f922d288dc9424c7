import type { Db } from "#server/platform/db.ts";

/** Which of these contents model versions of any project refer to, those that were deleted included: nobody may remove them. */
export async function keptByVersions(db: Db, hashes: readonly string[]): Promise<string[]> {
  const rows = await db.modelVersion.findMany({
    where: { sha256: { in: [...hashes] } },
    select: { sha256: true },
    distinct: ["sha256"],
  });
  return rows.flatMap((row) => row.sha256 ?? []);
}

export interface KeptRun {
  readonly runId: string;
  /** "penguins 3". */
  readonly version: string;
}

/**
 * Which of these runs a registered version needs: it names the run or one of the run's logged models, or its source lies among their files. A deleted
 * version needs nothing. One entry per run and version.
 */
export async function runsOfVersions(db: Db, projectId: string, runIds: readonly string[]): Promise<KeptRun[]> {
  return await db.$queryRaw<KeptRun[]>`
    with wanted as (select unnest(${[...runIds]}::text[]) as id),
    models as (
      select l.id, l.source_run_id from logged_models l join wanted w on w.id = l.source_run_id where l.project_id = ${projectId}::uuid
    ), versions as (
      select v.run_id, v.logged_model_id, substring(v.source from '[0-9a-f]{32}') as named, m.name || ' ' || v.version as version
      from model_versions v join registered_models m on m.id = v.model_id
      where v.project_id = ${projectId}::uuid and v.deleted_at is null
    )
    select w.id as "runId", v.version from wanted w join versions v on v.run_id = w.id or v.named = w.id
    union
    select l.source_run_id, v.version from models l join versions v on v.logged_model_id = l.id or 'm-' || v.named = l.id
    order by 1, 2`;
}

/** Which of these logged models a registered version needs. */
export async function modelsOfVersions(
  db: Db,
  projectId: string,
  modelIds: readonly string[],
): Promise<{ modelId: string; version: string }[]> {
  return await db.$queryRaw`
    select l.id as "modelId", min(m.name || ' ' || v.version) as version
    from unnest(${[...modelIds]}::text[]) as l(id)
    join model_versions v on v.project_id = ${projectId}::uuid and v.deleted_at is null
      and (v.logged_model_id = l.id or 'm-' || substring(v.source from '[0-9a-f]{32}') = l.id)
    join registered_models m on m.id = v.model_id
    group by 1 order by 1`;
}
