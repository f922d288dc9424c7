import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { listEndpoints } from "#server/serving/index.ts";
import { CreateMonitorInput, MonitorConfig, MonitorName, UpdateMonitorInput } from "./contract.ts";
import { findMonitor } from "./find-alert.ts";
import { computeWindows } from "./jobs.ts";

/** Makes a monitor of an endpoint. Errors: not_found (endpoint), conflict when the name is taken in the project. */
export const createMonitor = defineUseCase({
  name: "monitoring.create-monitor",
  scope: "monitoring:write",
  effect: "write",
  input: CreateMonitorInput,
  async run({ input, actor, project, db, audit, publish, enqueue }) {
    const endpoint = (await listEndpoints(actor, project.id, {})).find(({ name }) => name === input.endpoint);
    if (!endpoint)
      throw new AppError("not_found", `There is no endpoint '${input.endpoint}' in this project.`, {
        field: "endpoint",
        value: input.endpoint,
        remedy: "A model gets an endpoint with its first champion.",
      });
    if (await db.monitor.findUnique({ where: { projectId_name: { projectId: project.id, name: input.name } } }))
      throw new AppError("conflict", `There is a monitor named '${input.name}' already.`, {
        field: "name",
        value: input.name,
        remedy: "Choose another name, or change the one there is.",
      });
    const { id } = await db.monitor.create({
      data: {
        projectId: project.id,
        endpointId: endpoint.id,
        name: input.name,
        config: input.config,
        origin: { kind: "person" },
        enabled: input.enabled,
        createdBy: actor.userId,
      },
    });
    await audit({
      action: "monitor.created",
      subject: { type: "monitor", id },
      summary: `${actor.name} created the monitor ${input.name} of the endpoint ${endpoint.name}`,
      details: { config: input.config },
    });
    await enqueue(computeWindows, { projectId: project.id, monitorId: id });
    await publish("monitors", id);
    return { id, name: input.name };
  },
});

/** Changes what a monitor watches, or pauses and resumes it. Windows whose figures depend on the change are computed again. */
export const updateMonitor = defineUseCase({
  name: "monitoring.update-monitor",
  scope: "monitoring:write",
  effect: "write",
  input: UpdateMonitorInput,
  async run({ input, actor, project, db, audit, publish, enqueue }) {
    const monitor = await findMonitor(db, project.id, input.monitor);
    const { config, enabled } = input;
    await db.monitor.update({
      where: { id: monitor.id },
      data: {
        ...(config ? { config, origin: { kind: "person" } } : {}),
        ...(enabled === undefined ? {} : { enabled }),
      },
    });
    if (config) await forgetOtherWindows(db, monitor.id, monitor.config, config);
    const act = config ? "changed" : enabled ? "resumed" : "paused";
    await audit({
      action: `monitor.${act}`,
      subject: { type: "monitor", id: monitor.id },
      summary: `${actor.name} ${act} the monitor ${monitor.name}`,
      details: { before: monitor.config, after: config ?? monitor.config, enabled: enabled ?? monitor.enabled },
    });
    await enqueue(computeWindows, { projectId: project.id, monitorId: monitor.id });
    await publish("monitors", monitor.id);
    return { name: monitor.name };
  },
});

/** Windows of another length than the monitor now has are removed; alerts that they opened stay. */
export async function forgetOtherWindows(
  db: Db,
  monitorId: string,
  before: unknown,
  after: MonitorConfig,
): Promise<void> {
  if (MonitorConfig.parse(before).window !== after.window) await db.monitorWindow.deleteMany({ where: { monitorId } });
}

/** Brings the windows of a monitor up to date now, without waiting for the next look. */
export const computeNow = defineUseCase({
  name: "monitoring.compute-now",
  scope: "monitoring:write",
  effect: "write",
  unaudited: "It computes what would be computed anyway; nothing that anybody decided changes.",
  input: z.object({ monitor: MonitorName }),
  async run({ input, project, db, enqueue }) {
    const monitor = await findMonitor(db, project.id, input.monitor);
    await enqueue(computeWindows, { projectId: project.id, monitorId: monitor.id });
    return { name: monitor.name };
  },
});
