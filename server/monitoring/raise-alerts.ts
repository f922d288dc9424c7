import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { notify, peopleWithRole } from "#server/inbox/index.ts";
import type { Db } from "#server/platform/db.ts";
import { AlertDetails, Breach, MonitorConfig } from "./contract.ts";
import { windowLabel } from "./event-windows.ts";

/** Those who look after models. */
export const CARERS = ["scientist", "maintainer"];

/** The key of an alert's inbox items. */
export function noticeKey(alertId: string): string {
  return `alert:${alertId}`;
}

/**
 * Opens an alert for each threshold that a window crossed; an alert of the same cause that is still open takes the window in instead. What was
 * resolved is not opened again by a window that was known then.
 */
export const raiseAlerts = defineUseCase({
  name: "monitoring.raise-alerts",
  scope: "monitoring:write",
  effect: "write",
  unaudited: "a window that crosses nothing new changes nothing; every opened alert is an event",
  input: z.object({ windowId: z.uuid() }),
  async run({ input, project, db, audit, publish }) {
    const window = await db.monitorWindow.findFirst({
      where: { id: input.windowId, monitor: { projectId: project.id } },
      include: { monitor: true },
    });
    if (!window) return { opened: [] };
    const { monitor } = window;
    await db.$queryRaw`select id from monitors where id = ${monitor.id}::uuid for update`;
    const config = MonitorConfig.parse(monitor.config);
    const label = windowLabel(window.startsAt.getTime(), config.window);
    const here = { startsAt: window.startsAt.toISOString(), label };
    const opened: number[] = [];
    for (const breach of Breach.array().parse(window.breaches)) {
      const last = await db.alert.findFirst({
        where: { projectId: project.id, monitorId: monitor.id, cause: breach.kind },
        orderBy: { number: "desc" },
      });
      if (last && last.status !== "resolved") {
        await takeIn(db, last, breach, here);
        continue;
      }
      if (last && last.lastWindowAt >= window.startsAt) continue;
      const number = await nextNumber(db, project.id);
      const title = `${breach.title} in ${label}`;
      const { id } = await db.alert.create({
        data: {
          projectId: project.id,
          monitorId: monitor.id,
          windowId: window.id,
          number,
          kind: breach.kind,
          cause: breach.kind,
          severity: "warning",
          title,
          details: { sentences: breach.sentences, windows: [here] },
          lastWindowAt: window.startsAt,
        },
      });
      await audit({
        action: "alert.opened",
        subject: { type: "alert", id },
        summary: `Alert ${number} opened on ${monitor.name}: ${title}`,
        details: { number, kind: breach.kind, window: here.startsAt },
      });
      const people = await peopleWithRole(db, project.id, CARERS);
      await notify(db, {
        projectId: project.id,
        userIds: people.map((person) => person.id),
        kind: "alert",
        title: `${monitor.name}: ${title}`,
        body: breach.sentences[0] ?? "",
        href: `/p/${project.slug}/monitoring/alerts/${number}`,
        dedupKey: noticeKey(id),
      });
      await publish("monitors", id);
      opened.push(number);
    }
    return { opened };
  },
});

/** Adds a window to an open alert; the newest window says what the alert says. */
async function takeIn(
  db: Db,
  alert: { id: string; details: unknown; lastWindowAt: Date },
  breach: Breach,
  here: { startsAt: string; label: string },
): Promise<void> {
  const details = AlertDetails.parse(alert.details);
  const isNewest = Date.parse(here.startsAt) >= alert.lastWindowAt.getTime();
  const windows = [...details.windows.filter((window) => window.startsAt !== here.startsAt), here].sort((a, b) =>
    a.startsAt < b.startsAt ? -1 : 1,
  );
  await db.alert.update({
    where: { id: alert.id },
    data: {
      details: { sentences: isNewest ? breach.sentences : details.sentences, windows },
      ...(isNewest ? { title: `${breach.title} in ${here.label}`, lastWindowAt: new Date(here.startsAt) } : {}),
    },
  });
}

/** The next alert's number; holds the project until the transaction ends. */
export async function nextNumber(db: Db, projectId: string): Promise<number> {
  // Two monitors that open an alert at once must not both take the same number.
  await db.$queryRaw`select id from projects where id = ${projectId}::uuid for update`;
  const last = await db.alert.findFirst({
    where: { projectId },
    orderBy: { number: "desc" },
    select: { number: true },
  });
  return (last?.number ?? 0) + 1;
}
