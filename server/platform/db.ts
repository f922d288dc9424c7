import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { env } from "./env.ts";
import { log } from "./log.ts";
import { type Prisma, PrismaClient } from "./prisma/client.ts";

/** Either the client or the transaction of a use case; domains never need to know which. */
export type Db = Prisma.TransactionClient;
export { Prisma } from "./prisma/client.ts";

// Next keeps several module graphs in one process; the pool must be one all the same.
const shared = globalThis as unknown as { touchstonePool?: pg.Pool; touchstonePrisma?: PrismaClient };
// In development this file is read anew when the client was generated anew; the old one would not know the new tables.
if (process.env.NODE_ENV === "development") delete shared.touchstonePrisma;

/** The connection pool of this process. Hot paths use it directly; everything else goes through `prisma()`. */
export function pool(): pg.Pool {
  if (!shared.touchstonePool) {
    const { DATABASE_URL, PG_POOL, PROCESS_NAME } = env();
    if (!DATABASE_URL)
      throw new Error("DATABASE_URL is not set. Start Touchstone with `npm start`, or name your own Postgres.");
    const created = new pg.Pool({
      connectionString: DATABASE_URL,
      max: PG_POOL,
      application_name: `touchstone ${PROCESS_NAME}`,
    });
    created.on("error", (error) => log.warn({ err: error }, "an idle database connection failed"));
    shared.touchstonePool = created;
  }
  return shared.touchstonePool;
}

/** Prisma over the same pool as raw SQL. */
export function prisma(): PrismaClient {
  shared.touchstonePrisma ??= new PrismaClient({ adapter: new PrismaPg(pool()) });
  return shared.touchstonePrisma;
}

/** A lost connection fails the next query on it; heard by nobody between two queries, its event would end the process. */
export function hearErrors(client: pg.PoolClient): () => void {
  const hear = (error: Error) => log.debug({ err: error }, "a database connection was lost in use");
  client.on("error", hear);
  return () => void client.off("error", hear);
}

/** One transaction on a plain connection, for bulk work in which Prisma has no part. */
export async function transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool().connect();
  const unhear = hearErrors(client);
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  } finally {
    unhear();
    client.release();
  }
}

/** Closes the pool; the next call opens a new one. */
export async function closeDatabase(): Promise<void> {
  const { touchstonePool, touchstonePrisma } = shared;
  delete shared.touchstonePool;
  delete shared.touchstonePrisma;
  await touchstonePrisma?.$disconnect();
  await touchstonePool?.end();
}
