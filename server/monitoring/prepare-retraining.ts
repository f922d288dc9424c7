import { type Actor, systemActor } from "#server/identity/index.ts";
import { messageOf } from "#server/kernel/errors.ts";
import { startRun } from "#server/pipelines/index.ts";
import { type Db, prisma } from "#server/platform/db.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import { planCapture } from "./captured-rows.ts";
import { freezeTraffic } from "./freeze-traffic.ts";
import type { AlertRef } from "./jobs.ts";
import { recordRetraining } from "./record-retraining.ts";
import { retrainingTarget } from "./retraining-target.ts";

/** Freezes what was captured and starts the run. Each step is recorded before the next, so that a repetition goes on where it stopped. */
export async function prepareRetrainingJob(ref: AlertRef, { log }: Pick<JobContext, "log">): Promise<void> {
  const db = prisma();
  const actor = systemActor("Touchstone monitoring");
  const alert = await loadAlert(db, ref);
  if (alert?.retraining !== "preparing") return;
  try {
    const dataset = await freeze(actor, db, ref.projectId, alert);
    const run = (await startedRun(db, alert)) ?? (await start(actor, db, ref.projectId, alert, dataset));
    await recordRetraining(actor, ref.projectId, {
      alertId: alert.id,
      state: "running",
      pipelineRunId: run.id,
      summary: `run ${run.number} of the pipeline was started`,
    });
  } catch (error) {
    log.warn({ err: error, alert: alert.number }, "a retraining could not be started");
    await recordRetraining(actor, ref.projectId, {
      alertId: alert.id,
      state: "failed",
      error: messageOf(error),
      summary: `retraining could not be started: ${messageOf(error)}`,
    });
  }
}

async function loadAlert(db: Db, { projectId, alertId }: AlertRef) {
  return await db.alert.findFirst({ where: { id: alertId, projectId }, include: { monitor: true } });
}
type LoadedAlert = NonNullable<Awaited<ReturnType<typeof loadAlert>>>;

/** The dataset version to train on: captured rows added, or null for the newest as it is when none has an outcome. */
async function freeze(
  actor: Actor,
  db: Db,
  projectId: string,
  alert: LoadedAlert,
): Promise<{ name: string; versionId: string } | null> {
  const { endpoint, champion, until } = await retrainingTarget(actor, projectId, alert);
  const name = champion.dataset?.name;
  if (alert.datasetVersionId && name) return { name, versionId: alert.datasetVersionId };
  const plan = await planCapture(db, projectId, endpoint, champion, until);
  if (plan.rows === 0 || !champion.signature) return null;
  const frozen = await freezeTraffic(actor, db, projectId, endpoint, plan, champion.signature);
  if (!frozen) return null;
  await recordRetraining(actor, projectId, {
    alertId: alert.id,
    state: "preparing",
    datasetVersionId: frozen.versionId,
    summary: `${frozen.addedRows} captured rows became ${plan.base.name} version ${frozen.version}`,
  });
  return { name: plan.base.name, versionId: frozen.versionId };
}

/** The run that this retraining has started already, before a crash. */
async function startedRun(db: Db, alert: LoadedAlert): Promise<{ id: string; number: number } | null> {
  return await db.pipelineRun.findFirst({
    where: {
      projectId: alert.projectId,
      trigger: { path: ["alertId"], equals: alert.id },
      createdAt: { gte: alert.retrainingAt ?? new Date() },
    },
    select: { id: true, number: true },
  });
}

async function start(
  actor: Actor,
  db: Db,
  projectId: string,
  alert: LoadedAlert,
  dataset: { name: string; versionId: string } | null,
): Promise<{ id: string; number: number }> {
  const { config } = await retrainingTarget(actor, projectId, alert);
  return await startRun(actor, projectId, {
    pipelinePath: config.retrain.pipeline,
    ref: "main",
    ...(dataset ? { datasets: { [dataset.name]: dataset.versionId } } : {}),
    trigger: { kind: "alert", alertId: alert.id, reason: alert.title },
  });
}
