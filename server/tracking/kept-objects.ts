import type { Db } from "#server/platform/db.ts";

/** Which of these contents artifacts of any project refer to: nobody may remove those. */
export async function keptByArtifacts(db: Db, hashes: readonly string[]): Promise<string[]> {
  const rows = await db.$queryRaw<{ sha256: string }[]>`
    select h.sha256 from unnest(${[...hashes]}::text[]) as h(sha256)
    where exists (select from artifacts a where a.sha256 = h.sha256)`;
  return rows.map((row) => row.sha256);
}
