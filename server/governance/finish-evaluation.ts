import { z } from "zod";
import { notify, peopleWithRole } from "#server/inbox/index.ts";
import { defineUseCase } from "#server/identity/index.ts";
import { assignAlias, setVersionState } from "#server/registry/index.ts";
import { decisionDigest } from "./digest.ts";
import { digestPartsOf, sidesOf } from "./request-parts.ts";
import { noticeKey } from "./void-approvals.ts";

const Barred = z.array(z.object({ userId: z.string(), reason: z.string() }));

/** Closes an evaluation: all checks passed makes the request ready and calls the reviewers, anything else blocks it and tells the requester. */
export const finishEvaluation = defineUseCase({
  name: "governance.finish-evaluation",
  scope: "governance:request",
  effect: "write",
  unaudited: "an evaluation that was superseded meanwhile changes nothing; both real outcomes are recorded",
  input: z.object({ requestId: z.uuid(), evaluation: z.number().int() }),
  async run({ input, project, db, audit, publish }) {
    const request = await db.promotionRequest.findFirst({
      where: { id: input.requestId, projectId: project.id, evaluation: input.evaluation, status: "checking" },
      include: { policy: true },
    });
    if (!request) return { status: "superseded" };
    const checks = await db.checkResult.findMany({
      where: { requestId: request.id, evaluation: request.evaluation },
      orderBy: { position: "asc" },
    });
    const open = checks.filter((check) => check.state !== "passed");
    const { challenger } = await sidesOf(project.id, request);
    const href = `/p/${project.slug}/reviews/${request.number}`;
    const what = `${challenger.model} version ${challenger.version}`;
    const parts = await digestPartsOf(db, project.id, request);
    const status = open.length === 0 ? "ready" : "blocked";
    await db.promotionRequest.update({
      where: { id: request.id },
      data: {
        status,
        digest: decisionDigest(parts),
        digestParts: parts,
        readyAt: open.length === 0 ? new Date() : null,
      },
    });
    if (status === "ready") {
      await assignAlias(db, { modelId: request.modelId, alias: "challenger", versionId: request.versionId });
      await setVersionState(db, request.versionId, "challenger");
      const barred = new Set(Barred.parse(request.barred).map((entry) => entry.userId));
      const reviewers = (await peopleWithRole(db, project.id, ["reviewer"])).filter((person) => !barred.has(person.id));
      await notify(db, {
        projectId: project.id,
        userIds: reviewers.map((person) => person.id),
        kind: "review",
        title: `Decide on ${what}`,
        body: `${request.requestedByName} asks to make it champion. All ${checks.length} checks passed.`,
        href,
        dedupKey: noticeKey(request.id),
      });
    } else if (request.requestedBy) {
      const [first] = open;
      await notify(db, {
        projectId: project.id,
        userIds: [request.requestedBy],
        kind: "decision",
        title: `${what} is blocked by ${open.length === 1 ? "a check" : `${open.length} checks`}`,
        body: first ? `${first.checkId}: ${first.summary}` : "",
        href,
        dedupKey: `${noticeKey(request.id)}:blocked`,
      });
    }
    await audit({
      action: status === "ready" ? "promotion.ready" : "promotion.blocked",
      subject: { type: "promotion-request", id: request.id },
      summary:
        status === "ready"
          ? `All ${checks.length} checks of request ${request.number} for ${what} passed`
          : `Request ${request.number} for ${what} is blocked by ${open.map((check) => check.checkId).join(", ")}`,
      details: {
        evaluation: request.evaluation,
        states: Object.fromEntries(checks.map((check) => [check.checkId, check.state])),
      },
    });
    await publish("reviews", request.id);
    await publish("models", request.versionId);
    return { status };
  },
});
