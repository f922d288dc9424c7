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
