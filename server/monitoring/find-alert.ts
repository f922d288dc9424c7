import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";

/** The alert of that number with its monitor. Errors: not_found. */
export async function findAlert(db: Db, projectId: string, number: number) {
  const alert = await db.alert.findUnique({
    where: { projectId_number: { projectId, number } },
    include: { monitor: true },
  });
  if (!alert)
    throw new AppError("not_found", `There is no alert ${number} in this project.`, {
      field: "number",
      value: number,
      remedy: "Choose one from Monitoring.",
    });
  return alert;
}

/** The monitor of that name. Errors: not_found. */
export async function findMonitor(db: Db, projectId: string, name: string) {
  const monitor = await db.monitor.findUnique({ where: { projectId_name: { projectId, name } } });
  if (!monitor)
    throw new AppError("not_found", `There is no monitor named '${name}' in this project.`, {
      field: "monitor",
      value: name,
      remedy: "Choose one from Monitoring.",
    });
  return monitor;
}

/** Another open alert of the same monitor whose retraining is under way or waits for a decision: what it leads to answers this one too. */
export async function answeringAlert(db: Db, alert: { readonly id: string; readonly monitorId: string }) {
  return await db.alert.findFirst({
    where: {
      monitorId: alert.monitorId,
      id: { not: alert.id },
      OR: [{ retraining: { in: ["preparing", "running"] } }, { retraining: "requested", status: { not: "resolved" } }],
    },
    select: { number: true, retraining: true },
  });
}
