import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import type { Db } from "#server/platform/db.ts";
import { runNotFound } from "./run.ts";

const input = z.object({ runIds: z.array(z.string()).min(1, "Name at least one run.").max(1000) });

/** Ids and names of runs; all must be the project's. Errors: not_found naming the first that is not. */
async function runsNamed(db: Db, projectId: string, ids: readonly string[]) {
  const found = await db.run.findMany({ where: { projectId, id: { in: [...ids] } }, select: { id: true, name: true } });
  const missing = ids.find((id) => !found.some((run) => run.id === id));
  if (missing !== undefined) throw runNotFound(missing);
  return found;
}

/** Deletes runs; what they logged stays and can be restored. Errors: not_found, then none is deleted. */
export const deleteRuns = defineUseCase({
  name: "tracking.delete-runs",
  scope: "tracking:write",
  effect: "write",
  input,
  async run({ input: { runIds }, actor, project, db, audit, publish }) {
    const runs = await runsNamed(db, project.id, runIds);
    await db.run.updateMany({
      where: { projectId: project.id, id: { in: runIds }, lifecycleStage: "active" },
      data: { lifecycleStage: "deleted", deletedTime: BigInt(Date.now()) },
    });
    for (const { id, name } of runs)
      await audit({
        action: "run.deleted",
        subject: { type: "run", id },
        summary: `${actor.name} deleted the run ${name}`,
      });
    await publish("runs", runIds[0] ?? "");
    return { deleted: runs.length };
  },
});

/** Takes deleted runs back. Errors: not_found, then none is restored. */
export const restoreRuns = defineUseCase({
  name: "tracking.restore-runs",
  scope: "tracking:write",
  effect: "write",
  input,
  async run({ input: { runIds }, actor, project, db, audit, publish }) {
    const runs = await runsNamed(db, project.id, runIds);
    await db.run.updateMany({
      where: { projectId: project.id, id: { in: runIds } },
      data: { lifecycleStage: "active", deletedTime: null },
    });
    for (const { id, name } of runs)
      await audit({
        action: "run.restored",
        subject: { type: "run", id },
        summary: `${actor.name} restored the run ${name}`,
      });
    await publish("runs", runIds[0] ?? "");
    return { restored: runs.length };
  },
});
