import type { Db } from "#server/platform/db.ts";
import { modelsOfVersions, runsOfVersions } from "#server/registry/index.ts";
import { type DeletedWanted, listDeletedModels, listDeletedRuns } from "#server/tracking/index.ts";
import type { KeptDto, PurgeWanted } from "./contract.ts";

/** Days become the moment that they reach back to. */
export function meant(wanted: PurgeWanted, now: Date): DeletedWanted {
  return "olderThanDays" in wanted
    ? { deletedBy: new Date(now.getTime() - wanted.olderThanDays * 24 * 3600_000) }
    : wanted;
}

export interface Sorted {
  readonly ids: string[];
  readonly kept: KeptDto[];
}

/** The next deleted runs that are meant, sorted into those that may go and those that a registered version keeps. null at the end. */
export async function nextRuns(
  db: Db,
  projectId: string,
  wanted: DeletedWanted,
  page: { readonly after?: string; readonly limit: number },
): Promise<(Sorted & { readonly last: string }) | null> {
  const runs = await listDeletedRuns(db, projectId, wanted, page);
  const last = runs.at(-1);
  if (!last) return null;
  const needed = new Map<string, string[]>();
  const ids = runs.map((run) => run.id);
  for (const { runId, version } of await runsOfVersions(db, projectId, ids))
    needed.set(runId, [...(needed.get(runId) ?? []), version]);
  return {
    ids: ids.filter((id) => !needed.has(id)),
    kept: runs.flatMap(({ id, name }) => {
      const versions = needed.get(id);
      return versions
        ? [{ kind: "run" as const, id, name, why: `Model version ${versions.join(", ")} comes from it.` }]
        : [];
    }),
    last: last.id,
  };
}

/** Logged models that are meant beside those of the runs, sorted likewise. */
export async function looseModels(db: Db, projectId: string, wanted: DeletedWanted): Promise<Sorted> {
  const models = await listDeletedModels(db, projectId, wanted);
  const rows = await modelsOfVersions(
    db,
    projectId,
    models.map((model) => model.id),
  );
  const needed = new Map(rows.map((row) => [row.modelId, row.version]));
  return {
    ids: models.filter((model) => !needed.has(model.id)).map((model) => model.id),
    kept: models.flatMap(({ id, name }) => {
      const version = needed.get(id);
      return version ? [{ kind: "model" as const, id, name, why: `Model version ${version} comes from it.` }] : [];
    }),
  };
}
