import { pool } from "./db.ts";
import { startQueue } from "./jobs.ts";

export interface QueueStats {
  readonly name: string;
  /** Jobs that a worker could take now. */
  readonly ready: number;
  /** Jobs that wait for their time, among them retries. */
  readonly deferred: number;
  readonly active: number;
  /** Failed jobs that are still kept; their time to live bounds the number. */
  readonly failed: number;
  /** Since when the oldest of the ready jobs could have been taken; null without one. */
  readonly oldestReadyAt: Date | null;
}

interface Row {
  readonly name: string;
  readonly ready: string;
  readonly deferred: string;
  readonly active: string;
  readonly failed: string;
  readonly oldest: Date | null;
}

/**
 * Every queue with what is in it now, by name. Counted from the jobs themselves: the queue's own figures are a few seconds old, and empty while no worker
 * supervises it.
 */
export async function queueStats(): Promise<QueueStats[]> {
  // Creates the queue's tables where no process has done so yet.
  await startQueue();
  const { rows } = await pool().query<Row>(
    `select q.name,
            count(j.id) filter (where j.state in ('created', 'retry') and j.start_after <= now()) as ready,
            count(j.id) filter (where j.state in ('created', 'retry') and j.start_after > now()) as deferred,
            count(j.id) filter (where j.state = 'active') as active,
            count(j.id) filter (where j.state = 'failed') as failed,
            min(j.start_after) filter (where j.state in ('created', 'retry') and j.start_after <= now()) as oldest
     from pgboss.queue q left join pgboss.job j on j.name = q.name and j.state in ('created', 'retry', 'active', 'failed')
     where q.name not like '\\_\\_%' group by q.name order by q.name`,
  );
  return rows.map((row) => ({
    name: row.name,
    ready: Number(row.ready),
    deferred: Number(row.deferred),
    active: Number(row.active),
    failed: Number(row.failed),
    oldestReadyAt: row.oldest,
  }));
}
