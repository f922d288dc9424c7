import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, inject } from "vitest";
import { closeDatabase, pool } from "../db.ts";
import { resetEnv } from "../env.ts";
import { closeChanges } from "../events.ts";
import { stopQueue } from "../jobs.ts";
import { TEMPLATE } from "./cluster.ts";

async function asAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: inject("clusterUrl") });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function makeDataDir(): string {
  const dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-data-"));
  process.env["DATA_DIR"] = dir;
  resetEnv();
  return dir;
}

/** Gives the file its own DATA_DIR (objects, secrets, working copies), removed afterwards. Call it at the top level of the file. */
export function testDataDir(): void {
  let dir = "";
  beforeAll(() => {
    dir = makeDataDir();
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
}

/**
 * Gives the file its own database with every migration and its own DATA_DIR. Call it at the top level of the file; then `prisma()`, `pool()` and every
 * use case work on it. The tests of one file share it and run one after the other, so let each make what it needs.
 *
 * Afterwards everything the file opened is closed. A connection that is still checked out, or that somebody opened past the pool, fails the file.
 */
export function testDatabase(): void {
  let dir = "";
  const name = `test_${randomBytes(6).toString("hex")}`;
  beforeAll(async () => {
    dir = makeDataDir();
    await asAdmin((admin) => admin.query(`create database ${name} template ${TEMPLATE} strategy file_copy`));
    const url = new URL(inject("clusterUrl"));
    url.pathname = `/${name}`;
    process.env["DATABASE_URL"] = url.toString();
    resetEnv();
  });
  afterAll(async () => {
    const leaks = await close(name).finally(() => rmSync(dir, { recursive: true, force: true }));
    delete process.env["DATABASE_URL"];
    resetEnv();
    if (leaks.length > 0) throw new Error(`Database connections leaked:\n  ${leaks.join("\n  ")}`);
  });
}

/**
 * Ends what the file opened, drops its database, and returns what should have been given back: [] when nothing.
 * With a leak the database stays until the whole cluster goes: to cut the connection would bury the report under its errors.
 */
async function close(name: string): Promise<string[]> {
  await stopQueue(1000);
  await closeChanges();
  const leaks: string[] = [];
  const held = pool();
  // Work that was started but not awaited gets a moment; whoever holds a client after that will never give it back.
  for (let i = 0; i < 40 && held.totalCount > held.idleCount; i++) await sleep(50);
  if (held.totalCount > held.idleCount) {
    leaks.push(`${held.totalCount - held.idleCount} client(s) of the pool were never released`);
  } else {
    await closeDatabase();
  }
  return await asAdmin(async (admin) => {
    for (let i = 0; ; i++) {
      const { rows } = await admin.query<{ application_name: string; query: string }>(
        "select application_name, query from pg_stat_activity where datname = $1",
        [name],
      );
      if (rows.length === 0) break;
      if (i < 20 && leaks.length === 0) {
        await sleep(25); // a closed connection takes a moment to leave the list
        continue;
      }
      return [...leaks, ...rows.map((row) => `'${row.application_name}', last query: ${row.query}`)];
    }
    await admin.query(`drop database ${name}`);
    return [];
  });
}
