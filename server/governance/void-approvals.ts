import { defineUseCase, systemActor } from "#server/identity/index.ts";
import { prisma, type Db } from "#server/platform/db.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import { settleNotices } from "#server/inbox/index.ts";
import { z } from "zod";
import { OPEN_STATUSES, PolicySpec } from "./contract.ts";
import { decisionDigest } from "./digest.ts";
import { evaluateRequest, type VersionRef } from "./jobs.ts";
import { digestPartsOf, findRequest, type RequestRow } from "./request-parts.ts";

export const noticeKey = (requestId: string): string => `promotion:${requestId}`;

/** Lays out the checks of a new evaluation of a request, all queued. */
export async function layOutChecks(db: Db, requestId: string, evaluation: number, spec: PolicySpec): Promise<void> {
  await db.checkResult.createMany({
    data: spec.checks.map((check, position) => ({
      requestId,
      evaluation,
      checkId: check.id,
      kind: check.type,
      position,
      evidence: { kind: "none" },
    })),
  });
}

/**
 * Starts a new evaluation of an open request: earlier approvals stand for evidence that no longer does, so they are void. Records one event per request
 * with the reason.
 */
export const reevaluateRequest = defineUseCase({
  name: "governance.reevaluate-request",
  scope: "governance:request",
  effect: "write",
  input: z.object({
    number: z.coerce.number().int().min(1),
    reason: z.string().trim().min(1).max(500).default("the checks were started again"),
  }),
  async run({ input, actor, project, db, audit, publish, enqueue }) {
    const request = await findRequest(db, project.id, input.number);
    await db.$queryRaw`select id from promotion_requests where id = ${request.id}::uuid for update`;
    const reopenable = [...OPEN_STATUSES, "stale"] as readonly string[];
    if (!reopenable.includes(request.status)) return { number: request.number, status: request.status, voided: 0 };
    const { count: voided } = await db.decision.updateMany({
      where: { requestId: request.id, voidedAt: null },
      data: { voidedAt: new Date(), voidReason: input.reason },
    });
    const evaluation = request.evaluation + 1;
    const champion = await db.modelAlias.findUnique({
      where: { modelId_alias: { modelId: request.modelId, alias: "champion" } },
    });
    const newest = await db.policy.findFirst({
      where: { projectId: project.id, modelName: request.policy.modelName },
      orderBy: { version: "desc" },
    });
    const policy = newest ?? request.policy;
    await db.promotionRequest.update({
      where: { id: request.id },
      data: {
        evaluation,
        status: "checking",
        digest: null,
        readyAt: null,
        closedAt: null,
        policyId: policy.id,
        baseVersionId: champion?.versionId ?? null,
      },
    });
    await layOutChecks(db, request.id, evaluation, PolicySpec.parse(policy.spec));
    await settleNotices(db, project.id, noticeKey(request.id));
    await audit({
      action: voided > 0 ? "promotion.approval_voided" : "promotion.checks_restarted",
      subject: { type: "promotion-request", id: request.id },
      summary:
        voided > 0
          ? `${voided} ${voided === 1 ? "decision" : "decisions"} on request ${request.number} became void: ${input.reason}`
          : `${actor.name} started the checks of request ${request.number} again: ${input.reason}`,
      details: { evaluation, reason: input.reason },
    });
    await enqueue(evaluateRequest, { projectId: project.id, requestId: request.id, evaluation });
    await publish("reviews", request.id);
    return { number: request.number, status: "checking", voided };
  },
});

/** What changed since the evidence was gathered, in words; null when nothing did. */
export async function staleness(db: Db, projectId: string, request: RequestRow): Promise<string | null> {
  if (!request.digest) return null;
  const champion = await db.modelAlias.findUnique({
    where: { modelId_alias: { modelId: request.modelId, alias: "champion" } },
  });
  if ((champion?.versionId ?? null) !== request.baseVersionId) return "the model has another champion now";
  const newest = await db.policy.findFirst({
    where: { projectId, modelName: request.policy.modelName },
    orderBy: { version: "desc" },
  });
  if (newest && newest.id !== request.policyId) return `the policy was changed to version ${newest.version}`;
  if (decisionDigest(await digestPartsOf(db, projectId, request)) !== request.digest)
    return "the version's record or its evaluation changed";
  return null;
}

/** The job: a version's description or tags changed, so open requests for it are evaluated anew if their digest no longer holds. */
export async function followVersionChangeJob({ projectId, versionId }: VersionRef, { log }: JobContext): Promise<void> {
  const open = await prisma().promotionRequest.findMany({
    where: { projectId, versionId, status: { in: [...OPEN_STATUSES] } },
    include: { policy: true },
  });
  for (const request of open) {
    const reason = await staleness(prisma(), projectId, request);
    if (!reason) continue;
    log.info({ request: request.number, reason }, "evidence no longer holds");
    await reevaluateRequest(systemActor("Touchstone"), projectId, { number: request.number, reason });
  }
}
