import { canonicalJson } from "#server/kernel/canonical-json.ts";
import type { ApprovalSigner } from "./approval-keys.ts";
import { ApprovalStatement, type SignedVote } from "./contract.ts";

/** Signs an approval: the statement's canonical JSON, so that equal statements are one text. */
export function signApproval(
  parts: Omit<ApprovalStatement, "type" | "v" | "vote">,
  signer: ApprovalSigner,
): SignedVote {
  const statement = canonicalJson(
    ApprovalStatement.parse({ type: "touchstone/approval", v: 1, vote: "approve", ...parts }),
  );
  return { statement, signature: signer.sign(statement), keyId: signer.keyId };
}
