import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { isProtected, ModelName } from "./contract.ts";
import { findModel } from "./find-version.ts";

const CLOSED = ["completed", "reverted", "rejected", "withdrawn", "stale", "superseded"];

/** Errors: forbidden while the name or the model is what something relies on; each says what to do first. */
async function checkFree(db: Db, model: { id: string; projectId: string; name: string }, act: string): Promise<void> {
  const refused = (why: string, remedy: string) =>
    new AppError("forbidden", `${model.name} cannot be ${act}: ${why} ${remedy}`, {
      field: "name",
      value: model.name,
      remedy,
    });
  const aliases = await db.modelAlias.findMany({ where: { modelId: model.id }, include: { version: true } });
  const held = aliases.find(({ alias }) => isProtected(alias));
  if (held)
    throw refused(
      `version ${held.version.version} is its ${held.alias}.`,
      "Applications may rely on it; a model that has been promoted keeps its name and its record.",
    );
  const endpoint = await db.endpoint.findFirst({ where: { modelId: model.id }, select: { name: true } });
  if (endpoint) throw refused(`the endpoint '${endpoint.name}' serves it.`, "An endpoint keeps its model.");
  const request = await db.promotionRequest.findFirst({
    where: { modelId: model.id, status: { notIn: CLOSED } },
    select: { number: true },
  });
  if (request) throw refused(`the promotion request #${request.number} is open.`, "Withdraw it first.");
}

async function checkUntaken(db: Db, projectId: string, name: string): Promise<void> {
  const taken = await db.registeredModel.findUnique({
    where: { projectId_name: { projectId, name } },
    select: { id: true },
  });
  if (taken)
    throw new AppError("conflict", `Registered Model (name=${name}) already exists.`, { field: "name", value: name });
}

/**
 * Gives a registered model another name; its versions, aliases and lineage stay. Errors: forbidden for a model with a champion, a challenger, an endpoint,
 * an open promotion request or a policy of its own, which know it by its name; conflict when the name is taken.
 */
export const renameModel = defineUseCase({
  name: "registry.rename-model",
  scope: "registry:write",
  effect: "write",
  input: z.object({ name: ModelName, newName: ModelName }),
  async run({ input, actor, project, db, audit, publish }) {
    const model = await findModel(db, project.id, input.name);
    await checkFree(db, model, "renamed");
    const policy = await db.policy.findFirst({
      where: { projectId: project.id, modelName: { in: [model.name, input.newName] } },
      select: { modelName: true },
    });
    if (policy)
      throw new AppError(
        "forbidden",
        `${model.name} cannot be renamed to ${input.newName}: the policy of '${policy.modelName}' holds by its name. Register a new model under the new name instead.`,
        { field: "new_name", value: input.newName, remedy: "Register a new model under the new name instead." },
      );
    await checkUntaken(db, project.id, input.newName);
    await db.registeredModel.update({ where: { id: model.id }, data: { name: input.newName, updatedAt: new Date() } });
    await audit({
      action: "model.renamed",
      subject: { type: "model", id: model.id },
      summary: `${actor.name} renamed the registered model ${model.name} to ${input.newName}`,
      details: { before: { name: model.name }, after: { name: input.newName } },
    });
    await publish("models", model.id);
    return { id: model.id, name: input.newName };
  },
});

/** "reg (deleted)", "reg (deleted 2)" …: names that nobody can give, since parentheses are not allowed in one. */
async function formerName(db: Db, projectId: string, name: string): Promise<string> {
  const before = await db.registeredModel.count({
    where: { projectId, deletedAt: { not: null }, name: { startsWith: `${name} (deleted` } },
  });
  return before === 0 ? `${name} (deleted)` : `${name} (deleted ${before + 1})`;
}

/**
 * Deletes a registered model: its name is free again, while its versions stay as records, so that lineage still leads to them. Errors: forbidden for a
 * model with a champion or challenger, one that was promoted before, an endpoint or an open promotion request.
 */
export const deleteModel = defineUseCase({
  name: "registry.delete-model",
  scope: "registry:write",
  effect: "write",
  input: z.object({ name: ModelName }),
  async run({ input, actor, project, db, audit, publish }) {
    const model = await findModel(db, project.id, input.name);
    await checkFree(db, model, "deleted");
    const promoted = await db.modelVersion.findFirst({
      where: { modelId: model.id, state: { in: ["champion", "retired"] } },
      select: { version: true },
    });
    if (promoted)
      throw new AppError(
        "forbidden",
        `${model.name} cannot be deleted: version ${promoted.version} was its champion, so its record must stay.`,
        { field: "name", value: model.name, remedy: "Delete the versions that were never promoted instead." },
      );
    const now = new Date();
    const versions = await db.modelVersion.updateMany({
      where: { modelId: model.id, deletedAt: null },
      data: { deletedAt: now },
    });
    await db.modelAlias.deleteMany({ where: { modelId: model.id } });
    await db.registeredModel.update({
      where: { id: model.id },
      data: { name: await formerName(db, project.id, model.name), deletedAt: now, updatedAt: now },
    });
    await audit({
      action: "model.deleted",
      subject: { type: "model", id: model.id },
      summary: `${actor.name} deleted the registered model ${model.name} with ${versions.count} versions`,
      details: { name: model.name, versions: versions.count },
    });
    await publish("models", model.id);
    return { id: model.id, name: model.name, versions: versions.count };
  },
});
