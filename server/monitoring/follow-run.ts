import { getRequest, listRequests, requestPromotion } from "#server/governance/index.ts";
import { type Actor, systemActor } from "#server/identity/index.ts";
import { isAppError, messageOf } from "#server/kernel/errors.ts";
import { RunTrigger } from "#server/pipelines/contract.ts";
import { prisma } from "#server/platform/db.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import type { VersionDto } from "#server/registry/contract.ts";
import type { FinishedRun } from "./jobs.ts";
import { recordRetraining } from "./record-retraining.ts";
import { registeredVersion } from "./registered-version.ts";
import { retrainingTarget } from "./retraining-target.ts";

/** A pipeline run has ended: if an alert had started it, what it registered is proposed as champion. */
export async function followRunJob(finished: FinishedRun, { log }: Pick<JobContext, "log">): Promise<void> {
  const db = prisma();
  const { projectId, runId, status } = finished;
  const run = await db.pipelineRun.findFirst({ where: { id: runId, projectId } });
  const trigger = RunTrigger.safeParse(run?.trigger);
  if (!run || !trigger.success || trigger.data.kind !== "alert") return;
  const alert = await db.alert.findFirst({
    where: { id: trigger.data.alertId, projectId, retraining: { in: ["preparing", "running"] } },
    include: { monitor: true },
  });
  if (!alert) return;
  const actor = systemActor("Touchstone monitoring");
  const fail = (error: string) =>
    recordRetraining(actor, projectId, {
      alertId: alert.id,
      state: "failed",
      pipelineRunId: run.id,
      error,
      summary: `retraining failed: ${error}`,
    });
  if (status !== "succeeded") {
    const end = status === "cancelled" ? "was cancelled" : `failed${run.error ? `: ${run.error}` : ""}`;
    await fail(`Run ${run.number} ${end}`);
    return;
  }
  try {
    const { endpoint } = await retrainingTarget(actor, projectId, alert);
    const version = await registeredVersion(actor, projectId, { pipelineRunId: run.id, model: endpoint.model });
    if (!version) {
      await fail(`Run ${run.number} registered no version of ${endpoint.model}.`);
      return;
    }
    const request = await propose(actor, projectId, version, {
      alert: alert.number,
      pipelineRun: run.number,
      monitor: alert.monitor.name,
      title: alert.title,
    });
    const { slug } = await db.project.findUniqueOrThrow({ where: { id: projectId }, select: { slug: true } });
    await recordRetraining(actor, projectId, {
      alertId: alert.id,
      state: "requested",
      pipelineRunId: run.id,
      modelVersionId: version.id,
      promotionRequestId: request.id,
      summary: `${version.model} version ${version.version} is proposed as champion in request ${request.number}`,
      href: `/p/${slug}/reviews/${request.number}`,
    });
  } catch (error) {
    log.warn({ err: error, alert: alert.number }, "a retrained version could not be proposed");
    if (!isAppError(error)) throw error;
    await fail(messageOf(error));
  }
}

/** Requests the promotion, or finds the request that exists already. */
async function propose(
  actor: Actor,
  projectId: string,
  version: VersionDto,
  cause: { alert: number; pipelineRun: number; monitor: string; title: string },
): Promise<{ id: string; number: number }> {
  const { title, ...trigger } = cause;
  const [open] = await listRequests(actor, projectId, { versionId: version.id, state: "open" });
  if (open) return open;
  try {
    return await requestPromotion(actor, projectId, {
      model: version.model,
      version: String(version.version),
      reason: `Retrained because of alert ${cause.alert}: ${title}`,
      trigger: { kind: "retraining", ...trigger },
    });
  } catch (error) {
    const [made] = isAppError(error, "conflict")
      ? await listRequests(actor, projectId, { versionId: version.id, state: "open" })
      : [];
    if (!made) throw error;
    return await getRequest(actor, projectId, { number: made.number });
  }
}
