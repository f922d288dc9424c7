import { pool } from "./db.ts";
import { type Job, startQueue } from "./jobs.ts";

/** When the queue takes jobs up next, by their keys. A job that runs at the moment, is done, or was never queued is left out. */
export async function nextTries(job: Pick<Job, "name">, keys: readonly string[]): Promise<ReadonlyMap<string, Date>> {
  if (keys.length === 0) return new Map();
  // Creates the queue's tables where no process has done so yet.
  await startQueue();
  // The wait before a retry is drawn by chance within its bounds, so it can be read and not reckoned.
  const { rows } = await pool().query<{ key: string; at: Date }>(
    `select singleton_key as key, min(start_after) as at from pgboss.job
     where name = $1 and singleton_key = any($2) and state in ('created', 'retry') group by singleton_key`,
    [job.name, keys],
  );
  return new Map(rows.map(({ key, at }) => [key, at]));
}
