import type { Db } from "#server/platform/db.ts";
import { approvalsOf } from "./approvals.ts";
import { type ArmDto, ArmKind } from "./arms-contract.ts";

/** An arm as the database holds it. */
export interface ArmRow {
  readonly id: string;
  readonly versionId: string;
  readonly version: number;
  readonly kind: string;
  readonly share: number;
  readonly requestId: string | null;
  readonly problem: string | null;
  readonly startedBy: string;
  readonly startedAt: Date;
  readonly shareSince: Date;
  readonly endedAt: Date | null;
  readonly endReason: string;
}

/** What pages and programs read of arms, in their order. */
export async function armDtos(db: Db, rows: readonly ArmRow[]): Promise<ArmDto[]> {
  const approvals = await approvalsOf(
    db,
    rows.flatMap((row) => row.requestId ?? []),
  );
  return rows.map((row) => {
    const approval = row.requestId ? approvals.get(row.requestId) : undefined;
    return {
      id: row.id,
      kind: ArmKind.parse(row.kind),
      version: row.version,
      versionId: row.versionId,
      share: row.share,
      state: row.endedAt ? "ended" : row.problem ? "failing" : "running",
      problem: row.problem,
      startedBy: row.startedBy,
      startedAt: row.startedAt.toISOString(),
      shareSince: row.shareSince.toISOString(),
      endedAt: row.endedAt?.toISOString() ?? null,
      endReason: row.endReason,
      isRollingOut: approval?.isRollingOut ?? false,
      request: approval ? { number: approval.number, approvedBy: approval.approvedBy } : null,
    };
  });
}
