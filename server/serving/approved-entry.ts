import { approvalKeys, verifyApprovals } from "#server/governance/index.ts";
import type { PlanEntry } from "./contract.ts";

/**
 * Why the serving process must not load a version: the signed approvals that came with the plan do not name it and its file, judged with the public keys that this
 * process read itself. Null when they do. What the file really holds is compared with the SHA-256 when it is loaded.
 */
export function whyNotApproved(entry: PlanEntry): string | null {
  const { approval, modelVersionId: versionId, projectId, modelId, version, sha256, runtime = "onnx" } = entry;
  if (!approval) return "no signed approval came with it";
  const verdict = verifyApprovals(
    approval,
    { projectId, modelId, versionId, version, sha256, runtime },
    approvalKeys(),
  );
  return verdict.approvedBy ? null : verdict.problem;
}
