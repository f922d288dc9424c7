import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { cutPage, offsetOf } from "#server/kernel/offset-token.ts";
import { pool, Prisma } from "#server/platform/db.ts";
import { LIMITS, type RunDto, type RunPage, type RunSummaryDto, ViewType } from "./contract.ts";
import { stagesOf } from "./experiment.ts";
import { summaries } from "./list-runs.ts";
import { asked, experimentsByNumber, findRunIds } from "./find-run-ids.ts";
import { RUN_COLUMNS, runById, type RunRow } from "./run.ts";
import { withData } from "./run-data.ts";
import { runOrder } from "./run-filter.ts";

/**
 * Runs of the named experiments by filter and order, in pages; without `experiments`, of all. An experiment that does not exist has no runs.
 * Errors: invalid_input with the place in the filter or the clause of the ordering.
 */
export const searchRuns = defineUseCase({
  name: "tracking.search-runs",
  scope: "tracking:read",
  effect: "read",
  input: z.object({
    experiments: z.array(z.number().int()).optional(),
    filter: z.string().default(""),
    view: ViewType.default("ACTIVE_ONLY"),
    orderBy: z.array(z.string()).default([]),
    maxResults: z.coerce.number().int().min(0).max(LIMITS.runsPerSearch).default(1000),
    pageToken: z.string().optional(),
  }),
  async run({ input, project }): Promise<RunPage> {
    const conditions = asked(input.filter);
    const order = runOrder(input.orderBy);
    const offset = offsetOf(input.pageToken);
    const ids = await findRunIds({
      projectId: project.id,
      experimentIds: input.experiments === undefined ? null : await experimentsByNumber(project.id, input.experiments),
      stages: stagesOf(input.view),
      ...conditions,
      clauses: input.orderBy,
      order,
      limit: input.maxResults + 1,
      offset,
    });
    const { page, next } = cutPage(ids, offset, input.maxResults);
    return { runs: await withData(page, runsOf(page)), nextPageToken: next };
  },
});

/** The runs in the order of their ids; past Prisma, since a page may have thousands. */
async function runsOf(ids: readonly string[]): Promise<RunRow[]> {
  const sql = Prisma.sql`
    select ${RUN_COLUMNS} from unnest(${ids}::text[]) with ordinality as page(id, place)
    join runs r on r.id = page.id join experiments e on e.id = r.experiment_id order by page.place`;
  const { rows } = await pool().query<RunRow>({ name: "runs-by-id", text: sql.text, values: sql.values });
  return rows;
}

/** One run with everything it logged, deleted or not. Errors: not_found. */
export const getRun = defineUseCase({
  name: "tracking.get-run",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ runId: z.string() }),
  async run({ input, project, db }): Promise<RunDto> {
    const row = await runById(db, project.id, input.runId);
    const [run] = await withData([row.id], Promise.resolve([row]));
    if (!run) throw new Error("unreachable: the run was just read");
    return run;
  },
});

/** The runs that the steps of one pipeline run made, oldest first. */
export const listRunsOfPipeline = defineUseCase({
  name: "tracking.list-runs-of-pipeline",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ pipelineRunId: z.uuid() }),
  async run({ input, project, db }): Promise<RunSummaryDto[]> {
    const rows = await db.$queryRaw<RunRow[]>`
      select ${RUN_COLUMNS} from runs r join experiments e on e.id = r.experiment_id
      where r.project_id = ${project.id}::uuid and r.pipeline_run_id = ${input.pipelineRunId}::uuid and r.lifecycle_stage = 'active'
      order by r.start_time, r.id`;
    return await summaries(db, rows);
  },
});

/** The runs that name `runId` as their parent (mlflow.start_run(nested=True)), oldest first. */
export const listNestedRuns = defineUseCase({
  name: "tracking.list-nested-runs",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ runId: z.string() }),
  async run({ input, project, db }): Promise<RunSummaryDto[]> {
    const rows = await db.$queryRaw<RunRow[]>`
      select ${RUN_COLUMNS} from run_tags t join runs r on r.id = t.run_id join experiments e on e.id = r.experiment_id
      where t.key = 'mlflow.parentRunId' and t.value = ${input.runId} and r.project_id = ${project.id}::uuid and r.lifecycle_stage = 'active'
      order by r.start_time, r.id limit 500`;
    return await summaries(db, rows);
  },
});
