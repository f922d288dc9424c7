import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { PublishServiceInput, Redaction } from "../contract.ts";
import { findService } from "./find-service.ts";

const Change = z.object({ name: z.string(), reason: z.string().trim().max(500).default("") });

/** What a service must be for an act, what it is afterwards, and the words for it. */
const ACTS = {
  stop: { from: ["live"], to: "stopped", done: "stopped", refusal: "is not live" },
  resume: { from: ["stopped"], to: "live", done: "resumed", refusal: "is not stopped" },
  unpublish: { from: ["live", "stopped"], to: "unpublished", done: "unpublished", refusal: "is unpublished already" },
} as const;

function change(act: keyof typeof ACTS) {
  const { from, to, done, refusal } = ACTS[act];
  return defineUseCase({
    name: `serving.${act}-service`,
    scope: "serving:write",
    effect: "write",
    input: Change,
    async run({ input, actor, project, db, audit, publish }) {
      const { id, state } = await findService(db, project.id, input.name);
      if (!(from as readonly string[]).includes(state))
        throw new AppError("conflict", `The service '${input.name}' ${refusal}.`, {
          field: "name",
          value: input.name,
          remedy: state === "unpublished" ? "Publish it again." : "Reload the page: somebody was faster.",
        });
      await db.customService.update({
        where: { id },
        data: { state: to, stateReason: input.reason, stateBy: actor.name, stateAt: new Date() },
      });
      if (to === "unpublished")
        await db.servicePublication.updateMany({
          where: { serviceId: id, liveAt: { not: null }, endedAt: null },
          data: { endedAt: new Date() },
        });
      await audit({
        action: `service.${done}`,
        subject: { type: "service", id },
        summary: `${actor.name} ${done} the service ${input.name}${input.reason ? `: ${input.reason}` : ""}`,
        details: { reason: input.reason },
      });
      await publish("services", id);
      return { name: input.name, state: to };
    },
  });
}

/** Stops a service: callers get 503 with who stopped it and why, within a second. Errors: conflict when it is not live. */
export const stopService = change("stop");
/** Lets a stopped service answer again, within a second. Errors: conflict when it is not stopped. */
export const resumeService = change("resume");
/** Takes a service away: callers get 404. Its record, log and name stay; it can be published again. Errors: conflict when it is unpublished. */
export const unpublishService = change("unpublish");

/** Changes what is said of a service, what its process may use and how its log keeps fields. New limits mean a new process; the old one answers until it is there. */
export const updateService = defineUseCase({
  name: "serving.update-service",
  scope: "serving:write",
  effect: "write",
  input: PublishServiceInput.pick({ description: true, memoryMb: true, cpu: true, timeoutMs: true }).extend({
    name: z.string(),
    redaction: Redaction.optional(),
  }),
  async run({ input, actor, project, db, audit, publish }) {
    const before = await findService(db, project.id, input.name);
    const {
      description = before.description,
      memoryMb = before.memoryMb,
      cpu = before.cpu,
      timeoutMs = before.timeoutMs,
      redaction = Redaction.parse(before.redaction),
    } = input;
    const after = { description, memoryMb, cpu, timeoutMs, redaction };
    await db.customService.update({ where: { id: before.id }, data: { ...after, problem: null } });
    await audit({
      action: "service.updated",
      subject: { type: "service", id: before.id },
      summary: `${actor.name} changed the service ${input.name}`,
      details: {
        before: {
          description: before.description,
          memoryMb: before.memoryMb,
          cpu: before.cpu,
          timeoutMs: before.timeoutMs,
          redaction: Redaction.parse(before.redaction),
        },
        after,
      },
    });
    await publish("services", before.id);
    return { name: input.name, ...after };
  },
});
