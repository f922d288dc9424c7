import { z } from "zod";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import type { ApprovalKeys } from "./approval-keys.ts";
import { type ApprovalStatement, type ApprovedVersion, PolicySpec, type VoteSignature } from "./contract.ts";
import { signedVote } from "./find-approvals.ts";
import type { RequestRow } from "./request-parts.ts";
import { verifyVote } from "./verify-approvals.ts";

const Barred = z.array(z.object({ userId: z.string() }));

/** A version as approvals name it, read for this act. A file without a named runtime is ONNX: it was the only one when it was registered. */
export async function versionToApprove(db: Db, versionId: string): Promise<ApprovedVersion> {
  const { id, ...version } = await db.modelVersion.findUniqueOrThrow({
    where: { id: versionId },
    select: { id: true, projectId: true, modelId: true, version: true, sha256: true, runtime: true },
  });
  return { ...version, versionId: id, runtime: version.runtime ?? (version.sha256 === null ? null : "onnx") };
}

/** The same of a version that can be served. Errors: conflict for one without a file, which nobody can approve. */
export async function approvedVersionOf(
  db: Db,
  versionId: string,
): Promise<ApprovedVersion & { sha256: string; runtime: string }> {
  const version = await versionToApprove(db, versionId);
  const { sha256, runtime } = version;
  if (sha256 === null || runtime === null)
    throw new AppError(
      "conflict",
      `Version ${version.version} has no file, so there is nothing that could be served.`,
      {
        field: "number",
        remedy: "Register a version with its model file and request that one's promotion.",
      },
    );
  return { ...version, sha256, runtime };
}

/** What an approval of a request says besides the version and the person. */
export function signedPartsOf(
  request: RequestRow,
): Pick<
  ApprovalStatement,
  "requestId" | "requestNumber" | "digest" | "policy" | "reviewers" | "requestedBy" | "barred"
> {
  if (request.digest === null) throw new Error(`request ${request.number} has no digest that could be approved`);
  return {
    requestId: request.id,
    requestNumber: request.number,
    digest: request.digest,
    policy: request.policy.sha256,
    reviewers: PolicySpec.parse(request.policy.spec).approvals.reviewers,
    requestedBy: request.requestedBy,
    barred: Barred.parse(request.barred).map((person) => person.userId),
  };
}

/** Whether an approval in the database is the one that was signed, for the request's page. */
export function signatureOf(
  row: {
    readonly userId: string;
    readonly userName: string;
    readonly digest: string;
    readonly statement: string | null;
    readonly signature: string | null;
    readonly keyId: string | null;
  },
  requestId: string,
  version: ApprovedVersion,
  keys: ApprovalKeys,
): VoteSignature {
  const vote = signedVote(row);
  if (!vote) return { keyId: row.keyId, verifies: false, problem: "It is not signed." };
  const { keyId } = vote;
  const verdict = verifyVote(vote, { requestId }, version, keys);
  if (!verdict.statement) return { keyId, verifies: false, problem: `It does not hold: ${verdict.problem}.` };
  const { statement } = verdict;
  if (statement.userId !== row.userId || statement.userName !== row.userName || statement.digest !== row.digest)
    return {
      keyId,
      verifies: false,
      problem: `It was signed for ${statement.userName} on the digest ${statement.digest.slice(0, 12)}…, which is not what stands here.`,
    };
  return { keyId, verifies: true, problem: null };
}
