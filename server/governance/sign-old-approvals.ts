import { z } from "zod";
import { definePlatformUseCase } from "#server/identity/index.ts";
import { type Db, Prisma } from "#server/platform/db.ts";
import { approvalSigner } from "./approval-keys.ts";
import { signedPartsOf, versionToApprove } from "./approval-statement.ts";
import { type ApprovalStatement, DigestParts, PolicySpec, type UnsignedApproval } from "./contract.ts";
import { sha256Of } from "./digest.ts";
import { signApproval } from "./sign-approval.ts";

type Parts = Omit<ApprovalStatement, "type" | "v" | "vote">;
type Judged = UnsignedApproval & {
  readonly projectId: string;
  readonly requestId: string;
  readonly parts: Parts | null;
};

/**
 * Approvals without a signature, each judged by what was asked of one before there were signatures: it stands, on the digest of a request that is completed or ready, by
 * somebody who might decide; the request had enough of them if it is completed; and the audit trail tells of it.
 */
async function judge(db: Db): Promise<Judged[]> {
  const requests = await db.promotionRequest.findMany({
    where: {
      status: { in: ["completed", "ready"] },
      decisions: { some: { vote: "approve", voidedAt: null, signature: null } },
    },
    include: {
      policy: true,
      project: { select: { slug: true } },
      decisions: { where: { vote: "approve", voidedAt: null }, orderBy: { createdAt: "asc" } },
    },
    orderBy: [{ projectId: "asc" }, { number: "asc" }],
  });
  const judged: Judged[] = [];
  for (const { project, decisions, ...request } of requests) {
    const version = await versionToApprove(db, request.versionId);
    const { sha256, runtime } = version;
    const approved = DigestParts.safeParse(request.digestParts);
    const policy = PolicySpec.safeParse(request.policy.spec);
    const standing = decisions.filter((vote) => vote.digest === request.digest);
    const barred = z.array(z.object({ userId: z.string() })).parse(request.barred);
    for (const vote of standing.filter(({ signature }) => signature === null)) {
      const people = new Set(standing.map(({ userId }) => userId));
      const why =
        sha256 === null || runtime === null
          ? "the version has no file"
          : !policy.success
            ? "its policy cannot be read"
            : !approved.success || sha256Of(approved.data) !== request.digest
              ? "the evidence is not what the digest was taken of"
              : approved.data.model.sha256 !== sha256
                ? "the version names another file than the one that was approved"
                : vote.userId === request.requestedBy || barred.some(({ userId }) => userId === vote.userId)
                  ? `${vote.userName} may not decide on it`
                  : request.status === "completed" && people.size < policy.data.approvals.reviewers
                    ? `${people.size} of ${policy.data.approvals.reviewers} approvals were given`
                    : (await isRecorded(db, request.id, vote))
                      ? null
                      : "the audit trail does not tell of it";
      judged.push({
        id: vote.id,
        projectId: request.projectId,
        requestId: request.id,
        project: project.slug,
        request: request.number,
        version: version.version,
        approvedBy: vote.userName,
        at: vote.createdAt.toISOString(),
        refused: why,
        parts:
          why === null && sha256 !== null && runtime !== null
            ? {
                ...version,
                ...{ sha256, runtime },
                ...signedPartsOf(request),
                ...{ userId: vote.userId, userName: vote.userName, at: vote.createdAt.toISOString() },
              }
            : null,
      });
    }
  }
  return judged;
}

async function isRecorded(
  db: Db,
  requestId: string,
  vote: { readonly id: string; readonly userId: string; readonly digest: string },
): Promise<boolean> {
  const [found] = await db.$queryRaw<unknown[]>(Prisma.sql`
    select 1 from audit_events
    where action = 'promotion.approved' and subject_type = 'promotion-request' and subject_id = ${requestId}
      and actor_id = ${vote.userId}::uuid and details->>'decisionId' = ${vote.id} and details->>'digest' = ${vote.digest}
    limit 1`);
  return found !== undefined;
}

const shown = ({ parts: _parts, projectId: _project, requestId: _request, ...rest }: Judged): UnsignedApproval => rest;

/** Approvals of all projects that were given before approvals were signed, and whether each could be signed now. */
export const listUnsignedApprovals = definePlatformUseCase({
  name: "governance.list-unsigned-approvals",
  scope: "platform:administer",
  effect: "read",
  input: z.object({}),
  async run({ db }): Promise<UnsignedApproval[]> {
    return (await judge(db)).map(shown);
  },
});

/**
 * Signs what was approved before approvals were signed and still holds by the rule of then. It believes the database once, which is why a person calls it after reading the
 * list, and never the platform by itself. Each signature is an audit event of its project.
 */
export const signApprovals = definePlatformUseCase({
  name: "governance.sign-approvals",
  scope: "platform:administer",
  effect: "write",
  unaudited: "without an approval that can be signed nothing is changed; each one that is signed is recorded",
  timeoutMs: 120_000,
  input: z.object({}),
  async run({ actor, db, audit, publish }): Promise<UnsignedApproval[]> {
    const judged = await judge(db);
    const signer = approvalSigner();
    for (const { id, projectId, requestId, request, approvedBy, version, parts } of judged) {
      if (parts === null) continue;
      const signed = signApproval(parts, signer);
      await db.decision.update({ where: { id }, data: { ...signed } });
      await audit(
        {
          action: "promotion.approval_signed",
          subject: { type: "promotion-request", id: requestId },
          summary: `${actor.name} signed the approval of request ${request} (version ${version}) that ${approvedBy} gave before approvals were signed`,
          details: { decisionId: id, ...signed },
        },
        projectId,
      );
      await publish("reviews", requestId, { projectId });
      await publish("endpoints", requestId, { projectId });
    }
    return judged.map(shown);
  },
});
