import type { Db } from "#server/platform/db.ts";
import { BulkError, type BulkProgress, BulkStatus } from "../contract.ts";

export type BulkRow = NonNullable<Awaited<ReturnType<Db["bulkWork"]["findUnique"]>>>;

/** How far work is: its speed is that of the worker that has it now, or of the whole once it is done. */
export function progressOf(row: BulkRow, now: number = Date.now()): BulkProgress {
  const status = BulkStatus.parse(row.status);
  const [total, done] = [Number(row.rowsTotal), Number(row.rowsDone)];
  const rate = rateOf(row, status, now);
  return {
    id: row.id,
    number: row.number,
    status,
    phase: row.phase === "rows" ? "rows" : "writing",
    rowsTotal: total,
    rowsDone: done,
    rowsPerSecond: rate,
    secondsLeft: status === "running" && rate !== null && done < total ? (total - done) / rate : null,
    cancelling: status === "running" && row.cancelRequestedAt !== null,
    cancelledBy: row.cancelledBy,
    error: row.error === null ? null : BulkError.parse(row.error),
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

function rateOf(row: BulkRow, status: BulkStatus, now: number): number | null {
  const [since, until, rows] =
    status === "running"
      ? [row.heldSince, now, Number(row.rowsDone - row.heldRows)]
      : [row.startedAt, row.finishedAt?.getTime() ?? now, Number(row.rowsDone)];
  const seconds = since ? (until - since.getTime()) / 1000 : 0;
  return rows > 0 && seconds > 0 && (status === "running" || status === "done") ? rows / seconds : null;
}
