import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { experimentByNumber } from "./experiment.ts";

const input = z.object({ number: z.coerce.number().int().min(0) });

/** Deletes an experiment with its runs; both can be restored. Errors: not_found. */
export const deleteExperiment = defineUseCase({
  name: "tracking.delete-experiment",
  scope: "tracking:write",
  effect: "write",
  input,
  async run({ input: { number }, actor, project, db, audit, publish }) {
    const row = await experimentByNumber(db, project.id, number, "ACTIVE_ONLY");
    await db.experiment.update({ where: { id: row.id }, data: { lifecycleStage: "deleted", updatedAt: new Date() } });
    const runs = await db.run.updateMany({
      where: { projectId: project.id, experimentId: row.id, lifecycleStage: "active" },
      data: { lifecycleStage: "deleted", deletedTime: BigInt(Date.now()) },
    });
    await audit({
      action: "experiment.deleted",
      subject: { type: "experiment", id: row.id },
      summary: `${actor.name} deleted the experiment ${row.name} with ${runs.count} runs`,
    });
    await publish("runs", row.id);
    return { number, runs: runs.count };
  },
});

/** Takes a deleted experiment and its runs back. Errors: not_found. */
export const restoreExperiment = defineUseCase({
  name: "tracking.restore-experiment",
  scope: "tracking:write",
  effect: "write",
  input,
  async run({ input: { number }, actor, project, db, audit, publish }) {
    const row = await experimentByNumber(db, project.id, number, "DELETED_ONLY");
    await db.experiment.update({ where: { id: row.id }, data: { lifecycleStage: "active", updatedAt: new Date() } });
    const runs = await db.run.updateMany({
      where: { projectId: project.id, experimentId: row.id, lifecycleStage: "deleted" },
      data: { lifecycleStage: "active", deletedTime: null },
    });
    await audit({
      action: "experiment.restored",
      subject: { type: "experiment", id: row.id },
      summary: `${actor.name} restored the experiment ${row.name} with ${runs.count} runs`,
    });
    await publish("runs", row.id);
    return { number, runs: runs.count };
  },
});
