import { z } from "zod";
import { type Actor, defineUseCase, systemActor } from "#server/identity/index.ts";
import { peopleWithRole } from "#server/inbox/index.ts";
import { isAppError, messageOf } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { alertDtos } from "./alert-dtos.ts";
import { planCapture } from "./captured-rows.ts";
import { type AlertDto, AlertStatus, MonitorConfig, type RetrainingPlan } from "./contract.ts";
import { windowLabel } from "./event-windows.ts";
import { answeringAlert, findAlert } from "./find-alert.ts";
import { retrainingTarget } from "./retraining-target.ts";

/** Alerts of a project, newest first. */
export const listAlerts = defineUseCase({
  name: "monitoring.list-alerts",
  scope: "monitoring:read",
  effect: "read",
  input: z.object({
    status: z.union([AlertStatus, z.literal("unresolved"), z.literal("all")]).default("all"),
    monitor: z.string().optional(),
  }),
  async run({ input, project, db }): Promise<AlertDto[]> {
    const { status, monitor } = input;
    const rows = await db.alert.findMany({
      where: {
        projectId: project.id,
        ...(status === "all" ? {} : { status: status === "unresolved" ? { not: "resolved" } : status }),
        ...(monitor ? { monitor: { name: monitor } } : {}),
      },
      orderBy: { number: "desc" },
      take: 500,
      include: { monitor: true },
    });
    return await alertDtos(db, project.id, rows);
  },
});

/** One alert with what it led to, and what retraining for it would do. Errors: not_found. */
export const getAlert = defineUseCase({
  name: "monitoring.get-alert",
  scope: "monitoring:read",
  effect: "read",
  input: z.object({ number: z.coerce.number().int().min(1) }),
  async run({ input, project, db }): Promise<AlertDto & { plan: RetrainingPlan; coveredBy: number | null }> {
    const alert = await findAlert(db, project.id, input.number);
    const [dto] = await alertDtos(db, project.id, [alert]);
    if (!dto) throw new Error("unreachable: an alert that was found has a description");
    const other = await answeringAlert(db, alert);
    return { ...dto, plan: await planOf(db, project.id, alert), coveredBy: other?.number ?? null };
  },
});

type Found = Awaited<ReturnType<typeof findAlert>>;

async function planOf(db: Db, projectId: string, alert: Found): Promise<RetrainingPlan> {
  const config = MonitorConfig.parse(alert.monitor.config);
  // What would be done is done by the platform, whoever asks; the reader may not be allowed to see each part of it.
  const actor: Actor = systemActor("Touchstone monitoring");
  const reviewers = (await peopleWithRole(db, projectId, ["reviewer"])).map((person) => person.name);
  const plan = {
    pipeline: config.retrain.pipeline,
    reviewers,
    until: windowLabel(alert.lastWindowAt.getTime(), config.window),
    dataset: null,
    basedOn: null,
    baseRows: 0,
    capturedRows: 0,
    nextVersion: null,
  };
  try {
    const { endpoint, champion, until } = await retrainingTarget(actor, projectId, alert);
    const { base, rows } = await planCapture(db, projectId, endpoint, champion, until);
    const newest = await db.datasetVersion.aggregate({
      where: { datasetId: base.datasetId },
      _max: { version: true },
    });
    return {
      ...plan,
      possible: true,
      reason: null,
      dataset: base.name,
      basedOn: base.version,
      baseRows: base.rows,
      capturedRows: rows,
      nextVersion: (newest._max.version ?? 0) + 1,
    };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { ...plan, possible: false, reason: messageOf(error) };
  }
}
