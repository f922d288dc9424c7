import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { settleNotices } from "#server/inbox/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { findAlert } from "./find-alert.ts";
import { noticeKey } from "./raise-alerts.ts";

const number = z.coerce.number().int().min(1);

/** Says that somebody looks after an alert; it stays open. Errors: conflict when it is acknowledged or resolved already. */
export const acknowledgeAlert = defineUseCase({
  name: "monitoring.acknowledge-alert",
  scope: "monitoring:write",
  effect: "write",
  input: z.object({ number }),
  async run({ input, actor, project, db, audit, publish }) {
    const alert = await findAlert(db, project.id, input.number);
    const { count } = await db.alert.updateMany({
      where: { id: alert.id, status: "open" },
      data: { status: "acknowledged", acknowledgedBy: actor.name, acknowledgedAt: new Date() },
    });
    if (count === 0) throw notOpen(input.number, alert.status);
    await settleNotices(db, project.id, noticeKey(alert.id));
    await audit({
      action: "alert.acknowledged",
      subject: { type: "alert", id: alert.id },
      summary: `${actor.name} acknowledged alert ${alert.number}: ${alert.title}`,
    });
    await publish("monitors", alert.id);
    return { number: alert.number, status: "acknowledged" };
  },
});

/** Closes an alert. A later window that crosses the threshold opens another. Errors: conflict when it is resolved already. */
export const resolveAlert = defineUseCase({
  name: "monitoring.resolve-alert",
  scope: "monitoring:write",
  effect: "write",
  input: z.object({ number, reason: z.string().trim().max(2000).default("") }),
  async run({ input, actor, project, db, audit, publish }) {
    const alert = await findAlert(db, project.id, input.number);
    const { count } = await db.alert.updateMany({
      where: { id: alert.id, status: { not: "resolved" } },
      data: { status: "resolved", resolvedBy: actor.name, resolvedAt: new Date(), resolution: input.reason },
    });
    if (count === 0) throw notOpen(input.number, alert.status);
    await settleNotices(db, project.id, noticeKey(alert.id));
    await audit({
      action: "alert.resolved",
      subject: { type: "alert", id: alert.id },
      summary: `${actor.name} resolved alert ${alert.number}: ${alert.title}${input.reason ? `. ${input.reason}` : ""}`,
    });
    await publish("monitors", alert.id);
    return { number: alert.number, status: "resolved" };
  },
});

function notOpen(alert: number, status: string): AppError {
  return new AppError("conflict", `Alert ${alert} is ${status} already.`, {
    field: "number",
    value: alert,
    remedy: "Reload the page to see who did it.",
  });
}
