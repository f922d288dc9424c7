import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { deploy, MIGRATIONS_DIR, migrationStatus } from "./deploy.ts";

let dir = "";
let url = "";
let name = "";

async function query(at: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: at });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function write(migration: string, sql: string): void {
  mkdirSync(path.join(dir, migration), { recursive: true });
  writeFileSync(path.join(dir, migration, "migration.sql"), sql);
}

beforeEach(async () => {
  dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-migrations-"));
  name = `deploy_${randomBytes(5).toString("hex")}`;
  await query(inject("clusterUrl"), `create database ${name}`);
  const target = new URL(inject("clusterUrl"));
  target.pathname = `/${name}`;
  url = target.toString();
  write("1_first", "create table first (id int)");
  write(
    "2_second",
    "create function two() returns int language plpgsql as $$ begin return 2; end $$; create table second (id int)",
  );
});
afterEach(async () => {
  rmSync(dir, { recursive: true, force: true });
  await query(inject("clusterUrl"), `drop database ${name}`);
});

test("applies what is pending in order, and nothing twice", async () => {
  expect(await migrationStatus(url, dir)).toEqual({ applied: [], pending: ["1_first", "2_second"] });
  expect(await deploy(url, dir)).toEqual(["1_first", "2_second"]);
  expect(await deploy(url, dir)).toEqual([]);
  write("3_third", "alter table second add column name text");
  expect((await migrationStatus(url, dir)).pending).toEqual(["3_third"]);
  expect(await deploy(url, dir)).toEqual(["3_third"]);
  expect(await query(url, "select two()")).toEqual([{ two: 2 }]);
});

test("two processes at once apply each migration once", async () => {
  const applied = await Promise.all([deploy(url, dir), deploy(url, dir), deploy(url, dir)]);
  expect(applied.flat().sort()).toEqual(["1_first", "2_second"]);
});

test("a migration that fails leaves nothing of itself, and those before it stay", async () => {
  write("3_broken", "create table third (id int); select 1 / 0");
  await expect(deploy(url, dir)).rejects.toThrow("Migration 3_broken failed: division by zero");
  expect(await query(url, "select to_regclass('third') as third, to_regclass('second') is not null as second")).toEqual(
    [{ third: null, second: true }],
  );
  write("3_broken", "create table third (id int)");
  expect(await deploy(url, dir)).toEqual(["3_broken"]);
});

test("refuses a migration that was edited after it was applied", async () => {
  await deploy(url, dir);
  write("1_first", "create table first (id bigint)");
  await expect(deploy(url, dir)).rejects.toThrow(/1_first was edited after it was applied/);
  await expect(migrationStatus(url, dir)).rejects.toThrow(/1_first was edited/);
});

test("refuses a database that a newer version made", async () => {
  await deploy(url, dir);
  rmSync(path.join(dir, "2_second"), { recursive: true });
  await expect(deploy(url, dir)).rejects.toThrow(
    /has migration 2_second, which this version of Touchstone does not know/,
  );
});

test("the project's own migrations apply to an empty database", async () => {
  const applied = await deploy(url);
  expect(applied.length).toBeGreaterThan(0);
  expect(await migrationStatus(url, MIGRATIONS_DIR)).toEqual({ applied, pending: [] });
});
