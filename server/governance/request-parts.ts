import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { getVersionById } from "#server/registry/index.ts";
import { systemActor } from "#server/identity/index.ts";
import type { VersionDto } from "#server/registry/contract.ts";
import { CheckEvidence, type DigestParts } from "./contract.ts";
import { sha256Of } from "./digest.ts";

/** A request with its policy. Errors: not_found. */
export async function findRequest(db: Db, projectId: string, number: number) {
  const request = await db.promotionRequest.findUnique({
    where: { projectId_number: { projectId, number } },
    include: { policy: true },
  });
  if (!request)
    throw new AppError("not_found", `There is no promotion request ${number} in this project.`, {
      field: "number",
      value: number,
      remedy: "Choose one from Reviews.",
    });
  return request;
}
export type RequestRow = Awaited<ReturnType<typeof findRequest>>;

/** Both versions of a request as the registry knows them now. */
export async function sidesOf(
  projectId: string,
  request: Pick<RequestRow, "versionId" | "baseVersionId">,
): Promise<{ challenger: VersionDto; champion: VersionDto | null }> {
  const reader = systemActor("governance");
  const [challenger, champion] = await Promise.all([
    getVersionById(reader, projectId, { id: request.versionId }),
    request.baseVersionId ? getVersionById(reader, projectId, { id: request.baseVersionId }) : null,
  ]);
  return { challenger, champion };
}

/** What an approval of this request is bound to, from the state of now. */
export async function digestPartsOf(db: Db, projectId: string, request: RequestRow): Promise<DigestParts> {
  const { challenger, champion } = await sidesOf(projectId, request);
  // Of the rows themselves: the hash that is kept beside them says nothing about an edit of the database.
  const { golden } = await db.modelVersion.findUniqueOrThrow({
    where: { id: challenger.id },
    select: { golden: true },
  });
  const checks = await db.checkResult.findMany({
    where: { requestId: request.id, evaluation: request.evaluation },
    orderBy: { position: "asc" },
  });
  const results = checks.map((check) => ({
    id: check.checkId,
    state: check.state,
    verdict: check.verdict,
    summary: check.summary,
    evidence: CheckEvidence.parse(check.evidence),
  }));
  return {
    model: {
      name: challenger.model,
      version: challenger.version,
      sha256: challenger.sha256,
      record: sha256Of({
        description: challenger.description,
        tags: challenger.tags,
        metrics: challenger.metrics,
        signature: challenger.signature,
        ...(golden ? { golden: sha256Of(golden) } : {}),
      }),
    },
    dataset: challenger.dataset
      ? { name: challenger.dataset.name, version: challenger.dataset.version, sha256: challenger.dataset.sha256 }
      : null,
    code: challenger.commit,
    policy: { version: request.policy.version, sha256: request.policy.sha256 },
    evaluation: { number: request.evaluation, results: sha256Of(results) },
    base: champion ? { version: champion.version, sha256: champion.sha256 } : null,
  };
}

/** The policy that applies to a model now: its own, or the project's for all models. Errors: conflict when there is none. */
export async function activePolicy(db: Db, projectId: string, model: string) {
  const policies = await db.policy.findMany({
    where: { projectId, modelName: { in: [model, "*"] } },
    orderBy: { version: "desc" },
  });
  const policy = policies.find((p) => p.modelName === model) ?? policies[0];
  if (!policy)
    throw new AppError("conflict", `No policy says what ${model} must prove.`, {
      field: "model",
      value: model,
      remedy: "A reviewer writes the policy in Reviews → Policy.",
    });
  return policy;
}
