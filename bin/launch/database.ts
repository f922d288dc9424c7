import path from "node:path";
import pg from "pg";
import { messageOf } from "#server/kernel/errors.ts";
import { type Cluster, ensureDatabase, startCluster } from "./cluster.ts";
import { openLogFile } from "./log-file.ts";

export const DATABASE_NAME = "touchstone";

/** Starts the embedded Postgres of a data directory, with its log in `<dataDir>/logs/postgres.log`. */
export async function startEmbedded(dataDir: string): Promise<{ cluster: Cluster; url: string }> {
  const log = openLogFile(path.join(dataDir, "logs"), "postgres");
  const cluster = await startCluster(path.join(dataDir, "postgres"), { log: (text) => log.write(text) });
  void cluster.exited.then(() => log.close());
  return { cluster, url: await ensureDatabase(cluster, DATABASE_NAME) };
}

/** The server's version ("18.4") at `url`; throws with a sentence when it cannot be reached. */
export async function serverVersion(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return rows[0]?.server_version.split(" ", 1)[0] ?? "unknown";
  } catch (error) {
    throw new Error(`The database that DATABASE_URL names cannot be reached: ${reason(error)}`, { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A refused connection to a name with several addresses has an empty message of its own. */
function reason(error: unknown): string {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return messageOf(inner);
}
