import type { Actor } from "#server/identity/index.ts";
import { notify, peopleWithRole, settleNotices } from "#server/inbox/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { dropAlias, setVersionState } from "#server/registry/index.ts";
import { applyPromotion } from "./apply-promotion.ts";
import { barredReason } from "./eligibility.ts";
import { rolloutApproved, rolloutReverted } from "./events.ts";
import { type RequestRow, sidesOf } from "./request-parts.ts";
import { noticeKey } from "./void-approvals.ts";
import type { WriteContext } from "./write-context.ts";

/** The request of a rollout, locked. Errors: conflict when it is not rolling out. */
async function rollingOut(db: Db, projectId: string, requestId: string): Promise<RequestRow> {
  await db.$queryRaw`select id from promotion_requests where id = ${requestId}::uuid for update`;
  const request = await db.promotionRequest.findFirst({
    where: { id: requestId, projectId, status: "rolling_out" },
    include: { policy: true },
  });
  if (!request)
    throw new AppError("conflict", "The request is not rolling out.", {
      field: "requestId",
      value: requestId,
      remedy: "Reload the page to see what became of it.",
    });
  return request;
}

/** Those who decided, asked or look after promotions, to hear what became of one. */
async function involved(db: Db, projectId: string, request: RequestRow): Promise<string[]> {
  const [reviewers, decisions] = await Promise.all([
    peopleWithRole(db, projectId, ["reviewer"]),
    db.decision.findMany({ where: { requestId: request.id }, select: { userId: true } }),
  ]);
  return [
    ...new Set([
      ...(request.requestedBy ? [request.requestedBy] : []),
      ...reviewers.map((person) => person.id),
      ...decisions.map((decision) => decision.userId),
    ]),
  ];
}

/** Lets an approved version begin its steps, in the transaction of the last approval. Serving hears of it and gives it the first share. */
export async function beginRollout(context: WriteContext, request: RequestRow): Promise<"rolling_out"> {
  const { db, project, emit } = context;
  const { challenger } = await sidesOf(project.id, request);
  await db.promotionRequest.update({ where: { id: request.id }, data: { status: "rolling_out" } });
  await settleNotices(db, project.id, noticeKey(request.id));
  await emit(rolloutApproved, {
    projectId: project.id,
    modelId: request.modelId,
    modelName: challenger.model,
    versionId: request.versionId,
    version: challenger.version,
    requestId: request.id,
    requestNumber: request.number,
  });
  return "rolling_out";
}

/**
 * Ends a rollout well, in the caller's transaction: the challenger becomes champion, if the champion is still the one it was compared with; otherwise the request is
 * stale. Errors: conflict when the request is not rolling out.
 */
export async function completeRollout(
  context: WriteContext,
  { requestId }: { requestId: string },
): Promise<"completed" | "stale"> {
  const { db, project, publish } = context;
  const request = await rollingOut(db, project.id, requestId);
  const { challenger } = await sidesOf(project.id, request);
  const status = await applyPromotion({
    ...context,
    request,
    challenger,
    how: `after its rollout (request ${request.number})`,
  });
  if (status === "completed")
    await notify(db, {
      projectId: project.id,
      userIds: await involved(db, project.id, request),
      kind: "decision",
      title: `${challenger.model} version ${challenger.version} is champion`,
      body: "Its rollout is complete.",
      href: `/p/${project.slug}/reviews/${request.number}`,
      dedupKey: `${noticeKey(request.id)}:rollout`,
    });
  await publish("reviews", request.id);
  return status;
}

/**
 * Ends a rollout because the challenger did not hold or a person says so, in the caller's transaction. Its approvals become void: what they were given for has
 * happened. Errors: conflict when the request is not rolling out.
 */
export async function revertRollout(
  context: WriteContext,
  { requestId, reason }: { requestId: string; reason: string },
): Promise<void> {
  const { db, project, actor, emit, publish } = context;
  const request = await rollingOut(db, project.id, requestId);
  const { challenger } = await sidesOf(project.id, request);
  await db.promotionRequest.update({ where: { id: request.id }, data: { status: "reverted", closedAt: new Date() } });
  await db.decision.updateMany({
    where: { requestId: request.id, voidedAt: null },
    data: { voidedAt: new Date(), voidReason: "the rollout was reverted" },
  });
  await dropAlias(db, { modelId: request.modelId, alias: "challenger", versionId: request.versionId });
  await setVersionState(db, request.versionId, "rejected");
  await settleNotices(db, project.id, noticeKey(request.id));
  await notify(db, {
    projectId: project.id,
    userIds: (await involved(db, project.id, request)).filter((id) => id !== actor.userId),
    kind: "alert",
    title: `The rollout of ${challenger.model} version ${challenger.version} was reverted`,
    body: reason,
    href: `/p/${project.slug}/reviews/${request.number}`,
    dedupKey: `${noticeKey(request.id)}:rollout`,
  });
  await emit(rolloutReverted, {
    projectId: project.id,
    modelId: request.modelId,
    modelName: challenger.model,
    versionId: request.versionId,
    version: challenger.version,
    requestId: request.id,
    requestNumber: request.number,
    reason,
    by: actor.kind === "system" ? "guard" : "person",
    byName: actor.name,
  });
  await publish("reviews", request.id);
  await publish("models", request.versionId);
}

/** Why this person may not decide on a request of theirs, as a sentence; null when they may. */
export async function whyBarred(db: Db, actor: Actor, requestId: string): Promise<string | null> {
  const request = await db.promotionRequest.findUniqueOrThrow({ where: { id: requestId }, select: { barred: true } });
  return barredReason(actor, request.barred);
}
