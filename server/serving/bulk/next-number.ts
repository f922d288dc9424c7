import type { Db } from "#server/platform/db.ts";

/** The next number of a kind of bulk work in a project. Two at once wait for each other. */
export async function nextNumber(tx: Db, projectId: string, kind: "scoring" | "export"): Promise<number> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`bulk ${kind} ${projectId}`}, 0))`;
  const last = await tx.bulkWork.findFirst({
    where: { projectId, kind },
    orderBy: { number: "desc" },
    select: { number: true },
  });
  return (last?.number ?? 0) + 1;
}
