import { createHash, randomBytes } from "node:crypto";
import path from "node:path";
import type { Actor } from "#server/identity/index.ts";
import { prisma } from "../db.ts";
import { announceNow } from "../events.ts";
import { putFile } from "../objects.ts";
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
 * Makes a version champion with everything that an approval leaves behind: the completed request, the vote on its digest, the alias. Change what the
 * request says to make one that is not good enough.
 */
export async function crown(
  { projectId, modelId, versionId }: Registered,
  requestedBy: Actor & { userId: string },
  approvedBy: Actor & { userId: string },
  change: { status?: string; digest?: string; votedDigest?: string; vote?: string; voidedAt?: Date } = {},
): Promise<{ requestId: string; number: number }> {
  const digest = change.digest ?? createHash("sha256").update(randomBytes(8)).digest("hex");
  const policy = await prisma().policy.create({
    data: { projectId, modelName: randomBytes(4).toString("hex"), version: 1, text: "", spec: {}, sha256: "" },
  });
  const number = (await prisma().promotionRequest.count({ where: { projectId } })) + 1;
  const { id: requestId } = await prisma().promotionRequest.create({
    data: {
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
          vote: change.vote ?? "approve",
          digest: change.votedDigest ?? digest,
          voidedAt: change.voidedAt ?? null,
        },
      },
    },
  });
  await assignAlias(prisma(), { modelId, alias: "champion", versionId });
  await announceNow({ projectId, topic: "endpoints", id: modelId });
  return { requestId, number };
}
