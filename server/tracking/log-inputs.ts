import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { isDue } from "./announcements.ts";
import { LIMITS } from "./contract.ts";
import { objectOf } from "./experiment.ts";
import { checkLength } from "./names.ts";
import { activeRun } from "./run.ts";

const DatasetInput = z.object({
  name: z.string(),
  digest: z.string(),
  sourceType: z.string(),
  source: z.string(),
  schema: z.string().nullish(),
  profile: z.string().nullish(),
  tags: z.array(z.object({ key: z.string(), value: z.string() })).default([]),
});

function checkDataset(dataset: z.infer<typeof DatasetInput>): void {
  checkLength("name", LIMITS.datasetName, dataset.name);
  checkLength("digest", LIMITS.datasetDigest, dataset.digest);
  checkLength("source", LIMITS.datasetSource, dataset.source);
  checkLength("schema", LIMITS.datasetSchema, dataset.schema ?? "");
  checkLength("profile", LIMITS.datasetProfile, dataset.profile ?? "");
  for (const { key, value } of dataset.tags) {
    checkLength("key", LIMITS.inputTagKey, key);
    checkLength("value", LIMITS.inputTagValue, value);
  }
}

/** Errors: not_found naming the first logged model that is not the project's. */
async function checkModels(db: Db, projectId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const known = await db.loggedModel.findMany({ where: { projectId, id: { in: [...ids] } }, select: { id: true } });
  const missing = ids.find((id) => !known.some((model) => model.id === id));
  if (missing !== undefined)
    throw new AppError("not_found", `Logged model with ID '${missing}' not found.`, {
      field: "model_id",
      value: missing,
    });
}

/** Notes what a run was made from: datasets as the client knows them, and logged models. The same again changes nothing. */
export const logInputs = defineUseCase({
  name: "tracking.log-inputs",
  scope: "tracking:write",
  effect: "write",
  unaudited: "the inputs of a run are its content; its start, end and deletion are audited",
  input: z.object({
    runId: z.string(),
    datasets: z.array(DatasetInput).default([]),
    models: z.array(z.string()).default([]),
  }),
  async run({ input, project, db, publish }) {
    input.datasets.forEach(checkDataset);
    const { id: runId } = await activeRun(db, project.id, input.runId);
    await checkModels(db, project.id, input.models);
    // The first of two with the same name and digest counts, here and in the table.
    await db.runInput.createMany({
      data: input.datasets.map(({ tags, schema, profile, ...dataset }) => ({
        ...dataset,
        runId,
        schema: schema ?? null,
        profile: profile ?? null,
        tags: objectOf(tags),
      })),
      skipDuplicates: true,
    });
    await db.runModelLink.createMany({
      data: input.models.map((modelId) => ({ runId, modelId, direction: "input" })),
      skipDuplicates: true,
    });
    if (isDue(runId)) await publish("runs", runId);
    return { runId };
  },
});

/** Notes the logged models that a run made, each with the step at which it did. The same again changes nothing. */
export const logOutputs = defineUseCase({
  name: "tracking.log-outputs",
  scope: "tracking:write",
  effect: "write",
  unaudited: "the outputs of a run are its content; its start, end and deletion are audited",
  input: z.object({
    runId: z.string(),
    models: z.array(z.object({ modelId: z.string(), step: z.number().int().default(0) })),
  }),
  async run({ input, project, db, publish }) {
    const { id: runId } = await activeRun(db, project.id, input.runId);
    await checkModels(
      db,
      project.id,
      input.models.map((model) => model.modelId),
    );
    await db.runModelLink.createMany({
      data: input.models.map(({ modelId, step }) => ({ runId, modelId, direction: "output", step: BigInt(step) })),
      skipDuplicates: true,
    });
    if (isDue(runId)) await publish("runs", runId);
    return { runId };
  },
});
