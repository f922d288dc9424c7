import { z } from "zod";
import { type Actor, defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { CreateEndpointInput } from "./contract.ts";
import { namesFor } from "./endpoint-name.ts";

/**
 * Creates one more endpoint for a model. It serves the model's champion as soon as there is one.
 * Errors: not_found for a model of another project, conflict when the name is taken anywhere on the platform.
 */
export const createEndpoint = defineUseCase({
  name: "serving.create-endpoint",
  scope: "serving:write",
  effect: "write",
  input: CreateEndpointInput,
  async run({ input, actor, project, db, audit, publish }) {
    const model = await db.registeredModel.findUnique({
      where: { projectId_name: { projectId: project.id, name: input.model } },
      select: { id: true },
    });
    if (!model)
      throw new AppError("not_found", `There is no model '${input.model}' in this project.`, {
        field: "model",
        value: input.model,
        remedy: "Choose one from Models.",
      });
    if (await isTaken(db, input.name))
      throw new AppError("conflict", `The name '${input.name}' is taken: it is part of a URL of the whole platform.`, {
        field: "name",
        value: input.name,
        remedy: `Choose another, as ${input.name}-${project.slug}.`,
      });
    const { description, latencyBudgetMs, name } = input;
    const created = await insert(db, actor, project.id, model.id, { name, description, latencyBudgetMs });
    await audit({
      action: "endpoint.created",
      subject: { type: "endpoint", id: created.id },
      summary: `${actor.name} created the endpoint ${name} for ${input.model}`,
    });
    await publish("endpoints", created.id);
    return { id: created.id, name };
  },
});

/**
 * Sees to it that a model has an endpoint, named like the model if that name is free. What happens when a model gets its first champion; does nothing
 * for a model that has an endpoint.
 */
export const ensureEndpoint = defineUseCase({
  name: "serving.ensure-endpoint",
  scope: "serving:write",
  effect: "write",
  unaudited: "A model that has an endpoint gets no second one; a new one is an event.",
  input: z.object({ modelId: z.uuid() }),
  async run({ input, actor, project, db, audit, publish }) {
    // Two champions at once make one endpoint: the second waits here and finds it.
    await db.$queryRaw`select id from registered_models where id = ${input.modelId}::uuid for update`;
    const model = await db.registeredModel.findFirst({ where: { id: input.modelId, projectId: project.id } });
    if (!model) return { created: null };
    if (await db.endpoint.findFirst({ where: { modelId: model.id }, select: { id: true } })) {
      await publish("endpoints", model.id);
      return { created: null };
    }
    for (const name of namesFor(model.name, project.slug)) {
      if (await isTaken(db, name)) continue;
      const { id } = await insert(db, actor, project.id, model.id, { name, description: model.description });
      await audit({
        action: "endpoint.created",
        subject: { type: "endpoint", id },
        summary: `The endpoint ${name} was created for the first champion of ${model.name}`,
      });
      await publish("endpoints", id);
      return { created: name };
    }
    throw new Error("unreachable: names do not end");
  },
});

async function isTaken(db: Db, name: string): Promise<boolean> {
  return (await db.endpoint.findUnique({ where: { name }, select: { id: true } })) !== null;
}

async function insert(
  db: Db,
  actor: Actor,
  projectId: string,
  modelId: string,
  facts: { name: string; description: string; latencyBudgetMs?: number },
): Promise<{ id: string }> {
  return await db.endpoint.create({
    data: { ...facts, projectId, modelId, createdBy: actor.userId },
    select: { id: true },
  });
}
