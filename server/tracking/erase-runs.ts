import type { Db } from "#server/platform/db.ts";
import { artifactRoot } from "./artifact-path.ts";

/** What is meant by an act on deleted things: named runs, the runs of named experiments, or all that were deleted by a moment. */
export type DeletedWanted =
  | { readonly runIds: readonly string[] }
  | { readonly experiments: readonly number[] }
  | { readonly deletedBy: Date };

export interface DeletedRun {
  readonly id: string;
  readonly name: string;
}

/** The deleted runs that are meant, by id, from behind `after`. */
export async function listDeletedRuns(
  db: Db,
  projectId: string,
  wanted: DeletedWanted,
  page: { readonly after?: string; readonly limit: number },
): Promise<DeletedRun[]> {
  const meant =
    "runIds" in wanted
      ? { id: { in: [...wanted.runIds] } }
      : "experiments" in wanted
        ? { experiment: { number: { in: [...wanted.experiments] }, lifecycleStage: "deleted" } }
        : { deletedTime: { lte: BigInt(wanted.deletedBy.getTime()) } };
  return await db.run.findMany({
    where: {
      AND: [meant, page.after === undefined ? {} : { id: { gt: page.after } }],
      projectId,
      lifecycleStage: "deleted",
    },
    select: { id: true, name: true },
    orderBy: { id: "asc" },
    take: page.limit,
  });
}

/** Deleted experiments that are meant, the Default one aside: every project keeps it. Named runs mean no experiment. */
export async function listDeletedExperiments(
  db: Db,
  projectId: string,
  wanted: DeletedWanted,
): Promise<{ id: string; number: number; name: string }[]> {
  if ("runIds" in wanted) return [];
  const meant =
    "experiments" in wanted ? { number: { in: [...wanted.experiments] } } : { updatedAt: { lte: wanted.deletedBy } };
  return await db.experiment.findMany({
    where: { AND: [meant, { number: { not: 0 } }], projectId, lifecycleStage: "deleted" },
    select: { id: true, number: true, name: true },
    orderBy: { number: "asc" },
  });
}

/** Logged models that go with no run: deleted by themselves, or of a deleted experiment and without a run that is left. */
export async function listDeletedModels(
  db: Db,
  projectId: string,
  wanted: DeletedWanted,
): Promise<{ id: string; name: string }[]> {
  if ("runIds" in wanted) return [];
  const numbers = "experiments" in wanted ? [...wanted.experiments] : null;
  const by = "deletedBy" in wanted ? wanted.deletedBy : new Date(0);
  return await db.$queryRaw`
    select m.id, m.name from logged_models m join experiments e on e.id = m.experiment_id
    where m.project_id = ${projectId}::uuid
      and case when ${numbers !== null} then e.number = any(${numbers ?? []}::int[]) and e.lifecycle_stage = 'deleted'
        else m.deleted_at <= ${by.getTime()}::bigint or e.lifecycle_stage = 'deleted' and e.updated_at <= ${by} end
      and (m.deleted_at is not null or not exists (select from runs r where r.id = m.source_run_id))
    order by m.id`;
}

async function modelsOf(db: Db, projectId: string, runIds: readonly string[]): Promise<string[]> {
  const rows = await db.loggedModel.findMany({
    where: { projectId, sourceRunId: { in: [...runIds] } },
    select: { id: true },
  });
  return rows.map((row) => row.id);
}

/** The roots of the artifacts of runs and logged models. */
async function rootsOf(
  db: Db,
  projectId: string,
  runIds: readonly string[],
  modelIds: readonly string[],
): Promise<string[]> {
  const select = { id: true, experiment: { select: { number: true } } } as const;
  const [runs, models] = await Promise.all([
    db.run.findMany({ where: { projectId, id: { in: [...runIds] } }, select }),
    db.loggedModel.findMany({ where: { projectId, id: { in: [...modelIds] } }, select }),
  ]);
  return [
    ...runs.map((run) => artifactRoot(run.experiment.number, { kind: "run", id: run.id })),
    ...models.map((model) => artifactRoot(model.experiment.number, { kind: "model", id: model.id })),
  ];
}

export interface Contents {
  readonly models: number;
  readonly points: number;
  readonly files: number;
  /** The sizes of the files added up, whoever else has the same content. */
  readonly bytes: number;
  /** Content that no artifact outside refers to. */
  readonly objects: readonly { readonly sha256: string; readonly sizeBytes: number }[];
}

/** What runs hold, with the models that they logged, and further logged models. */
export async function measureContents(
  db: Db,
  projectId: string,
  runIds: readonly string[],
  moreModels: readonly string[] = [],
): Promise<Contents> {
  const modelIds = [...new Set([...(await modelsOf(db, projectId, runIds)), ...moreModels])];
  const roots = await rootsOf(db, projectId, runIds, modelIds);
  const [points, [files], objects] = await Promise.all([
    countPoints(db, runIds),
    db.$queryRaw<{ files: number; bytes: number }[]>`
      select count(*)::float8 as files, coalesce(sum(size_bytes), 0)::float8 as bytes from artifacts
      where project_id = ${projectId}::uuid and root = any(${roots}::text[])`,
    db.$queryRaw<{ sha256: string; sizeBytes: number }[]>`
      select a.sha256, max(a.size_bytes)::float8 as "sizeBytes" from artifacts a
      where a.project_id = ${projectId}::uuid and a.root = any(${roots}::text[])
        and not exists (
          select from artifacts b where b.sha256 = a.sha256
            and not (b.project_id = ${projectId}::uuid and b.root = any(${roots}::text[])))
      group by a.sha256`,
  ]);
  return { models: modelIds.length, points, files: files?.files ?? 0, bytes: files?.bytes ?? 0, objects };
}

async function countPoints(db: Db, runIds: readonly string[]): Promise<number> {
  const [row] = await db.$queryRaw<{ points: number }[]>`
    select coalesce((select sum(count) from metric_chunks where run_id = any(${[...runIds]}::text[])), 0)::float8
      + coalesce((select sum(c) from metric_batches, unnest(counts) as c where run_id = any(${[...runIds]}::text[])), 0)::float8 as points`;
  return row?.points ?? 0;
}

export interface Erased {
  readonly runs: number;
  readonly models: number;
  readonly points: number;
  readonly files: number;
  /** The content that their files had; whether anybody else has it too is to be asked. */
  readonly hashes: readonly string[];
}

/**
 * Removes deleted runs for good, in the caller's transaction: what they logged, their files, and the models they logged with theirs; and further logged
 * models. A run that was restored meanwhile stays. The content of the files is left to whoever collects it.
 */
export async function eraseContents(
  tx: Db,
  projectId: string,
  runIds: readonly string[],
  moreModels: readonly string[] = [],
): Promise<Erased> {
  // Held until the end, so that nobody restores a run of which half is gone.
  const held = await tx.$queryRaw<{ id: string }[]>`
    select id from runs where project_id = ${projectId}::uuid and id = any(${[...runIds]}::text[]) and lifecycle_stage = 'deleted'
    order by id for update`;
  const ids = held.map((run) => run.id);
  const modelIds = [...new Set([...(await modelsOf(tx, projectId, ids)), ...moreModels])];
  const roots = await rootsOf(tx, projectId, ids, modelIds);
  const points = await countPoints(tx, ids);
  const gone = await tx.$queryRaw<{ sha256: string }[]>`
    delete from artifacts where project_id = ${projectId}::uuid and root = any(${roots}::text[]) returning sha256`;
  // What these runs measured of models that stay.
  await tx.$executeRaw`
    delete from logged_model_metrics where run_id = any(${ids}::text[])
      and model_id in (select model_id from run_model_links where run_id = any(${ids}::text[]))`;
  await tx.loggedModel.deleteMany({ where: { projectId, id: { in: modelIds } } });
  await tx.run.deleteMany({ where: { projectId, id: { in: ids } } });
  return {
    runs: ids.length,
    models: modelIds.length,
    points,
    files: gone.length,
    hashes: [...new Set(gone.map((file) => file.sha256))],
  };
}

/** Removes a deleted experiment that holds nothing any more, and keeps its number taken. false when something is still in it. */
export async function eraseExperiment(tx: Db, projectId: string, id: string): Promise<boolean> {
  const [held] = await tx.$queryRaw<{ number: number; name: string }[]>`
    select number, name from experiments e
    where id = ${id}::uuid and project_id = ${projectId}::uuid and lifecycle_stage = 'deleted' and number <> 0
      and not exists (select from runs r where r.experiment_id = e.id)
      and not exists (select from logged_models m where m.experiment_id = e.id)
    for update`;
  if (!held) return false;
  await tx.purgedExperiment.create({ data: { projectId, ...held } });
  await tx.experiment.delete({ where: { id } });
  return true;
}
