import { pool } from "#server/platform/db.ts";

const DAY_MS = 86_400_000;
/** Partitions stand ready for a week, so that a night without the job that makes them harms nothing. */
const DAYS_AHEAD = 8;

/** A day of UTC as Postgres reads it. */
export function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Makes the log's partitions from the day of `from` (milliseconds since 1970) until a week from `now` that are missing. Safe to call from everywhere at once. */
export async function ensurePartitions(from: number = Date.now(), now: number = Date.now()): Promise<void> {
  const days = Math.max(0, Math.floor(now / DAY_MS) - Math.floor(from / DAY_MS)) + DAYS_AHEAD;
  await pool().query("select serving_log.ensure_partitions($1::date, $2::int)", [isoDay(from), days]);
  await pool().query("select serving_log.ensure_call_partitions($1::date, $2::int)", [isoDay(from), days]);
}

/**
 * Forgets predictions received more than `days` days ago, with their outcomes and the counts by minute of that time. Returns how many days it dropped.
 * A day goes as a whole: dropping a partition takes no time, whatever it holds.
 */
export async function forgetPredictions(days: number, now: number = Date.now()): Promise<number> {
  const firstKept = isoDay(now - days * DAY_MS);
  const { rows } = await pool().query<{ dropped: number }>("select serving_log.drop_before($1::date) as dropped", [
    firstKept,
  ]);
  await pool().query("delete from endpoint_minutes where minute < $1", [firstKept]);
  await pool().query("select serving_log.drop_calls_before($1::date)", [firstKept]);
  await pool().query("delete from service_minutes where minute < $1", [firstKept]);
  return rows[0]?.dropped ?? 0;
}
