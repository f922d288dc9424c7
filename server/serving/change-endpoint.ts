import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { UpdateEndpointInput } from "./contract.ts";
import { findEndpoint } from "./find-endpoint.ts";

const change = z.object({ name: z.string(), reason: z.string().trim().max(500).default("") });

/**
 * Stops an endpoint: callers get 503 with who stopped it and why; outcomes of earlier predictions are still taken. Takes effect within a second.
 * Errors: conflict when it is stopped already.
 */
export const stopEndpoint = defineUseCase({
  name: "serving.stop-endpoint",
  scope: "serving:write",
  effect: "write",
  input: change,
  async run({ input, actor, project, db, audit, publish }) {
    const endpoint = await findEndpoint(db, project.id, input.name);
    if (endpoint.state === "stopped")
      throw new AppError("conflict", `The endpoint '${input.name}' is stopped already.`, {
        field: "name",
        value: input.name,
      });
    await db.endpoint.update({
      where: { id: endpoint.id },
      data: { state: "stopped", stateReason: input.reason, stateBy: actor.name, stateAt: new Date() },
    });
    await audit({
      action: "endpoint.stopped",
      subject: { type: "endpoint", id: endpoint.id },
      summary: `${actor.name} stopped the endpoint ${input.name}${input.reason ? `: ${input.reason}` : ""}`,
      details: { reason: input.reason },
    });
    await publish("endpoints", endpoint.id);
    return { name: input.name, state: "stopped" };
  },
});

/** Lets a stopped endpoint answer again, within a second. Errors: conflict when it is not stopped. */
export const resumeEndpoint = defineUseCase({
  name: "serving.resume-endpoint",
  scope: "serving:write",
  effect: "write",
  input: change,
  async run({ input, actor, project, db, audit, publish }) {
    const endpoint = await findEndpoint(db, project.id, input.name);
    if (endpoint.state !== "stopped")
      throw new AppError("conflict", `The endpoint '${input.name}' is not stopped.`, {
        field: "name",
        value: input.name,
      });
    await db.endpoint.update({
      where: { id: endpoint.id },
      data: { state: "live", stateReason: input.reason, stateBy: actor.name, stateAt: new Date() },
    });
    await audit({
      action: "endpoint.resumed",
      subject: { type: "endpoint", id: endpoint.id },
      summary: `${actor.name} resumed the endpoint ${input.name}${input.reason ? `: ${input.reason}` : ""}`,
      details: { reason: input.reason },
    });
    await publish("endpoints", endpoint.id);
    return { name: input.name, state: "live" };
  },
});

/** Changes what is said of an endpoint. Its name stays: callers have it in their code. */
export const updateEndpoint = defineUseCase({
  name: "serving.update-endpoint",
  scope: "serving:write",
  effect: "write",
  input: UpdateEndpointInput,
  async run({ input, actor, project, db, audit, publish }) {
    const endpoint = await findEndpoint(db, project.id, input.name);
    const { description = endpoint.description, latencyBudgetMs = endpoint.latencyBudgetMs } = input;
    await db.endpoint.update({ where: { id: endpoint.id }, data: { description, latencyBudgetMs } });
    await audit({
      action: "endpoint.updated",
      subject: { type: "endpoint", id: endpoint.id },
      summary: `${actor.name} changed the endpoint ${input.name}`,
      details: {
        before: { description: endpoint.description, latencyBudgetMs: endpoint.latencyBudgetMs },
        after: { description, latencyBudgetMs },
      },
    });
    await publish("endpoints", endpoint.id);
    return { name: input.name, description, latencyBudgetMs };
  },
});
