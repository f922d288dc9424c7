import { z } from "zod";
import { defineUseCase, systemActor } from "#server/identity/index.ts";
import { notify, peopleWithRole } from "#server/inbox/index.ts";
import type { RevertedRollout } from "./jobs.ts";
import { CARERS, nextNumber, noticeKey } from "./raise-alerts.ts";

/**
 * Opens an alert on the monitors of the endpoints whose traffic went back to the champion because a guard did not hold. A person who reverts knows why, and the others
 * are told by the request itself. Repetitions of the event open nothing.
 */
const openRolloutAlerts = defineUseCase({
  name: "monitoring.open-rollout-alerts",
  scope: "monitoring:write",
  effect: "write",
  unaudited: "an endpoint without a monitor opens nothing; every opened alert is an event",
  input: z.object({
    modelId: z.uuid(),
    modelName: z.string(),
    versionId: z.uuid(),
    version: z.number().int(),
    requestId: z.uuid(),
    requestNumber: z.number().int(),
    reason: z.string(),
  }),
  async run({ input, project, db, audit, publish }) {
    const endpoints = await db.endpoint.findMany({
      where: { projectId: project.id, modelId: input.modelId },
      select: { id: true, name: true },
    });
    const monitors = await db.monitor.findMany({
      where: { projectId: project.id, endpointId: { in: endpoints.map((endpoint) => endpoint.id) } },
      select: { id: true, name: true },
    });
    const cause = `rollout:${input.requestId}`;
    const title = `Version ${input.version} did not hold, and its rollout was reverted`;
    const opened: number[] = [];
    for (const monitor of monitors) {
      if (await db.alert.findFirst({ where: { monitorId: monitor.id, cause }, select: { id: true } })) continue;
      const number = await nextNumber(db, project.id);
      const { id } = await db.alert.create({
        data: {
          projectId: project.id,
          monitorId: monitor.id,
          number,
          kind: "rollout",
          cause,
          severity: "warning",
          title,
          details: {
            sentences: [
              input.reason,
              `All requests are answered by the champion again. The figures are on request ${input.requestNumber}.`,
            ],
            windows: [],
          },
          promotionRequestId: input.requestId,
        },
      });
      await audit({
        action: "alert.opened",
        subject: { type: "alert", id },
        summary: `Alert ${number} opened on ${monitor.name}: ${title}`,
        details: { number, kind: "rollout", request: input.requestNumber },
      });
      const people = await peopleWithRole(db, project.id, CARERS);
      await notify(db, {
        projectId: project.id,
        userIds: people.map((person) => person.id),
        kind: "alert",
        title: `${monitor.name}: ${title}`,
        body: input.reason,
        href: `/p/${project.slug}/monitoring/alerts/${number}`,
        dedupKey: noticeKey(id),
      });
      await publish("monitors", id);
      opened.push(number);
    }
    return { opened };
  },
});

/** The job: a challenger gave its traffic back. */
export async function followRevertedRolloutJob({ projectId, by, ...reverted }: RevertedRollout): Promise<void> {
  if (by === "guard") await openRolloutAlerts(systemActor("Touchstone monitoring"), projectId, reverted);
}
