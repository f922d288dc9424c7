import { z } from "zod";
import { defineUseCase, systemActor } from "#server/identity/index.ts";
import { notify, peopleWithRole, settleNotices } from "#server/inbox/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { ensureEndpoint, listEndpoints } from "#server/serving/index.ts";
import { applyMonitorFile } from "./apply-monitor-file.ts";
import { MONITOR_PATH } from "./contract.ts";
import type { ChampionChange } from "./jobs.ts";
import { noticeKey } from "./raise-alerts.ts";

/** A model has a new champion: its endpoints get the monitor that the repository asks for, and alerts it was trained for are settled. */
export async function followChampionJob(change: ChampionChange): Promise<void> {
  const actor = systemActor("Touchstone monitoring");
  const { projectId } = change;
  await settleAlerts(actor, projectId, { versionId: change.versionId, requestId: change.requestId });
  // Serving follows the same event; whoever comes first makes the endpoint.
  await ensureEndpoint(actor, projectId, { modelId: change.modelId });
  for (const endpoint of await listEndpoints(actor, projectId, { model: change.modelName })) {
    if (await prisma().monitor.findFirst({ where: { projectId, endpointId: endpoint.id }, select: { id: true } }))
      continue;
    try {
      await applyMonitorFile(actor, projectId, { endpoint: endpoint.name });
    } catch (error) {
      if (isAppError(error, "invalid_input"))
        await tellAboutFile(actor, projectId, { endpoint: endpoint.name, message: error.message });
      // Without a file, or about another endpoint, a person sets the monitor up.
      else if (!isAppError(error, "not_found")) throw error;
    }
  }
}

/** Resolves the open alerts of a monitor when a version that was retrained for one of them became champion. */
const settleAlerts = defineUseCase({
  name: "monitoring.settle-alerts",
  scope: "monitoring:write",
  effect: "write",
  unaudited: "most champions come from no alert; every alert that is resolved is an event",
  input: z.object({ versionId: z.uuid(), requestId: z.uuid() }),
  async run({ input, project, db, audit, publish }) {
    const cause = await db.alert.findFirst({ where: { projectId: project.id, modelVersionId: input.versionId } });
    if (!cause) return { resolved: 0 };
    const version = await db.modelVersion.findFirst({ where: { id: input.versionId, projectId: project.id } });
    const open = await db.alert.findMany({
      where: {
        projectId: project.id,
        monitorId: cause.monitorId,
        status: { not: "resolved" },
        kind: { not: "service" },
      },
    });
    for (const alert of open) {
      const resolution = `Version ${version?.version ?? "?"}, retrained for alert ${cause.number}, became champion.`;
      await db.alert.update({
        where: { id: alert.id },
        data: { status: "resolved", resolvedBy: "Touchstone monitoring", resolvedAt: new Date(), resolution },
      });
      await settleNotices(db, project.id, noticeKey(alert.id));
      await audit({
        action: "alert.resolved",
        subject: { type: "alert", id: alert.id },
        summary: `Alert ${alert.number} is resolved. ${resolution}`,
        details: { requestId: input.requestId },
      });
      await publish("monitors", alert.id);
    }
    return { resolved: open.length };
  },
});

const tellAboutFile = defineUseCase({
  name: "monitoring.tell-about-file",
  scope: "monitoring:write",
  effect: "write",
  input: z.object({ endpoint: z.string(), message: z.string() }),
  async run({ input, project, db, audit }) {
    const people = await peopleWithRole(db, project.id, ["scientist"]);
    await notify(db, {
      projectId: project.id,
      userIds: people.map((person) => person.id),
      kind: "alert",
      title: `${input.endpoint} has no monitor: ${MONITOR_PATH} cannot be used`,
      body: input.message,
      href: `/p/${project.slug}/monitoring`,
      dedupKey: `monitor-file:${project.id}`,
    });
    await audit({
      action: "monitor.file_refused",
      subject: { type: "project", id: project.id },
      summary: `${MONITOR_PATH} cannot be used for the endpoint ${input.endpoint}: ${input.message}`,
    });
    return { told: people.length };
  },
});
