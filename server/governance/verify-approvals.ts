import { verify } from "node:crypto";
import type { ApprovalKeys } from "./approval-keys.ts";
import { type ApprovalProof, ApprovalStatement, type ApprovedVersion, type SignedVote } from "./contract.ts";

/** A signed approval that was read, or why it counts for nothing, as part of a sentence. */
export type VoteVerdict =
  | { readonly statement: ApprovalStatement }
  | { readonly statement: null; readonly problem: string };

export type ApprovalVerdict =
  | { readonly approvedBy: readonly string[] }
  | { readonly approvedBy: null; readonly problem: string };

/** Whether one vote was signed with a key of ours for exactly this version, its file and this request, by somebody who might decide. */
export function verifyVote(
  vote: SignedVote,
  request: Pick<ApprovalProof, "requestId">,
  version: ApprovedVersion,
  keys: ApprovalKeys,
): VoteVerdict {
  const refused = (problem: string): VoteVerdict => ({ statement: null, problem });
  const key = keys.get(vote.keyId);
  if (!key)
    return refused(`it was signed with the key ${vote.keyId}, which this machine does not have among its public keys`);
  if (!verify(null, Buffer.from(vote.statement), key, Buffer.from(vote.signature, "base64")))
    return refused("its signature does not fit what it says, so it was changed after it was given");
  const statement = parse(vote.statement);
  if (!statement) return refused("it was signed in a form that this version of Touchstone does not know");
  const { userName: who } = statement;
  if (statement.requestId !== request.requestId)
    return refused(`${who} gave it on request ${statement.requestNumber}, not on this one`);
  if (
    statement.versionId !== version.versionId ||
    statement.modelId !== version.modelId ||
    statement.projectId !== version.projectId ||
    statement.version !== version.version
  )
    return refused(`${who} approved another version than this`);
  if (statement.sha256 !== version.sha256)
    return refused(
      `${who} approved the file ${statement.sha256.slice(0, 12)}…, and the version now names ${version.sha256?.slice(0, 12) ?? "no file"}${version.sha256 ? "…" : ""}`,
    );
  if (statement.runtime !== version.runtime)
    return refused(`${who} approved it for the runtime ${statement.runtime}, not ${version.runtime ?? "none"}`);
  if (statement.userId === statement.requestedBy || statement.barred.includes(statement.userId))
    return refused(`${who} may not decide on this request`);
  return { statement };
}

/**
 * Whether these votes approve exactly this version and its file: as many different people as their own statements ask for, none of them the requester or barred,
 * all on one digest, each signed with one of `keys`. Pure: nothing is believed but what was signed. `problem` completes "…, because".
 */
export function verifyApprovals(proof: ApprovalProof, version: ApprovedVersion, keys: ApprovalKeys): ApprovalVerdict {
  const refused = (problem: string): ApprovalVerdict => ({ approvedBy: null, problem });
  const verdicts = proof.votes.map((vote) => verifyVote(vote, proof, version, keys));
  const byDigest = new Map<string, ApprovalStatement[]>();
  let problem: string | undefined;
  for (const verdict of verdicts) {
    if (verdict.statement)
      byDigest.set(verdict.statement.digest, [...(byDigest.get(verdict.statement.digest) ?? []), verdict.statement]);
    else problem ??= `an approval of request ${proof.requestNumber} does not hold: ${verdict.problem}`;
  }
  let best = { given: 0, needed: 1 };
  for (const statements of byDigest.values()) {
    const people = new Map(statements.map(({ userId, userName }) => [userId, userName]));
    const needed = Math.max(...statements.map(({ reviewers }) => reviewers));
    if (people.size >= needed) return { approvedBy: [...people.values()] };
    if (people.size > best.given) best = { given: people.size, needed };
  }
  return refused(
    problem ??
      `request ${proof.requestNumber} has ${best.given} of ${best.needed} signed ${best.needed === 1 ? "approval" : "approvals"}`,
  );
}

function parse(statement: string): ApprovalStatement | null {
  try {
    return ApprovalStatement.safeParse(JSON.parse(statement)).data ?? null;
  } catch {
    return null;
  }
}
