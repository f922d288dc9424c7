import { z } from "zod";
import { accessTo, definePlatformUseCase } from "#server/identity/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { runNotFound } from "./run.ts";

/**
 * The project of a run, for the links that MLflow clients print, which name none. Errors: not_found, also for a run of a project that the actor is not
 * a member of.
 */
export const findRun = definePlatformUseCase({
  name: "tracking.find-run",
  scope: "self",
  effect: "read",
  input: z.object({ runId: z.string() }),
  async run({ input: { runId }, actor, db }): Promise<{ project: string; runId: string }> {
    const run = await db.run.findUnique({ where: { id: runId }, select: { projectId: true } });
    if (!run) throw runNotFound(runId);
    try {
      const { project, scopes } = await accessTo(db, actor, run.projectId);
      if (scopes.includes("tracking:read")) return { project: project.slug, runId };
    } catch (error) {
      if (!isAppError(error, "not_found")) throw error;
    }
    throw runNotFound(runId);
  },
});
