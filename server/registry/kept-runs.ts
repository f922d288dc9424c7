import { json } from "node:stream/consumers";
import { isAppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { openRead } from "#server/platform/objects.ts";
import { ModelManifest } from "./pyfunc-contract.ts";

/**
 * Which of these contents model versions of any project refer to, those that were deleted included, as files or as files of a model that is a folder: nobody
 * may remove them.
 */
export async function keptByVersions(db: Db, hashes: readonly string[]): Promise<string[]> {
  const wanted = new Set(hashes);
  const rows = await db.$queryRaw<{ sha256: string; folder: boolean }[]>`
    select distinct sha256, runtime is distinct from 'onnx' as folder from model_versions
    where sha256 is not null and (sha256 = any(${[...hashes]}::text[]) or runtime is distinct from 'onnx')`;
  const kept = new Set(rows.flatMap(({ sha256 }) => (wanted.has(sha256) ? [sha256] : [])));
  for (const { sha256, folder } of rows) {
    if (!folder || kept.size === wanted.size) continue;
    for (const file of await filesOfFolder(sha256)) if (wanted.has(file.sha256)) kept.add(file.sha256);
  }
  return [...kept];
}

/** The files of a model that is a folder. One whose list is lost keeps nothing that could still be found through it. */
async function filesOfFolder(sha256: string): Promise<ModelManifest["files"]> {
  try {
    return ModelManifest.safeParse(await json(await openRead(sha256))).data?.files ?? [];
  } catch (error) {
    if (isAppError(error, "not_found")) return [];
    throw error;
  }
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
