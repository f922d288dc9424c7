import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { hexId } from "#server/kernel/ids.ts";
import { type RunDto, TAGS } from "./contract.ts";
import { checkActiveExperiment, experimentByNumber, objectOf, pairsOf } from "./experiment.ts";
import { insertRun } from "./insert-run.ts";
import { checkedTag, truncate } from "./names.ts";
import { runInfo } from "./run.ts";
import { randomName } from "./run-names.ts";

/**
 * Starts a run. Commit, pipeline run, step and dataset versions come from the token of a pipeline step, never from the request.
 * Errors: not_found for the experiment; invalid_input when it is deleted, or when name and name tag disagree.
 */
export const createRun = defineUseCase({
  name: "tracking.create-run",
  scope: "tracking:write",
  effect: "write",
  unaudited: "its statement writes the event itself",
  oneStatement: true,
  input: z.object({
    experiment: z.coerce.number().int().min(0).default(0),
    name: z.string().default(""),
    userName: z.string().default(""),
    /** Milliseconds since 1970; 0 or nothing is now. */
    startTime: z.number().int().min(0).default(0),
    tags: z.array(z.object({ key: z.string(), value: z.string() })).default([]),
  }),
  async run({ input, actor, project, db }): Promise<RunDto> {
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
    const row = await insertRun({
      id: hexId(),
      projectId: project.id,
      experiment: input.experiment,
      name,
      startTime: input.startTime || Date.now(),
      userName: input.userName || tags[TAGS.user] || "",
      tags: pairsOf(tags),
      actor,
    });
    if (!row) {
      checkActiveExperiment(await experimentByNumber(db, project.id, input.experiment));
      throw new AppError("conflict", `The experiment ${input.experiment} was just restored.`, {
        field: "experiment_id",
        remedy: "Try again.",
      });
    }
    const { datasets, ...run } = row;
    // What a new run holds is known: to read it back would take six queries more.
    return {
      ...runInfo(run),
      metrics: [],
      params: [],
      tags: pairsOf(tags),
      inputs: [],
      datasets: datasets ?? [],
      modelInputs: [],
      modelOutputs: [],
    };
  },
});
