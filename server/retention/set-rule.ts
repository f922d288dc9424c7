import { defineUseCase } from "#server/identity/index.ts";
import { RetentionInput } from "./contract.ts";

/** States after how many days deleted runs, models and experiments are purged by themselves; null: never. */
export const setRetention = defineUseCase({
  name: "retention.set-rule",
  scope: "project:write",
  effect: "write",
  input: RetentionInput,
  async run({ input: { deletedDays }, actor, project, db, audit, publish }) {
    const where = { projectId: project.id };
    const before = await db.retentionRule.findUnique({ where });
    if (deletedDays === null) await db.retentionRule.deleteMany({ where });
    else
      await db.retentionRule.upsert({
        where,
        create: { ...where, deletedDays },
        update: { deletedDays, updatedAt: new Date() },
      });
    await audit({
      action: "retention.changed",
      subject: { type: "project", id: project.id },
      summary:
        deletedDays === null
          ? `${actor.name} turned off the purge of deleted runs`
          : `${actor.name} let deleted runs be purged after ${deletedDays} days`,
      details: { before: before?.deletedDays ?? null, after: deletedDays },
    });
    await publish("projects", project.id);
    return { deletedDays };
  },
});
