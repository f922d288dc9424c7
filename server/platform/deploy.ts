import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";

type Migration = { name: string; sql: string; checksum: string };
type Applied = { migration_name: string; checksum: string; finished_at: Date | null };

/** Prisma's own advisory lock, so that this and `prisma migrate deploy` exclude each other. */
const MIGRATION_LOCK = 72707369;

export const MIGRATIONS_DIR = path.join(import.meta.dirname, "../../prisma/migrations");

function readMigrations(dir: string): Migration[] {
  if (!existsSync(dir)) return [];
  const folders = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(path.join(dir, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}

async function readApplied(client: pg.Client): Promise<Map<string, Applied>> {
  const found = await client.query<{ there: boolean }>("select to_regclass('_prisma_migrations') is not null as there");
  if (found.rows[0]?.there !== true) return new Map();
  const { rows } = await client.query<Applied>(
    "select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null",
  );
  return new Map(rows.map((row) => [row.migration_name, row]));
}

/** Names what is still to apply. Throws when the database and this version's migrations cannot belong together. */
function pendingOf(known: Migration[], applied: Map<string, Applied>): Migration[] {
  const names = new Set(known.map((migration) => migration.name));
  for (const name of applied.keys()) {
    if (names.has(name)) continue;
    throw new Error(
      `The database has migration ${name}, which this version of Touchstone does not know. Start the newer version that made it, or restore a backup.`,
    );
  }
  return known.filter((migration) => {
    const row = applied.get(migration.name);
    if (row === undefined) return true;
    if (row.finished_at === null) throw new Error(`Migration ${migration.name} began earlier and never finished.`);
    if (row.checksum !== migration.checksum)
      throw new Error(
        `Migration ${migration.name} was edited after it was applied. Put the file back and make a new migration.`,
      );
    return false;
  });
}

/** How the database at `url` stands to the migrations in `dir`. Changes nothing; throws when it cannot be reached or does not belong. */
export async function migrationStatus(
  url: string,
  dir = MIGRATIONS_DIR,
): Promise<{ applied: string[]; pending: string[] }> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "touchstone-migrate",
    connectionTimeoutMillis: 5000,
  });
  await client.connect();
  try {
    const applied = await readApplied(client);
    return {
      applied: [...applied.keys()].sort(),
      pending: pendingOf(readMigrations(dir), applied).map((migration) => migration.name),
    };
  } finally {
    await client.end();
  }
}

/**
 * Applies what is pending at `url`, each migration in a transaction of its own, and returns the names applied ([] when up to date).
 * Writes the same table, checksum and advisory lock as `prisma migrate deploy`, without its downloaded engine. Safe to call from
 * several processes at once: the others wait up to two minutes.
 */
export async function deploy(url: string, dir = MIGRATIONS_DIR): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, application_name: "touchstone-migrate" });
  await client.connect();
  try {
    await client.query("set lock_timeout = '120s'");
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await client.query("set lock_timeout = 0");
    await client.query(`create table if not exists _prisma_migrations (
      id varchar(36) primary key not null, checksum varchar(64) not null, finished_at timestamptz,
      migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
      started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`);
    const pending = pendingOf(readMigrations(dir), await readApplied(client));
    for (const migration of pending) await apply(client, migration);
    return pending.map((migration) => migration.name);
  } finally {
    await client.end(); // gives the lock back
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(migration.sql);
    await client.query(
      "insert into _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count) values ($1, $2, now(), $3, 1)",
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw new Error(`Migration ${migration.name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
