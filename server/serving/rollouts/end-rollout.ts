import { completeRollout, revertRollout, type WriteContext } from "#server/governance/index.ts";
import type { Db } from "#server/platform/db.ts";
import { endArms } from "./arms.ts";
import { RolloutStepDone } from "../rollout-contract.ts";
import { since } from "./counts.ts";
import type { RolloutRow } from "./rollout-row.ts";

/** The step in force with what the challenger did in it, as the rollout's history keeps it. */
export function doneStep(rollout: RolloutRow, challenger: Parameters<typeof since>[0]) {
  const { requests, errors } = since(challenger, rollout.baseline.challenger);
  return RolloutStepDone.parse({
    share: rollout.policy.steps[rollout.step]?.share ?? 0,
    from: rollout.stepSince.toISOString(),
    to: new Date().toISOString(),
    requests,
    errors,
  });
}

async function close(
  { db, publish, actor }: WriteContext,
  rollout: RolloutRow,
  end: { state: "completed" | "reverted" | "superseded"; reason: string },
): Promise<void> {
  const endpoints = await endArms(db, rollout, end.reason);
  await db.rollout.update({
    where: { id: rollout.id },
    data: { ...end, endedBy: actor.name, endedAt: new Date(), runningSince: null },
  });
  for (const id of endpoints) await publish("endpoints", id);
  await publish("reviews", rollout.requestId);
}

/** Ends the steps well: the challenger becomes champion, in the caller's transaction. Another champion meanwhile makes the request stale instead. */
export async function complete(
  context: WriteContext,
  rollout: RolloutRow,
  reason: string,
): Promise<"completed" | "superseded"> {
  const status = await completeRollout(context, { requestId: rollout.requestId });
  if (status === "completed") {
    await close(context, rollout, { state: "completed", reason });
    await context.audit({
      action: "rollout.completed",
      subject: { type: "promotion-request", id: rollout.requestId },
      summary: `The rollout of version ${rollout.version} (request ${rollout.requestNumber}) is complete: ${reason}`,
      details: { version: rollout.version, share: 1 },
    });
    return "completed";
  }
  await supersede(context, rollout, "the model has another champion now");
  return "superseded";
}

/** Ends the steps because the challenger did not hold or a person says so: the champion answers everything, in the caller's transaction. */
export async function revert(context: WriteContext, rollout: RolloutRow, reason: string): Promise<void> {
  await revertRollout(context, { requestId: rollout.requestId, reason });
  await close(context, rollout, { state: "reverted", reason });
  await context.audit({
    action: "rollout.reverted",
    subject: { type: "promotion-request", id: rollout.requestId },
    summary: `${context.actor.name} reverted the rollout of version ${rollout.version} (request ${rollout.requestNumber}): ${reason}`,
    details: { version: rollout.version, step: rollout.step, reading: rollout.reading },
  });
}

/** Ends what has lost its object: its request is no longer rolling out. */
export async function supersede(context: WriteContext, rollout: RolloutRow, why: string): Promise<void> {
  await close(context, rollout, { state: "superseded", reason: why });
  await context.audit({
    action: "rollout.superseded",
    subject: { type: "promotion-request", id: rollout.requestId },
    summary: `The rollout of version ${rollout.version} (request ${rollout.requestNumber}) ended, because ${why}`,
  });
}

/** Locks a rollout for the rest of the transaction; null when it is not (or no longer) under way. */
export async function lockActive(db: Db, where: { id: string } | { requestId: string }): Promise<string | null> {
  const row = await db.rollout.findFirst({ where, select: { id: true } });
  if (!row) return null;
  await db.$queryRaw`select id from rollouts where id = ${row.id}::uuid for update`;
  const active = await db.rollout.findFirst({ where: { id: row.id, state: { in: ["running", "paused"] } } });
  return active?.id ?? null;
}
