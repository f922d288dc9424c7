import { z } from "zod";
import { type Actor, defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { hexId } from "#server/kernel/ids.ts";
import type { Db } from "#server/platform/db.ts";
import { type RunDto, TAGS } from "./contract.ts";
import { checkActiveExperiment, experimentByNumber, objectOf, pairsOf } from "./experiment.ts";
import { checkedTag, truncate } from "./names.ts";
import { runById, runInfo } from "./run.ts";
import { randomName } from "./run-names.ts";

/**
 * The dataset versions that the platform mounted into the step. Their names are noted as they are now: a run says on what it was made even when
 * the data later has another name.
 */
async function mountedDatasets(db: Db, projectId: string, actor: Actor) {
  const ids = actor.token?.step?.datasetVersionIds ?? [];
  if (ids.length === 0) return [];
  const found = await db.datasetVersion.findMany({
    where: { projectId, id: { in: [...ids] } },
    select: { id: true, version: true, dataset: { select: { name: true } } },
  });
  return found.map(({ id, version, dataset }) => ({ datasetVersionId: id, version, name: dataset.name }));
}

/**
 * Starts a run. Commit, pipeline run, step and dataset versions come from the token of a pipeline step, never from the request.
 * Errors: not_found for the experiment; invalid_input when it is deleted, or when name and name tag disagree.
 */
export const createRun = defineUseCase({
  name: "tracking.create-run",
  scope: "tracking:write",
  effect: "write",
  input: z.object({
    experiment: z.coerce.number().int().min(0).default(0),
    name: z.string().default(""),
    userName: z.string().default(""),
    /** Milliseconds since 1970; 0 or nothing is now. */
    startTime: z.number().int().min(0).default(0),
    tags: z.array(z.object({ key: z.string(), value: z.string() })).default([]),
  }),
  async run({ input, actor, project, db, audit, publish }): Promise<RunDto> {
    const experiment = await experimentByNumber(db, project.id, input.experiment);
    checkActiveExperiment(experiment);
    const tags = objectOf(input.tags.map((tag, i) => checkedTag(tag, `tags[${i}]`)));
    const tagged = tags[TAGS.runName] ?? "";
    if (input.name && tagged && input.name !== tagged)
      throw new AppError(
        "invalid_input",
        `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${input.name}', mlflow.runName='${tagged}').`,
        { field: "run_name" },
      );
    const name = input.name || tagged || randomName();
    if (!tagged) tags[TAGS.runName] = truncate(name, 8000);
    const id = hexId();
    const datasets = await mountedDatasets(db, project.id, actor);
    const step = actor.token?.step;
    await db.run.create({
      data: {
        id,
        projectId: project.id,
        experimentId: experiment.id,
        name,
        startTime: BigInt(input.startTime || Date.now()),
        userName: input.userName || tags[TAGS.user] || "",
        createdBy: actor.userId,
        ...(step ? { commit: step.commit, pipelineRunId: step.pipelineRunId, pipelineStep: step.step } : {}),
        tags: { createMany: { data: Object.entries(tags).map(([key, value]) => ({ key, value })) } },
        datasets: { createMany: { data: datasets } },
      },
    });
    await audit({
      action: "run.created",
      subject: { type: "run", id },
      summary: `${actor.name} started the run ${name} in ${experiment.name}`,
      ...(step ? { details: { commit: step.commit, pipelineRunId: step.pipelineRunId, step: step.step } } : {}),
    });
    await publish("runs", id);
    // What a new run holds is known: to read it back would take six queries more.
    return {
      ...runInfo(await runById(db, project.id, id)),
      metrics: [],
      params: [],
      tags: pairsOf(tags),
      inputs: [],
      datasets: datasets.map(({ datasetVersionId, ...dataset }) => ({ versionId: datasetVersionId, ...dataset })),
      modelInputs: [],
      modelOutputs: [],
    };
  },
});
