import type { Db } from "#server/platform/db.ts";
import { env } from "#server/platform/env.ts";
import type { VersionDto } from "#server/registry/contract.ts";

/** What a version is and where it comes from, for a reader without an account: lineage, metrics, and each signed approval as it was signed. */
export async function exportCard(
  db: Db,
  project: { readonly id: string; readonly slug: string },
  version: VersionDto,
  exportedBy: string,
) {
  const run = version.runId
    ? await db.run.findFirst({
        where: { id: version.runId, projectId: project.id },
        select: { id: true, name: true, params: { select: { key: true, value: true } } },
      })
    : null;
  const requests = await db.promotionRequest.findMany({
    where: { projectId: project.id, versionId: version.id },
    orderBy: { number: "asc" },
    select: {
      number: true,
      status: true,
      digest: true,
      decisions: {
        where: { vote: "approve", voidedAt: null },
        orderBy: { createdAt: "asc" },
        select: { userName: true, createdAt: true, digest: true, statement: true, signature: true, keyId: true },
      },
    },
  });
  const { golden } = version;
  return {
    model: version.model,
    version: version.version,
    state: version.state,
    aliases: version.aliases,
    description: version.description,
    tags: version.tags,
    metrics: version.metrics,
    sha256: version.sha256,
    runtime: version.runtime,
    registered: { at: version.createdAt, by: version.createdBy },
    lineage: {
      run: run && { id: run.id, name: run.name, params: Object.fromEntries(run.params.map((p) => [p.key, p.value])) },
      commit: version.commit,
      pipelineRun: version.pipelineRun,
      dataset: version.dataset,
    },
    golden: golden && {
      rows: golden.rows,
      tolerance: golden.tolerance,
      framework: golden.framework,
      check: golden.check,
    },
    approvals: requests.flatMap(({ number, status, digest, decisions }) =>
      decisions
        .filter((vote) => vote.digest === digest)
        .map(({ userName, createdAt, statement, signature, keyId }) => ({
          request: number,
          status,
          by: userName,
          at: createdAt.toISOString(),
          // The text that was signed, as it was signed: Ed25519 over its UTF-8 bytes, base64.
          signed: statement !== null && signature !== null ? { statement, signature, keyId } : null,
        })),
    ),
    exported: {
      at: new Date().toISOString(),
      by: exportedBy,
      from: `${env().appUrl}/p/${project.slug}/models/${encodeURIComponent(version.model)}/${version.version}`,
    },
  };
}
