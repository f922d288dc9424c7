import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import type { Db } from "#server/platform/db.ts";
import { type Contents, countRunsBelow, listDeletedExperiments, measureContents } from "#server/tracking/index.ts";
import { type KeptDto, type PurgePlanDto, PurgeWanted } from "./contract.ts";
import { referredOutside } from "./orphans.ts";
import { looseModels, meant, nextRuns } from "./wanted.ts";

/** Runs beyond this are not measured for a plan; the purge itself has no limit. */
const MOST_RUNS = 100_000;
const SHOWN_KEPT = 50;

/** What a purge of these things would remove and free now, and what it would leave alone. Changes nothing. */
export async function planOf(db: Db, projectId: string, input: PurgeWanted): Promise<PurgePlanDto> {
  const wanted = meant(input, new Date());
  const ids: string[] = [];
  const kept: KeptDto[] = [];
  for (let after: string | undefined; ids.length < MOST_RUNS; ) {
    const page = await nextRuns(db, projectId, wanted, { limit: 5000, ...(after === undefined ? {} : { after }) });
    if (!page) break;
    ids.push(...page.ids);
    kept.push(...page.kept);
    after = page.last;
  }
  const experiments = await listDeletedExperiments(db, projectId, wanted);
  const models = await looseModels(db, projectId, wanted);
  // Models of runs that go with them are found with the runs; the loose ones may be among them.
  const contents = await measureContents(db, projectId, ids, models.ids);
  kept.push(...models.kept);
  return {
    runs: ids.length,
    models: contents.models,
    experiments: experiments.length,
    points: contents.points,
    files: contents.files,
    bytes: contents.bytes,
    freed: await freedBy(db, contents),
    kept: kept.slice(0, SHOWN_KEPT),
    keptTotal: kept.length,
    below: ids.length === 0 ? 0 : await countRunsBelow(db, projectId, ids),
  };
}

async function freedBy(db: Db, { objects }: Contents): Promise<number> {
  const others = await referredOutside(
    db,
    objects.map((object) => object.sha256),
  );
  return objects.reduce((sum, object) => sum + (others.has(object.sha256) ? 0 : object.sizeBytes), 0);
}

/** What a purge would remove and free, for the dialog before it. */
export const planPurge = defineUseCase({
  name: "retention.plan-purge",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ wanted: PurgeWanted }),
  async run({ input, project, db }): Promise<PurgePlanDto> {
    return await planOf(db, project.id, input.wanted);
  },
});
