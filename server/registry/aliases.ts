import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { env } from "#server/platform/env.ts";
import { AliasName, isProtected, ModelName } from "./contract.ts";
import { findModel, findVersion } from "./find-version.ts";
import { tellOfAlias } from "./tell-webhooks.ts";

/** The refusal that every way of moving a protected alias by hand meets; it says where to ask instead. */
function protectedAlias(alias: string, projectSlug: string, model: string, version?: number | string): AppError {
  const page = `${env().appUrl}/p/${projectSlug}/models/${encodeURIComponent(model)}${version === undefined ? "" : `/${version}`}`;
  return new AppError(
    "forbidden",
    `The alias '${alias}' is protected: it moves only by an approved promotion. Request one at ${page} (Request promotion).`,
    {
      field: "alias",
      value: alias,
      remedy: "Request a promotion; when its checks pass and a reviewer approves, the alias moves by itself.",
    },
  );
}

/** Points a free alias to a version. Errors: forbidden for champion and challenger, with the address where a promotion is requested. */
export const setAlias = defineUseCase({
  name: "registry.set-alias",
  scope: "registry:write",
  effect: "write",
  input: z.object({ name: ModelName, alias: AliasName, version: z.coerce.string() }),
  async run({ input, actor, project, db, audit, publish }) {
    if (isProtected(input.alias)) throw protectedAlias(input.alias, project.slug, input.name, input.version);
    const row = await findVersion(db, project.id, input.name, input.version);
    await assignAlias(db, { modelId: row.modelId, alias: input.alias, versionId: row.id });
    await audit({
      action: "model.alias_set",
      subject: { type: "model-version", id: row.id },
      summary: `${actor.name} set the alias ${input.alias} of ${input.name} to version ${row.version}`,
    });
    await publish("models", row.modelId);
    return { name: input.name, alias: input.alias, version: row.version };
  },
});

/** Removes a free alias; does nothing when there is none. Errors: forbidden for champion and challenger. */
export const deleteAlias = defineUseCase({
  name: "registry.delete-alias",
  scope: "registry:write",
  effect: "write",
  input: z.object({ name: ModelName, alias: AliasName }),
  async run({ input, actor, project, db, audit, publish }) {
    if (isProtected(input.alias)) throw protectedAlias(input.alias, project.slug, input.name);
    const model = await findModel(db, project.id, input.name);
    const { count } = await db.modelAlias.deleteMany({ where: { modelId: model.id, alias: input.alias } });
    if (count > 0) await tellOfAlias(db, model.id, input.alias);
    await audit({
      action: "model.alias_removed",
      subject: { type: "model", id: model.id },
      summary: `${actor.name} removed the alias ${input.alias} of ${input.name}`,
    });
    await publish("models", model.id);
    return { name: input.name, alias: input.alias };
  },
});

/**
 * Points any alias to a version without asking: the primitive that governance calls in the transaction of an approved promotion. Nobody else may call it
 * with a protected alias.
 */
export async function assignAlias(
  tx: Db,
  { modelId, alias, versionId }: { modelId: string; alias: string; versionId: string },
): Promise<void> {
  const data = { versionId, updatedAt: new Date() };
  await tx.modelAlias.upsert({
    where: { modelId_alias: { modelId, alias } },
    create: { modelId, alias, ...data },
    update: data,
  });
  const { version } = await tx.modelVersion.findUniqueOrThrow({ where: { id: versionId }, select: { version: true } });
  await tellOfAlias(tx, modelId, alias, version);
}

/** Removes an alias without asking; for governance alone. */
export async function dropAlias(
  tx: Db,
  { modelId, alias, versionId }: { modelId: string; alias: string; versionId: string },
): Promise<void> {
  const { count } = await tx.modelAlias.deleteMany({ where: { modelId, alias, versionId } });
  if (count > 0) await tellOfAlias(tx, modelId, alias);
}

/** Sets the state of a version; for governance alone. */
export async function setVersionState(tx: Db, versionId: string, state: string): Promise<void> {
  await tx.modelVersion.update({ where: { id: versionId }, data: { state, updatedAt: new Date() } });
}
