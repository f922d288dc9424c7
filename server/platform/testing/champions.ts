import { createHash, randomBytes } from "node:crypto";
import path from "node:path";
import { uuidv7 } from "#server/kernel/ids.ts";
import type { Actor } from "#server/identity/index.ts";
import { prisma } from "../db.ts";
import { announceNow } from "../events.ts";
import { putFile } from "../objects.ts";
import { approvalSigner, signApproval, versionToApprove } from "#server/governance/index.ts";
import { assignAlias, registerVersion } from "#server/registry/index.ts";

const FIXTURES = path.join(import.meta.dirname, "../../registry/fixtures");

export interface Registered {
  readonly projectId: string;
  readonly modelId: string;
  readonly versionId: string;
  readonly version: number;
}

/** Registers an ONNX file (by default the fixture `columns`) as the next version of a model. */
export async function registerOnnx(
  actor: Actor,
  projectId: string,
  model: string,
  file: string = path.join(FIXTURES, "columns.onnx"),
  lineage: { datasetVersionId?: string } = {},
): Promise<Registered> {
  const { sha256 } = await putFile(file);
  const { id, modelId, version } = await registerVersion(actor, projectId, { model, sha256, ...lineage });
  return { projectId, modelId, versionId: id, version };
}

/**
 * Makes a version champion with everything that an approval leaves behind: the completed request, the signed vote on its digest, the alias. Change
 * what the request says to make one that is not good enough.
 */
export async function crown(
  { projectId, modelId, versionId }: Registered,
  requestedBy: Actor & { userId: string },
  approvedBy: Actor & { userId: string },
  change: {
    status?: string;
    digest?: string;
    votedDigest?: string;
    vote?: string;
    voidedAt?: Date;
    reviewers?: number;
    unsigned?: boolean;
  } = {},
): Promise<{ requestId: string; number: number }> {
  const digest = change.digest ?? createHash("sha256").update(randomBytes(8)).digest("hex");
  const policy = await prisma().policy.create({
    data: { projectId, modelName: randomBytes(4).toString("hex"), version: 1, text: "", spec: {}, sha256: "" },
  });
  const number = (await prisma().promotionRequest.count({ where: { projectId } })) + 1;
  const requestId = uuidv7();
  const { version, sha256, runtime } = await versionToApprove(prisma(), versionId);
  const vote = change.vote ?? "approve";
  const signed =
    vote === "approve" && change.unsigned !== true
      ? signApproval(
          {
            ...{ projectId, modelId, versionId, version, sha256: sha256 ?? "", runtime: runtime ?? "" },
            ...{ requestId, requestNumber: number, digest: change.votedDigest ?? digest, policy: policy.sha256 },
            ...{ reviewers: change.reviewers ?? 1, requestedBy: requestedBy.userId, barred: [requestedBy.userId] },
            ...{ userId: approvedBy.userId, userName: approvedBy.name, at: new Date().toISOString() },
          },
          approvalSigner(),
        )
      : null;
  await prisma().promotionRequest.create({
    data: {
      id: requestId,
      projectId,
      number,
      modelId,
      versionId,
      policyId: policy.id,
      status: change.status ?? "completed",
      requestedBy: requestedBy.userId,
      requestedByName: requestedBy.name,
      digest,
      closedAt: new Date(),
      decisions: {
        create: {
          userId: approvedBy.userId,
          userName: approvedBy.name,
          vote,
          digest: change.votedDigest ?? digest,
          voidedAt: change.voidedAt ?? null,
          ...signed,
        },
      },
    },
  });
  await assignAlias(prisma(), { modelId, alias: "champion", versionId });
  await announceNow({ projectId, topic: "endpoints", id: modelId });
  return { requestId, number };
}
