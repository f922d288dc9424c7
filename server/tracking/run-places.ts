import { Prisma, pool } from "#server/platform/db.ts";
import { findRunIds, fromFront, rangeOf, type RunsWanted } from "./find-run-ids.ts";
import { MOST_COUNTED } from "./runs-contract.ts";

/** A list this old is made anew, but still answers meanwhile. */
const FRESH_MS = 15_000;
/** A list this old answers no more. */
const KEPT_MS = 60_000;
/** Lists that are short, or made in less time than this, are read anew for each page. */
const SHORT = 500;
const SLOW_MS = 50;
/** How many ids all kept lists may have together: 32 MB. */
const MOST_KEPT = 1_000_000;
/** The letters of an id. */
const WIDTH = 32;

interface List {
  readonly madeAt: number;
  readonly isKept: boolean;
  /** All ids in their order, WIDTH letters each; null where ids have another form, or there are more than are counted. */
  readonly ids: Buffer | null;
}

interface Kept {
  /** The newest list that is there. */
  list: List | null;
  /** A list that is being made. */
  coming: Promise<List> | null;
}

// The one used last stands last.
const lists = new Map<string, Kept>();

async function makeList(wanted: RunsWanted): Promise<List> {
  const { joins, orderBy } = wanted.order;
  const madeAt = Date.now();
  const sql = Prisma.sql`
    select count(*)::int as count, string_agg(id, '') as ids from (
      select r.id from runs r left join experiments e on e.id = r.experiment_id ${joins}
      where ${rangeOf(wanted)} and ${wanted.where} order by ${orderBy} limit ${MOST_COUNTED + 1}) as listed`;
  const { rows } = await pool().query<{ count: number; ids: string | null }>({ text: sql.text, values: sql.values });
  const ids = Buffer.from(rows[0]?.ids ?? "", "latin1");
  const count = rows[0]?.count ?? 0;
  const isKept = count > SHORT && Date.now() - madeAt > SLOW_MS;
  return { madeAt, isKept, ids: count > MOST_COUNTED || ids.length !== count * WIDTH ? null : ids };
}

/** Forgets lists that answer no more, and those used longest ago while there is too much. */
function makeRoom(): void {
  const now = Date.now();
  let ids = 0;
  for (const [key, { list, coming }] of [...lists].toReversed()) {
    ids += (list?.ids?.length ?? 0) / WIDTH;
    if (coming === null && (list === null || !list.isKept || now - list.madeAt > KEPT_MS || ids > MOST_KEPT))
      lists.delete(key);
  }
}

/** Begins to make a list, unless it is being made. */
function renew(kept: Kept, wanted: RunsWanted): Promise<List> {
  kept.coming ??= makeList(wanted)
    .then((list) => {
      kept.list = list;
      return list;
    })
    .finally(() => {
      kept.coming = null;
      makeRoom();
    });
  return kept.coming;
}

function slice(ids: Buffer, { offset, limit }: RunsWanted): string[] {
  const text = ids.toString("latin1", offset * WIDTH, (offset + limit) * WIDTH);
  return Array.from({ length: text.length / WIDTH }, (_, i) => text.slice(i * WIDTH, (i + 1) * WIDTH));
}

/** Whether all of these runs are still meant. */
async function allMeant(wanted: RunsWanted, ids: readonly string[]): Promise<boolean> {
  const sql = Prisma.sql`
    select count(*)::int as count from unnest(${[...ids]}::text[]) as page(id) join runs r on r.id = page.id
    left join experiments e on e.id = r.experiment_id where ${rangeOf(wanted)} and ${wanted.whereEach}`;
  const { rows } = await pool().query<{ count: number }>({ text: sql.text, values: sql.values });
  return rows[0]?.count === ids.length;
}

/**
 * The ids of a page at any place of a list that is being read, in order. Pages near the front are looked up. For others the ids of the whole list are kept in
 * this process for a minute, so that the scroll bar can jump: what a page shows is at most some seconds behind in its order, and a run that is no longer
 * meant (deleted, hidden, changed so that the filter drops it) makes the list anew at once. `key` names the list: project, person, scope and order.
 */
export async function runIdsAt(wanted: RunsWanted, key: string): Promise<string[]> {
  const front = await fromFront(wanted);
  if (front) return front;
  const kept = lists.get(key) ?? { list: null, coming: null };
  lists.delete(key);
  lists.set(key, kept);
  const age = kept.list ? Date.now() - kept.list.madeAt : Number.POSITIVE_INFINITY;
  if (age > KEPT_MS) kept.list = null;
  // Nobody waits for this one; whoever needs it next hears of a failure.
  else if (age > FRESH_MS) renew(kept, wanted).catch(() => undefined);
  if (kept.list?.ids) {
    const ids = slice(kept.list.ids, wanted);
    if (await allMeant(wanted, ids)) return ids;
    // The one that is on its way may have been begun before the change.
    await kept.coming?.catch(() => undefined);
  }
  const { ids } = await renew(kept, wanted);
  return ids ? slice(ids, wanted) : await findRunIds(wanted);
}
