import { z } from "zod";
import { whyBarred } from "#server/governance/index.ts";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { readFigures } from "./counts.ts";
import { complete, doneStep, lockActive, revert } from "./end-rollout.ts";
import { findRollout, type RolloutRow } from "./rollout-row.ts";

const byNumber = z.object({
  number: z.coerce.number().int().min(1),
  reason: z.string().trim().max(1000).default(""),
});
const withReason = byNumber.extend({
  reason: z.string().trim().min(1, "Say why, so that the author can act on it.").max(1000),
});

/** The rollout of a request, locked. Errors: not_found, conflict when it has ended. */
async function activeRollout(db: Db, projectId: string, number: number): Promise<RolloutRow> {
  const found = await db.rollout.findFirst({ where: { projectId, requestNumber: number } });
  if (!found)
    throw new AppError("not_found", `Request ${number} has no rollout in this project.`, {
      field: "number",
      value: number,
      remedy: "Choose a request that is rolling out from Reviews.",
    });
  const id = await lockActive(db, { id: found.id });
  if (id === null) {
    const { state } = await findRollout(db, found.id);
    throw new AppError(
      "conflict",
      `The rollout of request ${number} is ${state}, so there is nothing left to change.`,
      {
        field: "number",
        value: number,
        remedy: "Reload the page to see how it ended.",
      },
    );
  }
  return await findRollout(db, id);
}

/** Holds a rollout at its step: the share stays, the guards go on protecting, no step follows. Errors: conflict when it is paused or has ended. */
export const pauseRollout = defineUseCase({
  name: "serving.pause-rollout",
  scope: "governance:rollback",
  effect: "write",
  input: byNumber,
  async run({ input, actor, project, db, audit, publish }) {
    const rollout = await activeRollout(db, project.id, input.number);
    if (rollout.state === "paused" || !rollout.runningSince)
      throw new AppError("conflict", `The rollout of request ${input.number} is paused already.`, {
        field: "number",
        value: input.number,
      });
    const waitedMs = rollout.waitedMs + Math.max(0, Date.now() - rollout.runningSince.getTime());
    await db.rollout.update({ where: { id: rollout.id }, data: { state: "paused", waitedMs, runningSince: null } });
    await audit({
      action: "rollout.paused",
      subject: { type: "promotion-request", id: rollout.requestId },
      summary: `${actor.name} paused the rollout of version ${rollout.version} (request ${input.number}) at step ${rollout.step + 1}${input.reason ? `: ${input.reason}` : ""}`,
      details: { reason: input.reason, step: rollout.step },
    });
    await publish("reviews", rollout.requestId);
    return { number: input.number, state: "paused" };
  },
});

/** Lets a paused rollout go on where it was. Errors: conflict when it is not paused. */
export const resumeRollout = defineUseCase({
  name: "serving.resume-rollout",
  scope: "governance:rollback",
  effect: "write",
  input: byNumber,
  async run({ input, actor, project, db, audit, publish }) {
    const rollout = await activeRollout(db, project.id, input.number);
    if (rollout.state !== "paused")
      throw new AppError("conflict", `The rollout of request ${input.number} is not paused.`, {
        field: "number",
        value: input.number,
      });
    await db.rollout.update({ where: { id: rollout.id }, data: { state: "running", runningSince: new Date() } });
    await audit({
      action: "rollout.resumed",
      subject: { type: "promotion-request", id: rollout.requestId },
      summary: `${actor.name} resumed the rollout of version ${rollout.version} (request ${input.number})${input.reason ? `: ${input.reason}` : ""}`,
      details: { reason: input.reason, step: rollout.step },
    });
    await publish("reviews", rollout.requestId);
    return { number: input.number, state: "running" };
  },
});

/** Returns all traffic to the champion and ends the request, with a reason. */
export const revertRolloutByHand = defineUseCase({
  name: "serving.revert-rollout",
  scope: "governance:rollback",
  effect: "write",
  input: withReason,
  async run({ input, actor, project, db, audit, publish, emit }) {
    const rollout = await activeRollout(db, project.id, input.number);
    await revert({ db, project, actor, audit, publish, emit }, rollout, input.reason);
    return { number: input.number, state: "reverted" };
  },
});

/**
 * Makes the challenger champion before its steps are over, where the policy allows it. It is a decision on the promotion: a reviewer takes it, and never on work of
 * their own. Errors: forbidden, conflict when the policy does not allow it or a guard does not hold.
 */
export const completeRolloutEarly = defineUseCase({
  name: "serving.complete-rollout",
  scope: "governance:decide",
  effect: "write",
  input: withReason,
  async run({ input, actor, project, db, audit, publish, emit }) {
    const rollout = await activeRollout(db, project.id, input.number);
    const refusal = await whyBarred(db, actor, rollout.requestId);
    if (refusal) throw new AppError("forbidden", refusal, { field: "number", value: input.number });
    if (!rollout.policy.complete_early)
      throw new AppError("conflict", "The policy does not let anybody end the steps early.", {
        field: "number",
        value: input.number,
        remedy: "Wait for the steps, or revert. A policy allows it with rollout.complete_early: true.",
      });
    if (rollout.reading?.guards.some((guard) => guard.state === "breached" || guard.guard === "runs"))
      throw new AppError("conflict", "A guard does not hold, so the challenger cannot become champion.", {
        field: "number",
        value: input.number,
      });
    const { challenger } = await readFigures(db, rollout);
    await db.rollout.update({
      where: { id: rollout.id },
      data: { history: [...rollout.history, doneStep(rollout, challenger)] },
    });
    const context = { db, project, actor, audit, publish, emit };
    return {
      number: input.number,
      state: await complete(context, rollout, `${actor.name} ended the steps early: ${input.reason}`),
    };
  },
});
