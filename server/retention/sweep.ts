import { systemActor } from "#server/identity/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { enqueueJob, type JobContext } from "#server/platform/jobs.ts";
import { runPurge, type SweepRef } from "./jobs.ts";
import { discardOrphans, setOrphansAside } from "./orphans.ts";
import { planOf } from "./plan-purge.ts";
import { startPurge } from "./start-purge.ts";

/** Starts what the projects' rules ask for. Nothing to do is no error. */
async function followRules(): Promise<void> {
  const db = prisma();
  for (const { projectId, deletedDays } of await db.retentionRule.findMany()) {
    const wanted = { olderThanDays: deletedDays };
    const plan = await planOf(db, projectId, wanted);
    if (plan.runs + plan.models + plan.experiments === 0) continue;
    try {
      await startPurge(systemActor("Retention rule"), projectId, { wanted, confirm: "purge" });
    } catch (error) {
      if (!isAppError(error, "conflict") && !isAppError(error, "not_found")) throw error;
    }
  }
}

export async function sweepJob(_: SweepRef, { log }: Pick<JobContext, "log">): Promise<void> {
  const db = prisma();
  // A purge whose job was lost with its worker is taken up again; one that still has its job keeps it, by its key.
  const left = await db.purge.findMany({
    where: { status: { in: ["queued", "running"] } },
    select: { id: true, projectId: true },
  });
  for (const { id, projectId } of left) await enqueueJob(db, runPurge, { projectId, purgeId: id });
  await followRules();
  const aside = await setOrphansAside();
  const gone = await discardOrphans();
  if (aside.objects + gone.objects > 0) log.info({ aside, gone }, "content that nobody refers to");
}
