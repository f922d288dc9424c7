import { pool } from "#server/platform/db.ts";
import { historyQuery } from "./history-queries.ts";

/** How histories are drawn from what is stored. Another number whenever the same points would be answered otherwise: browsers keep answers across releases. */
const FORM = 1;

/**
 * Names what is stored of the histories of these runs, of all metrics when `keys` is null: while it is the same, so are they. A compaction changes it
 * without need. Reads no points, for a tenth of what they cost. Taken before the points are read, it is never newer than they are.
 */
export async function stampOfHistories(runIds: readonly string[], keys: readonly string[] | null): Promise<string> {
  const { rows } = await pool().query<{ stamp: string }>(historyQuery("stamp", runIds, keys));
  return `${FORM}-${rows[0]?.stamp}`;
}
