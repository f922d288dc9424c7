import type { RequestSummary } from "#server/governance/contract.ts";
import type { Db } from "#server/platform/db.ts";
import type { Promotion } from "./contract.ts";
import { outcomeScores } from "./outcome-scores.ts";
import { rowsOfPolicy } from "./rows-of-policy.ts";

/** The newest promotions of a project with what both versions did in production; `closed` are its closed requests. */
export async function lastPromotions(
  db: Db,
  projectId: string,
  closed: readonly RequestSummary[],
  limit: number,
): Promise<Promotion[]> {
  const done = closed
    .filter((request) => request.status === "completed")
    .sort((a, b) => (b.closedAt ?? "").localeCompare(a.closedAt ?? ""))
    .slice(0, limit);
  const [rows, endpoints] = await Promise.all([
    db.promotionRequest.findMany({
      where: { projectId, id: { in: done.map((request) => request.id) } },
      select: {
        id: true,
        versionId: true,
        baseVersionId: true,
        digest: true,
        policy: { select: { spec: true } },
        decisions: {
          where: { vote: "approve", voidedAt: null },
          orderBy: { createdAt: "asc" },
          select: { userName: true, digest: true },
        },
      },
    }),
    db.endpoint.findMany({ where: { projectId }, select: { id: true } }),
  ]);
  const scores = await outcomeScores(
    projectId,
    endpoints.map((endpoint) => endpoint.id),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return done.flatMap((request): Promotion[] => {
    const row = byId.get(request.id);
    if (!row) return [];
    return [
      {
        number: request.number,
        model: request.model,
        version: request.version,
        baseVersion: request.baseVersion,
        at: request.closedAt ?? request.createdAt,
        requestedBy: request.requestedBy,
        approvedBy: [
          ...new Set(row.decisions.filter((vote) => vote.digest === row.digest).map((vote) => vote.userName)),
        ],
        headline: request.headline,
        rows: rowsOfPolicy(row.policy.spec),
        score: scores.get(row.versionId) ?? null,
        baseScore: (row.baseVersionId && scores.get(row.baseVersionId)) || null,
      },
    ];
  });
}
