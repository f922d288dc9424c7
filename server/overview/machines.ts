import type { Db } from "#server/platform/db.ts";
import { queueStats } from "#server/platform/queue-stats.ts";
import type { EnvironmentLine, QueueLine, WorkerLine } from "./contract.ts";

/** A worker writes its heartbeat every five seconds. */
const SILENT_MS = 20_000;
const STOPPED_SHOWN_MS = 3_600_000;
const STATES = ["running", "silent", "stopped"];

/** Workers that run, those that fell silent and those that stopped in the last hour, in this order. */
export async function workerLines(db: Db, now = Date.now()): Promise<WorkerLine[]> {
  const rows = await db.worker.findMany({
    where: { heartbeatAt: { gt: new Date(now - STOPPED_SHOWN_MS) } },
    orderBy: { startedAt: "desc" },
    take: 100,
  });
  const busy = await db.stepAttempt.groupBy({
    by: ["workerId"],
    where: { status: "running", workerId: { in: rows.map((row) => row.id) } },
    _count: true,
  });
  const counts = new Map(busy.map((group) => [group.workerId, group._count]));
  const lines = rows.map((row): WorkerLine => {
    const silent = now - row.heartbeatAt.getTime() > SILENT_MS;
    return {
      id: row.id,
      host: row.host,
      pid: row.pid,
      roles: row.roles,
      version: row.version,
      slots: row.slots,
      startedAt: row.startedAt.toISOString(),
      heartbeatAt: row.heartbeatAt.toISOString(),
      stoppedAt: row.stoppedAt?.toISOString() ?? null,
      state: row.stoppedAt ? "stopped" : silent ? "silent" : "running",
      busy: counts.get(row.id) ?? 0,
    };
  });
  return lines.sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state));
}

export async function queueLines(now = Date.now()): Promise<QueueLine[]> {
  return (await queueStats()).map(({ oldestReadyAt, ...stats }) => ({
    ...stats,
    oldestMs: oldestReadyAt === null ? null : Math.max(0, now - oldestReadyAt.getTime()),
  }));
}

export async function environmentLines(db: Db): Promise<EnvironmentLine[]> {
  const rows = await db.environment.findMany({ orderBy: { startedAt: "desc" }, take: 200 });
  return rows.map((row) => ({
    hash: row.hash,
    kind: row.kind,
    python: row.python,
    status: row.status,
    error: row.error,
    sizeBytes: row.sizeBytes === null ? null : Number(row.sizeBytes),
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  }));
}
