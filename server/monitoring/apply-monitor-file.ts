import { z } from "zod";
import { readFileAt, resolveRef } from "#server/code/index.ts";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { listEndpoints } from "#server/serving/index.ts";
import { MONITOR_PATH, MonitorName } from "./contract.ts";
import { computeWindows } from "./jobs.ts";
import { parseMonitorFile } from "./monitor-file.ts";
import { forgetOtherWindows } from "./update-monitor.ts";

/**
 * Makes the monitor of an endpoint what monitor.yaml on main says; makes it if there is none of the endpoint's name.
 * Errors: not_found without the file, invalid_input with line and column of its mistakes or when it is about another endpoint.
 */
export const applyMonitorFile = defineUseCase({
  name: "monitoring.apply-monitor-file",
  scope: "monitoring:write",
  effect: "write",
  input: z.object({ endpoint: MonitorName }),
  async run({ input, actor, project, db, audit, publish, enqueue }) {
    const commit = await resolveRef(project.id, "main");
    const text = await readFileAt(project.id, commit, MONITOR_PATH);
    if (text === null)
      throw new AppError("not_found", `The repository has no ${MONITOR_PATH} on main.`, {
        field: "endpoint",
        value: input.endpoint,
        remedy: "Add one in Code, or set the monitor up by hand.",
      });
    const { version: _, endpoint: named, ...config } = parseMonitorFile(text.toString("utf8"));
    const endpoint = (await listEndpoints(actor, project.id, {})).find(({ name }) => name === input.endpoint);
    if (!endpoint)
      throw new AppError("not_found", `There is no endpoint '${input.endpoint}' in this project.`, {
        field: "endpoint",
        value: input.endpoint,
      });
    // An endpoint whose model's name was taken on the platform has another name than the file can know.
    if (named !== endpoint.name && named !== endpoint.model)
      throw new AppError("invalid_input", `${MONITOR_PATH} is about the endpoint '${named}', not '${endpoint.name}'.`, {
        field: "endpoint",
        value: input.endpoint,
        remedy: `Set endpoint: ${endpoint.name} in ${MONITOR_PATH}.`,
      });
    const origin = { kind: "file", path: MONITOR_PATH, commit };
    const key = { projectId_name: { projectId: project.id, name: endpoint.name } };
    const before = await db.monitor.findUnique({ where: key });
    const monitor = await db.monitor.upsert({
      where: key,
      create: {
        projectId: project.id,
        name: endpoint.name,
        endpointId: endpoint.id,
        config,
        origin,
        createdBy: actor.userId,
      },
      update: { config, origin },
    });
    if (before) await forgetOtherWindows(db, monitor.id, before.config, config);
    await audit({
      action: before ? "monitor.changed" : "monitor.created",
      subject: { type: "monitor", id: monitor.id },
      summary: `${actor.name} ${before ? "changed" : "created"} the monitor ${monitor.name} from ${MONITOR_PATH} at ${commit.slice(0, 10)}`,
      details: { before: before?.config ?? null, after: config, commit },
    });
    await enqueue(computeWindows, { projectId: project.id, monitorId: monitor.id });
    await publish("monitors", monitor.id);
    return { id: monitor.id, name: monitor.name, created: before === null };
  },
});
