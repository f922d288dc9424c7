import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { type DatasetSummaryDto, TAGS } from "./contract.ts";

/** The datasets that runs of the named experiments logged as inputs, each once per context; at most 1,000. */
export const searchDatasets = defineUseCase({
  name: "tracking.search-datasets",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ experiments: z.array(z.number().int()) }),
  run: ({ input, project, db }) => db.$queryRaw<DatasetSummaryDto[]>`
    select distinct e.number as experiment, i.name, i.digest, i.tags ->> ${TAGS.datasetContext}::text as context
    from run_inputs i join runs r on r.id = i.run_id join experiments e on e.id = r.experiment_id
    where r.project_id = ${project.id}::uuid and e.number = any(${input.experiments.map(String)}::text[]::bigint[])
    order by 1, 2, 3, 4 limit 1000`,
});
