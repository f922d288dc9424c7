import { z } from "zod";
import { defineUseCase, systemActor } from "#server/identity/index.ts";
import type { Db } from "#server/platform/db.ts";
import { getSelection } from "#server/tracking/index.ts";
import {
  CheckEvidence,
  type CheckDto,
  CheckState,
  DigestParts,
  OPEN_STATUSES,
  type PolicyDto,
  PolicySpec,
  type RequestDetail,
  RequestStatus,
  type RequestSummary,
  UNFINISHED_STATUSES,
  Vote,
} from "./contract.ts";
import { approvalKeys } from "./approval-keys.ts";
import { signatureOf, versionToApprove } from "./approval-statement.ts";
import { whyNotDecide } from "./eligibility.ts";
import { findRequest, sidesOf } from "./request-parts.ts";
import { unknownsOf } from "./unknowns.ts";

const Trigger = z.looseObject({ kind: z.string() });

/** Promotion requests, open ones first and oldest first among them, then the closed, newest first. */
export const listRequests = defineUseCase({
  name: "governance.list-requests",
  scope: "governance:read",
  effect: "read",
  input: z.object({
    state: z.enum(["open", "closed", "all"]).default("all"),
    model: z.string().optional(),
    versionId: z.uuid().optional(),
  }),
  async run({ input, project, db }): Promise<RequestSummary[]> {
    const open = { in: [...UNFINISHED_STATUSES] as string[] };
    const rows = await db.promotionRequest.findMany({
      where: {
        projectId: project.id,
        ...(input.state === "all" ? {} : { status: input.state === "open" ? open : { notIn: open.in } }),
        ...(input.versionId ? { versionId: input.versionId } : {}),
      },
      orderBy: { number: "desc" },
      take: 500,
    });
    const summaries = await summarise(
      db,
      rows.map((row) => row.id),
    );
    const wanted = input.model ? summaries.filter((summary) => summary.model === input.model) : summaries;
    const isOpen = (summary: RequestSummary): boolean => open.in.includes(summary.status);
    return [
      ...wanted.filter(isOpen).sort((a, b) => a.number - b.number),
      ...wanted.filter((s) => !isOpen(s)).sort((a, b) => b.number - a.number),
    ];
  },
});

async function summarise(db: Db, ids: readonly string[]): Promise<RequestSummary[]> {
  const rows = await db.promotionRequest.findMany({
    where: { id: { in: [...ids] } },
    include: {
      policy: true,
      checks: { orderBy: { position: "asc" } },
      decisions: { where: { voidedAt: null, vote: "approve" } },
    },
  });
  const versionIds = rows.flatMap((row) => [row.versionId, ...(row.baseVersionId ? [row.baseVersionId] : [])]);
  const versions = await db.modelVersion.findMany({
    where: { id: { in: versionIds } },
    select: { id: true, version: true, model: { select: { name: true } } },
  });
  const byId = new Map(versions.map((version) => [version.id, version]));
  return rows.map((row) => {
    const checks = row.checks.filter((check) => check.evaluation === row.evaluation);
    const version = byId.get(row.versionId);
    return {
      id: row.id,
      number: row.number,
      model: version?.model.name ?? "",
      version: version?.version ?? 0,
      baseVersion: row.baseVersionId ? (byId.get(row.baseVersionId)?.version ?? null) : null,
      status: RequestStatus.parse(row.status),
      reason: row.reason,
      requestedBy: row.requestedByName,
      trigger: Trigger.parse(row.trigger),
      createdAt: row.createdAt.toISOString(),
      readyAt: row.readyAt?.toISOString() ?? null,
      closedAt: row.closedAt?.toISOString() ?? null,
      checks: { passed: checks.filter((check) => check.state === "passed").length, total: checks.length },
      approvals: {
        given: new Set(row.decisions.map((decision) => decision.userId)).size,
        needed: PolicySpec.parse(row.policy.spec).approvals.reviewers,
      },
      headline: checks.find((check) => check.kind === "holdout" && check.summary !== "")?.summary ?? null,
    };
  });
}

/** One request with all that a reviewer needs to decide, and whether the reader may. */
export const getRequest = defineUseCase({
  name: "governance.get-request",
  scope: "governance:read",
  effect: "read",
  input: z.object({ number: z.coerce.number().int().min(1) }),
  async run({ input, actor, project, scopes, db }): Promise<RequestDetail> {
    const row = await findRequest(db, project.id, input.number);
    const [[summary], { challenger, champion }, checks, decisions, comments] = await Promise.all([
      summarise(db, [row.id]),
      sidesOf(project.id, row),
      db.checkResult.findMany({
        where: { requestId: row.id, evaluation: row.evaluation },
        orderBy: { position: "asc" },
      }),
      db.decision.findMany({ where: { requestId: row.id }, orderBy: { createdAt: "asc" } }),
      db.promotionComment.findMany({ where: { requestId: row.id }, orderBy: { createdAt: "asc" } }),
    ]);
    if (!summary) throw new Error("unreachable: a request that was found has a summary");
    const spec = PolicySpec.parse(row.policy.spec);
    const [version, keys] = [await versionToApprove(db, row.versionId), approvalKeys()];
    const selection = z.object({ selection: z.uuid() }).safeParse(row.trigger).data?.selection;
    const refusal = whyNotDecide(actor, scopes, row, decisions);
    const results = checks.map(
      (check): CheckDto => ({
        id: check.id,
        checkId: check.checkId,
        kind: spec.checks.find((known) => known.id === check.checkId)?.type ?? "holdout",
        state: CheckState.parse(check.state),
        verdict: check.verdict,
        summary: check.summary,
        evidence: CheckEvidence.parse(check.evidence),
        startedAt: check.startedAt?.toISOString() ?? null,
        finishedAt: check.finishedAt?.toISOString() ?? null,
      }),
    );
    return {
      ...summary,
      challenger,
      champion,
      policy: { version: row.policy.version, sha256: row.policy.sha256, text: row.policy.text, spec },
      evaluation: row.evaluation,
      checkResults: results,
      decisions: decisions.map((d) => ({
        id: d.id,
        userId: d.userId,
        userName: d.userName,
        vote: Vote.parse(d.vote),
        comment: d.comment,
        digest: d.digest,
        createdAt: d.createdAt.toISOString(),
        voidedAt: d.voidedAt?.toISOString() ?? null,
        voidReason: d.voidReason,
        signature: d.vote === "approve" ? signatureOf(d, row.id, version, keys) : null,
      })),
      comments: comments.map((c) => ({
        id: c.id,
        userName: c.userName,
        body: c.body,
        createdAt: c.createdAt.toISOString(),
      })),
      digest: row.digest,
      digestParts: row.digestParts === null ? null : DigestParts.parse(row.digestParts),
      mayDecide: { allowed: refusal === null, reason: refusal },
      mayWithdraw:
        scopes.includes("governance:request") &&
        row.requestedBy === actor.userId &&
        [...OPEN_STATUSES, "stale"].includes(row.status),
      // Read as the platform: whoever may see the request sees what it was requested by.
      selection:
        selection === undefined ? null : await getSelection(systemActor("governance"), project.id, { selection }),
      unknowns: unknownsOf(results, champion !== null),
    };
  },
});

/** The newest policy of each model, and of one model all its versions. */
export const listPolicies = defineUseCase({
  name: "governance.list-policies",
  scope: "governance:read",
  effect: "read",
  input: z.object({ model: z.string().optional() }),
  async run({ input, project, db }): Promise<PolicyDto[]> {
    const rows = await db.policy.findMany({
      where: { projectId: project.id, ...(input.model ? { modelName: input.model } : {}) },
      orderBy: [{ modelName: "asc" }, { version: "desc" }],
    });
    const people = await db.user.findMany({
      where: { id: { in: rows.flatMap((row) => row.createdBy ?? []) } },
      select: { id: true, name: true },
    });
    const names = new Map(people.map((person) => [person.id, person.name]));
    const shown = input.model ? rows : rows.filter((row, i) => rows[i - 1]?.modelName !== row.modelName);
    return shown.map((row) => ({
      id: row.id,
      model: row.modelName,
      version: row.version,
      sha256: row.sha256,
      text: row.text,
      spec: PolicySpec.parse(row.spec),
      createdBy: row.createdBy ? (names.get(row.createdBy) ?? null) : null,
      createdAt: row.createdAt.toISOString(),
    }));
  },
});
