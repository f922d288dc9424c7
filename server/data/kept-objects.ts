import type { Db } from "#server/platform/db.ts";

/** Which of these contents dataset versions of any project refer to: nobody may remove those. */
export async function keptByDatasets(db: Db, hashes: readonly string[]): Promise<string[]> {
  const rows = await db.datasetVersion.findMany({
    where: { sha256: { in: [...hashes] } },
    select: { sha256: true },
    distinct: ["sha256"],
  });
  return rows.map((row) => row.sha256);
}
