import { messageOf } from "#server/kernel/errors.ts";
import { type Prisma, prisma } from "#server/platform/db.ts";
import { announceNow } from "#server/platform/events.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import { importanceOf } from "./importance.ts";
import type { ImportanceRef } from "./jobs.ts";
import { runsToLearnFrom } from "./request-importance.ts";

/** The job: computes one importance and stores it. Safe to repeat. */
export async function computeImportanceJob(
  { projectId, importanceId }: ImportanceRef,
  { log }: Pick<JobContext, "log">,
): Promise<void> {
  const db = prisma();
  const row = await db.runImportance.findFirst({ where: { id: importanceId, projectId } });
  if (row?.status !== "queued") return;
  const started = performance.now();
  try {
    const result = await importanceOf(await runsToLearnFrom(db, projectId, row.runIds, row.metric));
    await db.runImportance.update({
      where: { id: importanceId },
      data: { status: "done", result: result as unknown as Prisma.InputJsonObject, finishedAt: new Date() },
    });
    log.info(
      { metric: row.metric, runs: result.n, ms: Math.round(performance.now() - started) },
      "importance of parameters computed",
    );
  } catch (error) {
    await db.runImportance.update({
      where: { id: importanceId },
      data: { status: "failed", error: messageOf(error), finishedAt: new Date() },
    });
    throw error;
  } finally {
    await announceNow({ projectId, topic: "importance", id: importanceId });
  }
}
