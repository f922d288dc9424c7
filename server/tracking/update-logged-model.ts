import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { type LoggedModelDto, LoggedModelStatus } from "./contract.ts";
import { objectOf } from "./experiment.ts";
import { modelById } from "./logged-model.ts";

const Pairs = z.array(z.object({ key: z.string(), value: z.string() }));
const content = "tags and parameters of a logged model are its content; its creation and deletion are audited";

/** Says that a model's files are all there, or that they will not come. Errors: not_found. */
export const finalizeLoggedModel = defineUseCase({
  name: "tracking.finalize-logged-model",
  scope: "tracking:write",
  effect: "write",
  input: z.object({ modelId: z.string(), status: LoggedModelStatus }),
  async run({ input: { modelId, status }, actor, project, db, audit, publish }): Promise<LoggedModelDto> {
    const model = await modelById(db, project.id, modelId);
    await db.loggedModel.update({ where: { id: modelId }, data: { status, updatedAt: BigInt(Date.now()) } });
    await audit({
      action: "logged-model.finalized",
      subject: { type: "logged-model", id: modelId },
      summary: `${actor.name} set the logged model ${model.name} to ${status.toLowerCase().replace("_", " ")}`,
    });
    await publish("runs", model.sourceRunId ?? modelId);
    return await modelById(db, project.id, modelId);
  },
});

/** Deletes a logged model from lists and searches; its files stay. Errors: not_found. */
export const deleteLoggedModel = defineUseCase({
  name: "tracking.delete-logged-model",
  scope: "tracking:write",
  effect: "write",
  input: z.object({ modelId: z.string() }),
  async run({ input: { modelId }, actor, project, db, audit, publish }) {
    const model = await modelById(db, project.id, modelId);
    const now = BigInt(Date.now());
    await db.loggedModel.update({ where: { id: modelId }, data: { deletedAt: now, updatedAt: now } });
    await audit({
      action: "logged-model.deleted",
      subject: { type: "logged-model", id: modelId },
      summary: `${actor.name} deleted the logged model ${model.name}`,
    });
    await publish("runs", model.sourceRunId ?? modelId);
    return { modelId };
  },
});

/** Sets tags of a logged model and leaves its others. Errors: not_found. */
export const tagLoggedModel = defineUseCase({
  name: "tracking.tag-logged-model",
  scope: "tracking:write",
  effect: "write",
  unaudited: content,
  input: z.object({ modelId: z.string(), tags: Pairs }),
  async run({ input: { modelId, tags }, project, db, publish }) {
    await modelById(db, project.id, modelId);
    await mergeTags(db, modelId, objectOf(tags));
    await publish("runs", modelId);
    return { modelId };
  },
});

async function mergeTags(db: Db, modelId: string, tags: Readonly<Record<string, string>>): Promise<void> {
  await db.$executeRaw`
    update logged_models set tags = tags || ${JSON.stringify(tags)}::jsonb, updated_at = ${BigInt(Date.now())} where id = ${modelId}`;
}

/** Removes one tag of a logged model. Errors: not_found for the model or the tag. */
export const deleteLoggedModelTag = defineUseCase({
  name: "tracking.delete-logged-model-tag",
  scope: "tracking:write",
  effect: "write",
  unaudited: content,
  input: z.object({ modelId: z.string(), key: z.string() }),
  async run({ input: { modelId, key }, project, db, publish }) {
    const model = await modelById(db, project.id, modelId);
    if (!model.tags.some((tag) => tag.key === key))
      throw new AppError("not_found", `No tag with key '${key}' found for model with ID '${modelId}'.`, {
        field: "key",
      });
    await db.$executeRaw`update logged_models set tags = tags - ${key}::text where id = ${modelId}`;
    await publish("runs", modelId);
    return { modelId };
  },
});

/** Adds parameters to a logged model. Errors: not_found; invalid_input when one is there with another value. */
export const logModelParams = defineUseCase({
  name: "tracking.log-model-params",
  scope: "tracking:write",
  effect: "write",
  unaudited: content,
  input: z.object({ modelId: z.string(), params: Pairs }),
  async run({ input: { modelId, params }, project, db, publish }) {
    const model = await modelById(db, project.id, modelId);
    const kept = objectOf(model.params);
    const changed = params.find(({ key, value }) => key in kept && kept[key] !== value);
    if (changed)
      throw new AppError(
        "invalid_input",
        `Changing param values is not allowed. Param with key='${changed.key}' was already logged with value='${kept[changed.key] ?? ""}' for model ID='${modelId}'.`,
        { field: `params.${changed.key}` },
      );
    const added = JSON.stringify(objectOf(params));
    await db.$executeRaw`
      update logged_models set params = params || ${added}::jsonb, updated_at = ${BigInt(Date.now())} where id = ${modelId}`;
    await publish("runs", modelId);
    return { modelId };
  },
});
