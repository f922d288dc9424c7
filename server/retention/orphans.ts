import { keptByDatasets } from "#server/data/index.ts";
import { keptByOutputs } from "#server/pipelines/index.ts";
import { type Db, prisma } from "#server/platform/db.ts";
import { objectStore } from "#server/platform/objects.ts";
import { keptByVersions } from "#server/registry/index.ts";
import { keptByBulkWork } from "#server/serving/index.ts";
import { keptByArtifacts } from "#server/tracking/index.ts";
import { ASIDE_MINUTES } from "./contract.ts";

const BATCH = 1000;

/** Which of these contents anybody refers to, in any project. Whoever stores content under a reference of a new kind adds it here. */
export async function referredTo(db: Db, hashes: readonly string[]): Promise<Set<string>> {
  return await askAll(db, hashes, [keptByArtifacts, keptByDatasets, keptByVersions, keptByOutputs, keptByBulkWork]);
}

type Ask = (db: Db, hashes: readonly string[]) => Promise<string[]>;

/** The cheapest first; each next one is asked only about what is left. */
async function askAll(db: Db, hashes: readonly string[], asks: readonly Ask[]): Promise<Set<string>> {
  const kept = new Set<string>();
  for (const ask of asks) {
    const open = hashes.filter((hash) => !kept.has(hash));
    if (open.length === 0) break;
    for (const hash of await ask(db, open)) kept.add(hash);
  }
  return kept;
}

/** As `referredTo`, for contents of artifacts that are about to go: whoever else refers to them. */
export async function referredOutside(db: Db, hashes: readonly string[]): Promise<Set<string>> {
  return await askAll(db, hashes, [keptByDatasets, keptByVersions, keptByOutputs, keptByBulkWork]);
}

interface Orphan {
  readonly sha256: string;
  readonly sizeBytes: bigint;
  readonly purgeId: string | null;
}

/** First half: content that nobody refers to is set aside, where whoever asks for it still finds it. */
async function setAsideNext(
  db: Db,
  hashes: readonly string[] | null,
): Promise<{ looked: number; aside: number; bytes: number }> {
  const rows: Orphan[] = await db.orphanObject.findMany({
    where: { asideAt: null, ...(hashes === null ? {} : { sha256: { in: [...hashes] } }) },
    orderBy: { since: "asc" },
    take: BATCH,
  });
  const kept = await referredTo(
    db,
    rows.map((row) => row.sha256),
  );
  await db.orphanObject.deleteMany({ where: { sha256: { in: [...kept] }, asideAt: null } });
  const free = rows.filter((row) => !kept.has(row.sha256));
  for (const { sha256 } of free) await objectStore().setAside(sha256);
  const asided = free.map((row) => row.sha256);
  // One statement, so that a worker that dies here counts no byte twice when it looks again.
  const [counted] = await db.$queryRaw<{ bytes: number }[]>`
    with marked as (
      update orphan_objects set aside_at = now() where sha256 = any(${asided}::text[]) and aside_at is null
      returning size_bytes, purge_id
    ), told as (
      update purges p set bytes = p.bytes + m.sum
      from (select purge_id, sum(size_bytes)::bigint as sum from marked where purge_id is not null group by 1) m where p.id = m.purge_id
    )
    select coalesce(sum(size_bytes), 0)::float8 as bytes from marked`;
  return { looked: rows.length, aside: free.length, bytes: counted?.bytes ?? 0 };
}

/** Sets aside what nobody refers to, of these contents or of all that were given up. Returns how many and how large. */
export async function setOrphansAside(
  hashes: readonly string[] | null = null,
): Promise<{ objects: number; bytes: number }> {
  let [objects, bytes] = [0, 0];
  for (;;) {
    const step = await setAsideNext(prisma(), hashes);
    objects += step.aside;
    bytes += step.bytes;
    if (step.looked < BATCH) return { objects, bytes };
  }
}

/**
 * Second half: what has been set aside for an hour leaves the disk if still nobody refers to it, and goes back if somebody does. An upload that met the
 * content just before it was set aside has written its reference by now; one that came after has stored the content anew.
 */
export async function discardOrphans(
  now = new Date(),
  minutes = ASIDE_MINUTES,
): Promise<{ objects: number; bytes: number }> {
  const db = prisma();
  const store = objectStore();
  const due = new Date(now.getTime() - minutes * 60_000);
  let [objects, bytes] = [0, 0];
  for (;;) {
    const rows: Orphan[] = await db.orphanObject.findMany({
      where: { asideAt: { lte: due } },
      orderBy: { asideAt: "asc" },
      take: BATCH,
    });
    const kept = await referredTo(
      db,
      rows.map((row) => row.sha256),
    );
    for (const { sha256, sizeBytes, purgeId } of rows) {
      if (kept.has(sha256)) await store.takeBack(sha256);
      else if (await store.discard(sha256)) {
        objects += 1;
        bytes += Number(sizeBytes);
        if (purgeId !== null)
          await db.purge.updateMany({ where: { id: purgeId }, data: { bytesFreed: { increment: sizeBytes } } });
      }
      // Stored again meanwhile, and perhaps given up again: then it is looked at once more.
      const again = !kept.has(sha256) && (await store.sizeOf(sha256)) !== null;
      if (again) await db.orphanObject.update({ where: { sha256 }, data: { asideAt: null, purgeId: null } });
      else await db.orphanObject.deleteMany({ where: { sha256 } });
    }
    if (rows.length < BATCH) return { objects, bytes };
  }
}
