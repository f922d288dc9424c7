import type { Db } from "#server/platform/db.ts";

/**
 * The promotion request that lets a version answer, newest first; null without one. It was completed, or its version is being rolled out, and its
 * digest carries a vote of somebody else than the requester that was not voided.
 */
export async function approvedRequestOf(
  db: Db,
  version: { readonly projectId: string; readonly modelId: string; readonly versionId: string },
): Promise<string | null> {
  const found = await db.promotionRequest.findMany({
    where: { ...version, status: { in: ["completed", "rolling_out"] } },
    include: { decisions: { where: { vote: "approve", voidedAt: null } } },
    orderBy: [{ closedAt: { sort: "desc", nulls: "first" } }, { createdAt: "desc" }],
  });
  const approved = found.find((request) =>
    request.decisions.some((vote) => vote.digest === request.digest && vote.userId !== request.requestedBy),
  );
  return approved?.id ?? null;
}
