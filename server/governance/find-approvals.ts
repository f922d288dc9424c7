import type { Db } from "#server/platform/db.ts";
import { approvalKeys, type ApprovalKeys } from "./approval-keys.ts";
import type { ApprovalProof, ApprovedVersion, SignedVote } from "./contract.ts";
import { verifyApprovals } from "./verify-approvals.ts";

/** The approval by which a version may answer, or why there is none, as a clause that completes "it is not served, because". */
export type ApprovalFinding =
  | { readonly proof: ApprovalProof; readonly approvedBy: readonly string[] }
  | { readonly proof: null; readonly problem: string };

/** What may answer as what: a champion's promotion is completed, an arm's may still be rolling out. */
const STATUSES = { champion: ["completed"], arm: ["completed", "rolling_out"] } as const;

interface VoteRow {
  readonly userId: string;
  readonly userName: string;
  readonly statement: string | null;
  readonly signature: string | null;
  readonly keyId: string | null;
}

/** A vote with all that its signature needs, or null. */
export function signedVote({ statement, signature, keyId }: Omit<VoteRow, "userId" | "userName">): SignedVote | null {
  return statement !== null && signature !== null && keyId !== null ? { statement, signature, keyId } : null;
}

/**
 * For each version the newest promotion request that was really approved, with the signed votes that prove it, by version id. The status, the digest and the voids
 * that the database tells can only take away from what was signed.
 */
export async function findApprovals(
  db: Db,
  versions: readonly ApprovedVersion[],
  as: keyof typeof STATUSES,
  keys: ApprovalKeys = approvalKeys(),
): Promise<Map<string, ApprovalFinding>> {
  const rows = await db.promotionRequest.findMany({
    where: { versionId: { in: versions.map((version) => version.versionId) }, status: { in: [...STATUSES[as]] } },
    orderBy: [{ closedAt: { sort: "desc", nulls: "first" } }, { number: "desc" }],
    select: {
      id: true,
      projectId: true,
      number: true,
      versionId: true,
      digest: true,
      decisions: {
        where: { vote: "approve", voidedAt: null },
        orderBy: { createdAt: "asc" },
        select: { userId: true, userName: true, digest: true, statement: true, signature: true, keyId: true },
      },
    },
  });
  return new Map(
    versions.map((version) => {
      let refused: ApprovalFinding | undefined;
      for (const row of rows) {
        if (row.versionId !== version.versionId || row.projectId !== version.projectId) continue;
        const finding = judge({ ...row, votes: row.decisions.filter((vote) => vote.digest === row.digest) });
        if (finding.proof) return [version.versionId, finding];
        refused ??= finding;
      }
      return [version.versionId, refused ?? { proof: null, problem: "no approved promotion request names it" }];

      function judge(request: { id: string; number: number; votes: readonly VoteRow[] }): ApprovalFinding {
        const votes = request.votes.flatMap((vote) => signedVote(vote) ?? []);
        const proof = { requestId: request.id, requestNumber: request.number, votes };
        const verdict = verifyApprovals(proof, version, keys);
        if (verdict.approvedBy) return { proof, approvedBy: verdict.approvedBy };
        const unsigned = request.votes.find((vote) => signedVote(vote) === null);
        return {
          proof: null,
          problem: unsigned
            ? `the approval of request ${request.number} by ${unsigned.userName} is not signed (one that was given before approvals were signed is signed by an administrator: npm run -s touchstone -- approvals sign)`
            : verdict.problem,
        };
      }
    }),
  );
}
