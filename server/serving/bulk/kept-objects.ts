import { type Db, Prisma } from "#server/platform/db.ts";

/** Which of these contents are parts of bulk work that is under way, or the file of an export that is still kept: nobody may remove those. */
export async function keptByBulkWork(db: Db, hashes: readonly string[]): Promise<string[]> {
  const rows = await db.$queryRaw<{ sha256: string }[]>(Prisma.sql`
    select sha256 from bulk_parts where sha256 = any(${[...hashes]}::text[])
    union
    select result->>'sha256' from bulk_works where kind = 'export' and result->>'sha256' = any(${[...hashes]}::text[])`);
  return rows.map((row) => row.sha256);
}
