import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { isProtected, ModelName, Tags } from "./contract.ts";
import { mergedTags } from "./create-model.ts";
import { modelVersionChanged } from "./events.ts";
import { findVersion } from "./find-version.ts";
import { isPrompt, tellOfTags } from "./tell-webhooks.ts";
import { versionDto } from "./version-dto.ts";

const OfVersion = z.object({ name: ModelName, version: z.coerce.string() });

/** Changes the description and tags of a version; a tag set to null is removed. Its bytes, signature and lineage never change. */
export const updateVersion = defineUseCase({
  name: "registry.update-version",
  scope: "registry:write",
  effect: "write",
  input: OfVersion.extend({
    description: z.string().max(10_000).optional(),
    tags: z.record(z.string().min(1).max(250), z.string().max(100_000).nullable()).default({}),
  }),
  async run({ input, actor, project, db, audit, publish, emit }) {
    const row = await findVersion(db, project.id, input.name, input.version);
    await db.modelVersion.update({
      where: { id: row.id },
      data: {
        tags: mergedTags(row.tags, input.tags),
        updatedAt: new Date(),
        ...(input.description === undefined ? {} : { description: input.description }),
      },
    });
    await audit({
      action: "model.version_updated",
      subject: { type: "model-version", id: row.id },
      summary: `${actor.name} changed the description or tags of ${input.name} version ${row.version}`,
      details: {
        before: { description: row.description, tags: Tags.parse(row.tags) },
        after: { description: input.description ?? row.description, tags: input.tags },
      },
    });
    await emit(modelVersionChanged, { projectId: project.id, versionId: row.id });
    const entity = isPrompt(row.tags) ? "prompt_version_tag" : "model_version_tag";
    await tellOfTags(db, project.id, entity, { name: input.name, version: String(row.version) }, input.tags);
    await publish("models", row.id);
    return await versionDto(db, await findVersion(db, project.id, input.name, String(row.version)));
  },
});

/** Hides a version that nothing stands on. Its number is not used again, and its record stays. Errors: forbidden for one that is or was champion. */
export const deleteVersion = defineUseCase({
  name: "registry.delete-version",
  scope: "registry:write",
  effect: "write",
  input: OfVersion,
  async run({ input, actor, project, db, audit, publish }) {
    const row = await findVersion(db, project.id, input.name, input.version);
    const held = row.aliases.map((alias) => alias.alias).filter(isProtected);
    if (held.length > 0 || row.state === "champion" || row.state === "retired")
      throw new AppError(
        "forbidden",
        `Version ${row.version} of ${input.name} is or was champion or challenger, so its record must stay. Promote another version; the old one is then retired.`,
        { field: "version", value: input.version, remedy: "Promote another version; the old one is then retired." },
      );
    await db.modelAlias.deleteMany({ where: { versionId: row.id } });
    await db.modelVersion.update({ where: { id: row.id }, data: { deletedAt: new Date() } });
    await audit({
      action: "model.version_deleted",
      subject: { type: "model-version", id: row.id },
      summary: `${actor.name} deleted ${input.name} version ${row.version}`,
      details: { sha256: row.sha256 },
    });
    await publish("models", row.id);
    return { name: input.name, version: row.version };
  },
});
