import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { listRunsOfPipeline } from "#server/tracking/index.ts";
import { RunNumber, type TrackedRunDto } from "./contract.ts";
import { findRun } from "./find-run.ts";

/** The experiment runs that the steps of a pipeline run logged, oldest first. */
export const listTrackedRuns = defineUseCase({
  name: "pipelines.list-tracked-runs",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ number: RunNumber }),
  async run({ input, actor, project, db }): Promise<TrackedRunDto[]> {
    const { id } = await findRun(db, project.id, input.number);
    const runs = await listRunsOfPipeline(actor, project.id, { pipelineRunId: id });
    return runs.map((run) => ({ id: run.id, name: run.name, status: run.status, step: run.pipeline?.step ?? "" }));
  },
});
