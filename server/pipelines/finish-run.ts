import { systemActor } from "#server/identity/index.ts";
import { notify } from "#server/inbox/index.ts";
import { writeAudit } from "#server/platform/audit.ts";
import type { Db } from "#server/platform/db.ts";
import { announce } from "#server/platform/events.ts";
import { publishEvent } from "#server/platform/jobs.ts";
import { pipelineRunFinished } from "./jobs.ts";

/**
 * Ends the run when none of its steps can move any more: succeeded if all did, cancelled if somebody asked for it, else failed. Records it, tells who
 * started a run that failed, and publishes `pipeline-run.finished`, all in the caller's transaction, which holds the lock on the run's row.
 */
export async function finishRunIfDone(tx: Db, runId: string): Promise<void> {
  const groups = await tx.step.groupBy({ by: ["status"], where: { runId }, _count: true });
  const count = (status: string) => groups.find((group) => group.status === status)?._count ?? 0;
  if (count("pending") + count("ready") + count("running") > 0) return;
  const run = await tx.pipelineRun.findUniqueOrThrow({ where: { id: runId } });
  if (run.finishedAt) return;
  const clean = count("failed") + count("skipped") + count("cancelled") === 0;
  const status = clean ? "succeeded" : run.cancelRequestedAt ? "cancelled" : "failed";
  await closeRun(tx, run.id, status, status === "failed" ? await reasonOf(tx, runId) : null);
}

/** Ends a run whose steps have all ended, or never begin. */
export async function closeRun(
  tx: Db,
  runId: string,
  status: "succeeded" | "failed" | "cancelled",
  error: string | null,
): Promise<void> {
  const now = new Date();
  const run = await tx.pipelineRun.update({
    where: { id: runId },
    data: { status, error, finishedAt: now },
    include: { project: { select: { slug: true } } },
  });
  const seconds = Math.round((now.getTime() - (run.startedAt ?? run.createdAt).getTime()) / 1000);
  await writeAudit(tx, systemActor("worker"), run.projectId, {
    action: `pipeline-run.${status}`,
    subject: { type: "pipeline-run", id: run.id },
    summary: `Run ${run.number} of the pipeline ${run.pipeline} ${status === "cancelled" ? "was cancelled" : status} after ${seconds} s${error ? `: ${error}` : ""}`,
    details: { number: run.number, commit: run.commit },
  });
  if (status === "failed" && run.createdBy)
    await notify(tx, {
      projectId: run.projectId,
      userIds: [run.createdBy],
      kind: "run",
      title: `Run ${run.number} of ${run.pipeline} failed`,
      body: error ?? "",
      href: `/p/${run.project.slug}/pipelines/runs/${run.number}`,
      dedupKey: `pipeline-run:${run.id}`,
    });
  await publishEvent(tx, pipelineRunFinished, { projectId: run.projectId, runId: run.id, status });
  await announce(tx, { projectId: run.projectId, topic: "pipelines", id: run.id });
}

async function reasonOf(tx: Db, runId: string): Promise<string> {
  const first = await tx.step.findFirst({ where: { runId, status: "failed" }, orderBy: { finishedAt: "asc" } });
  if (!first) return "A step failed.";
  const name = first.matrixKey === "" ? first.name : `${first.name} (${first.matrixKey.replaceAll(",", ", ")})`;
  return `${name}: ${first.error ?? "failed"}`;
}
