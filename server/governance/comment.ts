import { defineUseCase } from "#server/identity/index.ts";
import { notify } from "#server/inbox/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { CommentInput } from "./contract.ts";
import { findRequest } from "./request-parts.ts";

/** Adds a comment to a request and tells everyone who has a part in it. Comments decide nothing. */
export const commentOnRequest = defineUseCase({
  name: "governance.comment-on-request",
  scope: "governance:comment",
  effect: "write",
  input: CommentInput,
  async run({ input, actor, project, db, audit, publish }) {
    if (!actor.userId) throw new AppError("forbidden", "A comment is written by a person.");
    const request = await findRequest(db, project.id, input.number);
    const comment = await db.promotionComment.create({
      data: { requestId: request.id, userId: actor.userId, userName: actor.name, body: input.body },
    });
    const [comments, decisions] = await Promise.all([
      db.promotionComment.findMany({ where: { requestId: request.id }, select: { userId: true } }),
      db.decision.findMany({ where: { requestId: request.id }, select: { userId: true } }),
    ]);
    const involved = [...comments, ...decisions].map((row) => row.userId);
    const userIds = [...new Set([...involved, ...(request.requestedBy ? [request.requestedBy] : [])])].filter(
      (id) => id !== actor.userId,
    );
    await notify(db, {
      projectId: project.id,
      userIds,
      kind: "comment",
      title: `${actor.name} commented on request ${request.number}`,
      body: input.body.slice(0, 300),
      href: `/p/${project.slug}/reviews/${request.number}`,
      dedupKey: `promotion:${request.id}:comment`,
    });
    await audit({
      action: "promotion.commented",
      subject: { type: "promotion-request", id: request.id },
      summary: `${actor.name} commented on request ${request.number}`,
      details: { commentId: comment.id },
    });
    await publish("reviews", request.id);
    return { id: comment.id };
  },
});
