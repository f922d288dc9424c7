import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { pool, prisma } from "../db.ts";
import { env } from "../env.ts";
import { testDatabase } from "./database.ts";

testDatabase();

test("the file has a database of its own, with every migration applied", async () => {
  const { rows } = await pool().query<{ name: string; migrations: string }>(
    "select current_database() as name, (select count(*) from _prisma_migrations) as migrations",
  );
  expect(rows[0]?.name).toMatch(/^test_[0-9a-f]{12}$/);
  expect(Number(rows[0]?.migrations)).toBeGreaterThan(0);
  expect(await prisma().$queryRaw`select 1 as one`).toEqual([{ one: 1 }]);
});

test("the file has a data folder of its own", () => {
  expect(env().dataDir).toMatch(/touchstone-data-/);
  expect(existsSync(env().dataDir)).toBe(true);
});
