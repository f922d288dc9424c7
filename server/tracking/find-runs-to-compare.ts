import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { LIMITS, type RunSummaryDto } from "./contract.ts";
import { summaries } from "./list-runs.ts";
import { RUN_COLUMNS, type RunRow } from "./run.ts";
import { runFilter } from "./run-filter.ts";
import { tableOrder } from "./run-sort.ts";
import { asFilter } from "./search-words-contract.ts";

/**
 * The first runs of a search, for comparison without listing them: at most `top` of one experiment, or of all, by filter and one ordering clause
 * ("metrics.auc DESC"), otherwise the newest. Filter and clause are those of the runs table. Errors: invalid_input with the place in the filter or the clause.
 */
export const findRunsToCompare = defineUseCase({
  name: "tracking.find-runs-to-compare",
  scope: "tracking:read",
  effect: "read",
  input: z.object({
    experiment: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
    filter: z.string().default(""),
    order: z.string().optional(),
    top: z.coerce
      .number()
      .int()
      .min(2)
      .catch(100)
      .default(100)
      .transform((top) => Math.min(top, LIMITS.runsPerComparison)),
  }),
  async run({ input, project, db }): Promise<RunSummaryDto[]> {
    const where = runFilter(asFilter(input.filter));
    const { joins, orderBy } = tableOrder(input.order === undefined ? [] : [input.order]);
    const rows = await db.$queryRaw<RunRow[]>`
      select ${RUN_COLUMNS} from runs r join experiments e on e.id = r.experiment_id ${joins}
      where r.project_id = ${project.id}::uuid and r.lifecycle_stage = 'active'
        and (${input.experiment === undefined} or e.number = ${input.experiment ?? 0}) and ${where}
      order by ${orderBy} limit ${input.top}`;
    return await summaries(db, rows);
  },
});
