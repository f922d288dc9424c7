import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { cutPage, offsetOf } from "#server/kernel/offset-token.ts";
import type { Db } from "#server/platform/db.ts";
import { type RunSummaryDto, type RunSummaryPage, TAGS, ViewType } from "./contract.ts";
import { stagesOf } from "./experiment.ts";
import { RUN_COLUMNS, type RunRow, runInfo } from "./run.ts";
import { runFilter, runOrder } from "./run-filter.ts";

interface Logged {
  readonly id: string;
  readonly metrics: Readonly<Record<string, number | null>> | null;
  readonly params: Readonly<Record<string, string>> | null;
  readonly datasets: RunSummaryDto["datasets"] | null;
  readonly inputs: RunSummaryDto["inputs"] | null;
  readonly parentRunId: string | null;
  readonly models: number;
}

/** What tables show of runs, in one query whatever their number; schemas, profiles and tags stay in the database. */
async function logged(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, Logged>> {
  const rows = await db.$queryRaw<Logged[]>`
    select r.id,
      (select json_object_agg(key, case when is_nan then null else value end) from latest_metrics where run_id = r.id) as metrics,
      (select json_object_agg(key, value) from run_params where run_id = r.id) as params,
      (select json_agg(json_build_object('versionId', dataset_version_id, 'name', name, 'version', version) order by name, version)
        from run_datasets where run_id = r.id) as datasets,
      (select json_agg(json_build_object('name', name, 'digest', digest) order by name, digest) from run_inputs where run_id = r.id) as inputs,
      (select value from run_tags where run_id = r.id and key = ${TAGS.parentRun}) as "parentRunId",
      (select count(*)::int from run_model_links where run_id = r.id and direction = 'output') as models
    from unnest(${[...ids]}::text[]) as r(id)`;
  return new Map(rows.map((row) => [row.id, row]));
}

/** Rows as a table of runs shows them, in the order given. */
export async function summaries(db: Db, rows: readonly RunRow[]): Promise<RunSummaryDto[]> {
  if (rows.length === 0) return [];
  const byId = await logged(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => {
    const found = byId.get(row.id);
    return {
      ...runInfo(row),
      metrics: found?.metrics ?? {},
      params: found?.params ?? {},
      datasets: found?.datasets ?? [],
      inputs: found?.inputs ?? [],
      parentRunId: found?.parentRunId ?? null,
      models: found?.models ?? 0,
    };
  });
}

/**
 * Runs for a table: those of one experiment, or of all, by filter, newest first, in pages. Errors: invalid_input with the place in the filter.
 */
export const listRuns = defineUseCase({
  name: "tracking.list-runs",
  scope: "tracking:read",
  effect: "read",
  input: z.object({
    experiment: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
    filter: z.string().default(""),
    view: ViewType.default("ACTIVE_ONLY"),
    maxResults: z.coerce.number().int().min(1).max(1000).default(500),
    pageToken: z.string().optional(),
  }),
  async run({ input, project, db }): Promise<RunSummaryPage> {
    const where = runFilter(input.filter);
    const { orderBy } = runOrder([]);
    const offset = offsetOf(input.pageToken);
    const rows = await db.$queryRaw<RunRow[]>`
      select ${RUN_COLUMNS} from runs r join experiments e on e.id = r.experiment_id
      where r.project_id = ${project.id}::uuid and r.lifecycle_stage = any(${stagesOf(input.view)}::text[])
        and (${input.experiment === undefined} or e.number = ${input.experiment ?? 0}) and ${where}
      order by ${orderBy} limit ${input.maxResults + 1} offset ${offset}`;
    const { page, next } = cutPage(rows, offset, input.maxResults);
    return { runs: await summaries(db, page), nextPageToken: next };
  },
});

/** The named runs in the order named, deleted ones too, for comparison. A run that is not there is left out. */
export const getRuns = defineUseCase({
  name: "tracking.get-runs",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ runIds: z.array(z.string()).max(100) }),
  async run({ input: { runIds }, project, db }): Promise<RunSummaryDto[]> {
    const rows = await db.$queryRaw<RunRow[]>`
      select ${RUN_COLUMNS} from runs r join experiments e on e.id = r.experiment_id
      where r.project_id = ${project.id}::uuid and r.id = any(${runIds}::text[])`;
    const found = await summaries(db, rows);
    return runIds.flatMap((id) => found.find((run) => run.id === id) ?? []);
  },
});
