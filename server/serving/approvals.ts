import type { Db } from "#server/platform/db.ts";

export interface Approval {
  readonly number: number;
  readonly approvedBy: readonly string[];
  readonly requestedBy: string;
  /** Whether the version takes over by steps now. */
  readonly isRollingOut: boolean;
}

/** Number, requester and approvers of promotion requests, by id. */
export async function approvalsOf(db: Db, requestIds: readonly string[]): Promise<Map<string, Approval>> {
  if (requestIds.length === 0) return new Map();
  const rows = await db.promotionRequest.findMany({
    where: { id: { in: [...new Set(requestIds)] } },
    include: { decisions: { where: { vote: "approve", voidedAt: null }, orderBy: { createdAt: "asc" } } },
  });
  return new Map(
    rows.map((row) => [
      row.id,
      {
        number: row.number,
        requestedBy: row.requestedByName,
        isRollingOut: row.status === "rolling_out",
        approvedBy: [
          ...new Set(row.decisions.filter((vote) => vote.digest === row.digest).map((vote) => vote.userName)),
        ],
      },
    ]),
  );
}
