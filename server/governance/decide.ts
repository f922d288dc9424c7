import { type Actor, defineUseCase, systemActor } from "#server/identity/index.ts";
import { notify } from "#server/inbox/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { type Db, prisma } from "#server/platform/db.ts";
import { approvalKeys, approvalSigner } from "./approval-keys.ts";
import { applyPromotion } from "./apply-promotion.ts";
import { approvedVersionOf, signatureOf, signedPartsOf, versionToApprove } from "./approval-statement.ts";
import { closeRequest } from "./close-request.ts";
import { DecideInput, PolicySpec } from "./contract.ts";
import { whyNotDecide } from "./eligibility.ts";
import { findRequest, type RequestRow, sidesOf } from "./request-parts.ts";
import { beginRollout } from "./rollout.ts";
import { signApproval } from "./sign-approval.ts";
import { noticeKey, reevaluateRequest, staleness } from "./void-approvals.ts";

const recordDecision = defineUseCase({
  name: "governance.decide",
  scope: "governance:decide",
  effect: "write",
  input: DecideInput,
  async run({ input, actor, project, scopes, db, audit, publish, emit }) {
    const request = await findRequest(db, project.id, input.number);
    // Two reviewers deciding at once, or an evaluation that starts meanwhile, wait here for each other.
    await db.$queryRaw`select id from promotion_requests where id = ${request.id}::uuid for update`;
    const current = await findRequest(db, project.id, input.number);
    const decisions = await db.decision.findMany({ where: { requestId: request.id } });
    const refusal = whyNotDecide(actor, scopes, current, decisions);
    if (refusal || !actor.userId)
      throw new AppError("forbidden", refusal ?? "A promotion is decided by a signed-in person.", {
        field: "number",
        value: input.number,
      });
    if (current.digest !== input.digest || (await staleness(db, project.id, current)))
      throw new AppError(
        "conflict",
        "The evidence changed since you opened the page, so your decision was not taken.",
        { field: "digest", value: input.digest, remedy: "Reload the page, read the evidence again, then decide." },
      );
    if (input.vote !== "approve" && input.comment === "")
      throw new AppError("invalid_input", "Say why, so that the author can act on it.", {
        field: "comment",
        remedy: "Write a comment.",
      });
    if (input.vote === "approve") await demandRoom(db, current);
    const { challenger } = await sidesOf(project.id, current);
    const what = `${challenger.model} version ${challenger.version}`;
    const createdAt = new Date();
    const signed =
      input.vote === "approve"
        ? signApproval(
            {
              ...(await approvedVersionOf(db, current.versionId)),
              ...signedPartsOf(current),
              userId: actor.userId,
              userName: actor.name,
              at: createdAt.toISOString(),
            },
            approvalSigner(),
          )
        : null;
    const decision = await db.decision.create({
      data: {
        requestId: request.id,
        userId: actor.userId,
        userName: actor.name,
        vote: input.vote,
        comment: input.comment,
        digest: input.digest,
        createdAt,
        ...signed,
      },
    });
    const action = {
      approve: "promotion.approved",
      reject: "promotion.rejected",
      request_changes: "promotion.changes_requested",
    }[input.vote];
    const verb = { approve: "approved", reject: "rejected", request_changes: "asked for changes to" }[input.vote];
    await audit({
      action,
      subject: { type: "promotion-request", id: request.id },
      summary: `${actor.name} ${verb} the promotion of ${what}`,
      details: {
        number: request.number,
        digest: input.digest,
        comment: input.comment,
        decisionId: decision.id,
        ...signed,
      },
    });
    let status: string = current.status;
    if (input.vote === "reject") {
      await closeRequest(db, project.id, current, "rejected");
      status = "rejected";
    } else if (input.vote === "request_changes") {
      status = "changes_requested";
      await db.promotionRequest.update({ where: { id: request.id }, data: { status } });
    } else {
      const needed = PolicySpec.parse(current.policy.spec).approvals.reviewers;
      const version = await versionToApprove(db, current.versionId);
      // Only what will hold in serving counts towards the number that the policy asks for.
      const given = new Set([
        ...decisions
          .filter((d) => d.vote === "approve" && d.voidedAt === null && d.digest === current.digest)
          .filter((d) => signatureOf(d, current.id, version, approvalKeys()).verifies)
          .map((d) => d.userId),
        actor.userId,
      ]).size;
      if (given >= needed) {
        const context = { db, project, actor, audit, publish, emit };
        const { rollout } = PolicySpec.parse(current.policy.spec);
        status =
          rollout && current.baseVersionId !== null
            ? await beginRollout(context, current)
            : await applyPromotion({ ...context, request: current, challenger, how: `approved by ${actor.name}` });
      }
    }
    if (current.requestedBy)
      await notify(db, {
        projectId: project.id,
        userIds: [current.requestedBy],
        kind: "decision",
        title: `${actor.name} ${verb} ${what}`,
        body: input.comment,
        href: `/p/${project.slug}/reviews/${current.number}`,
        dedupKey: `${noticeKey(current.id)}:decision`,
      });
    await publish("reviews", request.id);
    await publish("models", request.versionId);
    return { number: current.number, status };
  },
});

/** One challenger of a model at a time takes traffic from its champion. Errors: conflict while another is rolling out. */
async function demandRoom(db: Db, request: RequestRow): Promise<void> {
  const other = await db.promotionRequest.findFirst({
    where: { modelId: request.modelId, status: "rolling_out", id: { not: request.id } },
    select: { number: true },
  });
  if (other)
    throw new AppError("conflict", `Request ${other.number} of the same model is being rolled out.`, {
      field: "number",
      value: request.number,
      remedy: `Wait until that is champion or reverted; then this one is compared with what is champion then.`,
    });
}

/**
 * Casts a reviewer's vote, bound to the digest of the evidence they saw. The last approval that the policy asks for makes the version champion in the same
 * transaction, or begins its rollout where the policy has steps and there is a champion. Evidence that no longer holds is gathered anew first, and the vote refused.
 * Errors: forbidden with the reason why this person may not decide, conflict when the evidence changed, invalid_input for a refusal without a comment.
 */
export async function decide(
  actor: Actor,
  project: string,
  input: Parameters<typeof recordDecision>[2],
): Promise<{ number: number; status: string }> {
  try {
    return await recordDecision(actor, project, input);
  } catch (error) {
    // A refused vote leaves nothing behind, so the stale evidence is dealt with in a transaction of its own.
    if (error instanceof AppError && error.code === "conflict" && error.place.field === "digest")
      await refreshStale(project, Number(input.number));
    throw error;
  }
}

async function refreshStale(project: string, number: number): Promise<void> {
  const found = await prisma().project.findFirst({
    where: { OR: [{ slug: project }, ...(project.length === 36 ? [{ id: project }] : [])] },
    select: { id: true },
  });
  if (!found) return;
  const request = await findRequest(prisma(), found.id, number);
  const reason = request.status === "ready" ? await staleness(prisma(), found.id, request) : null;
  if (reason) await reevaluateRequest(systemActor("Touchstone"), found.id, { number, reason });
}
