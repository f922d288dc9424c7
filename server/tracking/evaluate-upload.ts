import { systemActor } from "#server/identity/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { announceNow } from "#server/platform/events.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import { startEvaluation } from "./evaluations.ts";
import type { UploadRef } from "./jobs.ts";

/**
 * The job: evaluates a file of predictions that a run logged, with guessed columns. The same content at the same place is evaluated once; a file whose
 * columns cannot be guessed leaves a failed evaluation, so that its owner sees why.
 */
export async function evaluateUploadJob(
  { projectId, runId, artifact, sha256 }: UploadRef,
  { log }: JobContext,
): Promise<void> {
  const db = prisma();
  const known = await db.evaluation.count({ where: { projectId, runId, artifact, sha256 } });
  if (known > 0) return;
  const actor = systemActor("worker");
  try {
    await startEvaluation(actor, projectId, { runId, artifact });
  } catch (error) {
    if (!isAppError(error)) throw error;
    log.info({ run: runId, artifact, err: error.message }, "a file of predictions cannot be evaluated by itself");
    if (error.code === "not_found") return;
    await db.evaluation.create({
      data: {
        projectId,
        runId,
        name: "predictions",
        artifact,
        sha256,
        task: "classification",
        columns: { label: "label" },
        status: "failed",
        error: [error.message, error.place.remedy].filter(Boolean).join(" "),
        createdByName: actor.name,
        finishedAt: new Date(),
      },
    });
    await announceNow({ projectId, topic: "runs", id: runId });
  }
}
