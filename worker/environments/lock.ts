import { setTimeout as sleep } from "node:timers/promises";
import { pool } from "#server/platform/db.ts";

const RETRY_MS = 500;

/**
 * Runs `work` while holding the lock of an environment across all processes and machines of this database. It is the session's own lock: when the worker
 * dies, or its connection does, Postgres frees it, and `signal` tells the work to stop. With `wait: false`, returns null when somebody else holds it.
 */
export async function withEnvironmentLock<T>(
  hash: string,
  wait: boolean,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  for (;;) {
    const client = await pool().connect();
    const lost = new AbortController();
    const onError = () => lost.abort();
    client.on("error", onError);
    const state = { broken: false };
    try {
      const { rows } = await client.query<{ taken: boolean }>(
        "select pg_try_advisory_lock(hashtextextended('environment ' || $1, 0)) as taken",
        [hash],
      );
      if (rows[0]?.taken) {
        try {
          return await work(lost.signal);
        } finally {
          await client
            .query("select pg_advisory_unlock(hashtextextended('environment ' || $1, 0))", [hash])
            .catch(() => {
              state.broken = true;
            });
        }
      }
    } finally {
      client.off("error", onError);
      // A connection that may still hold the lock must not go back to the pool.
      client.release(state.broken || lost.signal.aborted);
    }
    if (!wait) return null;
    await sleep(RETRY_MS);
  }
}
