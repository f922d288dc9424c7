import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { deploy } from "#server/platform/deploy.ts";
import { createMigration, drift, status } from "./migration.ts";

let root = "";
const url = () => inject("clusterUrl");
const migrationsOf = (dir: string) => path.join(dir, "prisma/migrations");

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "touchstone-schema-"));
  mkdirSync(path.join(root, "prisma/schema"), { recursive: true });
  const main = `generator client {\n  provider = "prisma-client"\n  output = "../client"\n}\ndatasource db {\n  provider = "postgresql"\n}\n`;
  writeFileSync(path.join(root, "prisma/schema/main.prisma"), main);
  writeFileSync(path.join(root, "prisma/schema/stone.prisma"), "model Stone {\n  id Int @id\n  name String\n}\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("prisma/schema and prisma/migrations agree", async () => {
  expect(await drift(url())).toBe("");
});

test("a new migration holds what the schema files have gained, once", async () => {
  const first = await createMigration(url(), "init", false, root);
  expect(first).toMatch(/^\d{14}_init$/);
  const sql = readFileSync(path.join(migrationsOf(root), first ?? "", "migration.sql"), "utf8");
  expect(sql).toContain('CREATE TABLE "Stone"');
  expect(await createMigration(url(), "again", false, root)).toBeNull();

  writeFileSync(path.join(root, "prisma/schema/streak.prisma"), "model Streak {\n  id Int @id\n}\n");
  expect(await drift(url(), root)).toContain('CREATE TABLE "Streak"');
  expect(await drift(url(), root)).not.toContain('"Stone"');
});

test("functions and triggers by hand are no drift", async () => {
  const folder = await createMigration(url(), "init", false, root);
  const body = `
    create function stop() returns trigger language plpgsql as $$ begin raise exception 'no;no'; end $$;
    create trigger guard before delete on "Stone" for each row execute function stop();
    alter table "Stone" add constraint named check (name <> '');`;
  mkdirSync(path.join(migrationsOf(root), "99999999999999_guard"));
  writeFileSync(path.join(migrationsOf(root), "99999999999999_guard/migration.sql"), body);
  expect(folder).not.toBeNull();
  expect(await drift(url(), root)).toBe("");
});

test("Prisma's own engine finds nothing to say of a database that deploy() has brought up, and no shadow database is left", async () => {
  cpSync(path.join(import.meta.dirname, "../prisma"), path.join(root, "prisma"), { recursive: true });
  rmSync(path.join(root, "prisma/schema/stone.prisma"));
  const admin = new pg.Client({ connectionString: url() });
  await admin.connect();
  await admin.query("create database agreement");
  const target = new URL(url());
  target.pathname = "/agreement";
  try {
    const applied = await deploy(target.toString());
    expect(applied.length).toBe(readdirSync(migrationsOf(root)).filter((name) => /^\d/.test(name)).length);
    expect(await status(target.toString(), root)).toMatchObject({
      editedMigrationNames: [],
      failedMigrationNames: [],
      hasMigrationsTable: true,
      history: null,
    });
    const { rows } = await admin.query("select datname from pg_database where datname like 'prisma_migrate_shadow%'");
    expect(rows).toEqual([]);
  } finally {
    await admin.query("drop database agreement with (force)");
    await admin.end();
  }
});
