import { systemActor } from "#server/identity/index.ts";
import { isAppError, messageOf } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { announceNow } from "#server/platform/events.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import type { CheckContext, CheckOutcome } from "./check-kinds.ts";
import { checkDataset } from "./check-dataset.ts";
import { checkGolden } from "./check-golden.ts";
import { checkHoldout } from "./check-holdout.ts";
import { checkLatency } from "./check-latency.ts";
import { checkSignature } from "./check-signature.ts";
import { type PolicyCheck, PolicySpec } from "./contract.ts";
import { finishEvaluation } from "./finish-evaluation.ts";
import type { EvaluationRef } from "./jobs.ts";
import { sidesOf } from "./request-parts.ts";

/** Carries out one check by its kind. */
async function carryOut(context: Omit<CheckContext, "check">, check: PolicyCheck): Promise<CheckOutcome> {
  switch (check.type) {
    case "dataset":
      return await checkDataset({ ...context, check });
    case "holdout":
      return await checkHoldout({ ...context, check });
    case "signature":
      return await checkSignature({ ...context, check });
    case "latency":
      return await checkLatency({ ...context, check });
    case "golden":
      return await checkGolden({ ...context, check });
  }
}

/**
 * The job: runs every check of an evaluation in the policy's order, each result stored as it comes, then closes the evaluation. A check that cannot be
 * carried out is an error with its reason, never a pass. Safe to repeat: finished checks are kept.
 */
export async function evaluateRequestJob(
  { projectId, requestId, evaluation }: EvaluationRef,
  { log, models, signal }: JobContext,
): Promise<void> {
  const db = prisma();
  const request = await db.promotionRequest.findFirst({
    where: { id: requestId, projectId, evaluation, status: "checking" },
    include: { policy: true },
  });
  if (!request) return;
  const tell = (): Promise<void> => announceNow({ projectId, topic: "reviews", id: requestId });
  const { challenger, champion } = await sidesOf(projectId, request);
  for (const check of PolicySpec.parse(request.policy.spec).checks) {
    const key = { requestId_evaluation_checkId: { requestId, evaluation, checkId: check.id } };
    const row = await db.checkResult.findUnique({ where: key });
    if (!row || !["queued", "running"].includes(row.state)) continue;
    signal.throwIfAborted();
    await db.checkResult.update({ where: key, data: { state: "running", startedAt: new Date() } });
    await tell();
    try {
      const outcome = await carryOut({ db, projectId, challenger, champion, models, log }, check);
      await db.checkResult.update({ where: key, data: { ...outcome, finishedAt: new Date() } });
    } catch (error) {
      // Data that is still being validated is worth waiting for; the queue tries again.
      if (isAppError(error, "unavailable")) {
        await db.checkResult.update({ where: key, data: { state: "queued", summary: error.message } });
        throw error;
      }
      if (!isAppError(error)) log.error({ err: error, check: check.id }, "a check broke");
      const reason = isAppError(error)
        ? [error.message, error.place.remedy].filter(Boolean).join(" ")
        : `The check broke: ${messageOf(error)}`;
      await db.checkResult.update({ where: key, data: { state: "error", summary: reason, finishedAt: new Date() } });
    }
    await tell();
  }
  await finishEvaluation(systemActor("Touchstone"), projectId, { requestId, evaluation });
}
