import { messageOf } from "#server/kernel/errors.ts";
import { systemActor } from "#server/identity/index.ts";
import { prisma } from "#server/platform/db.ts";
import type { Log } from "#server/platform/log.ts";
import { advance } from "./advance-rollout.ts";
import { startRollout } from "./start-rollout.ts";

/**
 * Looks once at everything that is rolling out, and begins what an event did not. The rows hold the truth, so it makes no difference which worker looks or whether one
 * died in between. One that cannot be looked at now does not keep the others waiting.
 */
export async function watchRollouts(log: Log): Promise<void> {
  const requests = await prisma().promotionRequest.findMany({
    where: { status: "rolling_out", project: { archivedAt: null } },
    select: { id: true, projectId: true },
  });
  const begun = await prisma().rollout.findMany({
    where: { requestId: { in: requests.map((request) => request.id) } },
    select: { requestId: true },
  });
  const actor = systemActor("Touchstone");
  for (const { id, projectId } of requests.filter((request) => !begun.some((one) => one.requestId === request.id)))
    await startRollout(actor, projectId, { requestId: id }).catch((error: unknown) => {
      log.error({ request: id, reason: messageOf(error) }, "a rollout could not begin");
    });
  const active = await prisma().rollout.findMany({
    where: { state: { in: ["running", "paused"] }, project: { archivedAt: null } },
    select: { id: true, projectId: true, requestNumber: true },
    orderBy: { startedAt: "asc" },
  });
  for (const rollout of active) {
    try {
      const { did } = await advance(rollout);
      if (did !== "waited") log.info({ request: rollout.requestNumber, did }, "a rollout moved");
    } catch (error) {
      log.error({ request: rollout.requestNumber, err: error }, "a rollout could not be looked at");
    }
  }
}
