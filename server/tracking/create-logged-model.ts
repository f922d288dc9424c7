import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { hexId } from "#server/kernel/ids.ts";
import type { LoggedModelDto } from "./contract.ts";
import { checkActiveExperiment, experimentByNumber, objectOf } from "./experiment.ts";
import { modelById } from "./logged-model.ts";
import { checkLoggedModelName } from "./names.ts";
import { runById } from "./run.ts";
import { randomName } from "./run-names.ts";

const Pair = z.object({ key: z.string(), value: z.string() });

/**
 * Announces a model whose files a client is about to send; it is PENDING until `finalizeLoggedModel`. Errors: not_found for the experiment or the
 * source run; invalid_input for the name.
 */
export const createLoggedModel = defineUseCase({
  name: "tracking.create-logged-model",
  scope: "tracking:write",
  effect: "write",
  input: z.object({
    experiment: z.number().int().min(0),
    name: z.string().optional(),
    modelType: z.string().optional(),
    sourceRunId: z.string().optional(),
    params: z.array(Pair).default([]),
    tags: z.array(Pair).default([]),
  }),
  async run({ input, actor, project, db, audit, publish }): Promise<LoggedModelDto> {
    if (input.name !== undefined) checkLoggedModelName(input.name);
    const experiment = await experimentByNumber(db, project.id, input.experiment);
    checkActiveExperiment(experiment);
    if (input.sourceRunId) await runById(db, project.id, input.sourceRunId);
    const now = BigInt(Date.now());
    const model = await db.loggedModel.create({
      data: {
        id: `m-${hexId()}`,
        projectId: project.id,
        experimentId: experiment.id,
        name: input.name ?? randomName(),
        status: "PENDING",
        modelType: input.modelType || null,
        sourceRunId: input.sourceRunId || null,
        params: objectOf(input.params),
        tags: objectOf(input.tags),
        createdAt: now,
        updatedAt: now,
      },
    });
    await audit({
      action: "logged-model.created",
      subject: { type: "logged-model", id: model.id },
      summary: `${actor.name} logged the model ${model.name} in ${experiment.name}`,
      details: { runId: model.sourceRunId },
    });
    await publish("runs", model.sourceRunId ?? model.id);
    return await modelById(db, project.id, model.id);
  },
});
