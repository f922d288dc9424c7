import type { Db, Prisma } from "#server/platform/db.ts";
import { type ReproductionDto, type ReproductionResultDto, ReproductionStatus, Tolerance } from "./origin-contract.ts";

/** Rows as the page of a run shows them. */
export async function reproductionDtos(
  db: Db,
  rows: readonly Prisma.ReproductionGetPayload<object>[],
): Promise<ReproductionDto[]> {
  const runs = await db.pipelineRun.findMany({
    where: { id: { in: rows.map((row) => row.pipelineRunId) } },
    select: { id: true, number: true },
  });
  return rows.map((row) => ({
    id: row.id,
    originalRunId: row.originalRunId,
    runId: row.runId,
    pipelineRun: runs.find((run) => run.id === row.pipelineRunId)?.number ?? 0,
    tolerance: Tolerance.parse(row.tolerance),
    status: ReproductionStatus.parse(row.status),
    summary: row.summary,
    // Only the job writes this column, from this very type.
    result: row.result as unknown as ReproductionResultDto | null,
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }));
}
