import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { ModelName, Tags } from "./contract.ts";
import { findModel } from "./find-version.ts";
import { isPrompt, tellOfModel, tellOfTags } from "./tell-webhooks.ts";

/** Creates a registered model without versions. Errors: conflict when the name is taken. */
export const createModel = defineUseCase({
  name: "registry.create-model",
  scope: "registry:write",
  effect: "write",
  input: z.object({ name: ModelName, description: z.string().max(10_000).default(""), tags: Tags.default({}) }),
  async run({ input, actor, project, db, audit, publish }) {
    if (
      await db.registeredModel.findUnique({
        where: { projectId_name: { projectId: project.id, name: input.name } },
        select: { id: true },
      })
    )
      throw new AppError("conflict", `Registered Model (name=${input.name}) already exists.`, {
        field: "name",
        value: input.name,
        remedy: "Register a new version of it instead.",
      });
    const model = await db.registeredModel.create({
      data: { ...input, projectId: project.id, createdBy: actor.userId },
    });
    await audit({
      action: "model.created",
      subject: { type: "model", id: model.id },
      summary: `${actor.name} created the registered model ${input.name}`,
    });
    await tellOfModel(db, model, input.tags);
    await publish("models", model.id);
    return { id: model.id, name: model.name };
  },
});

/** Changes the description and tags of a registered model; a tag set to null is removed. */
export const updateModel = defineUseCase({
  name: "registry.update-model",
  scope: "registry:write",
  effect: "write",
  input: z.object({
    name: ModelName,
    description: z.string().max(10_000).optional(),
    tags: z.record(z.string().min(1).max(250), z.string().max(100_000).nullable()).default({}),
  }),
  async run({ input, actor, project, db, audit, publish }) {
    const model = await findModel(db, project.id, input.name);
    await db.registeredModel.update({
      where: { id: model.id },
      data: {
        tags: mergedTags(model.tags, input.tags),
        updatedAt: new Date(),
        ...(input.description === undefined ? {} : { description: input.description }),
      },
    });
    await audit({
      action: "model.updated",
      subject: { type: "model", id: model.id },
      summary: `${actor.name} changed the description or tags of ${input.name}`,
      details: {
        before: { description: model.description, tags: Tags.parse(model.tags) },
        after: { description: input.description ?? model.description, tags: input.tags },
      },
    });
    if (isPrompt(model.tags)) await tellOfTags(db, project.id, "prompt_tag", { name: input.name }, input.tags);
    await publish("models", model.id);
    return { name: input.name };
  },
});

/** Stored tags with changes applied; null removes. */
export function mergedTags(stored: unknown, changes: Readonly<Record<string, string | null>>): Record<string, string> {
  const merged = Object.entries({ ...Tags.parse(stored), ...changes });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
}
