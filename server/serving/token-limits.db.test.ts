import { expect, test } from "vitest";
import { uuidv7 } from "#server/kernel/ids.ts";
import { pool } from "#server/platform/db.ts";
import { log } from "#server/platform/log.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { TokenLimits } from "./token-limits.ts";

testDatabase();

const DAY_MS = 86_400_000;
const caller = (change: { ratePerSecond?: number; rowsPerDay?: number } = {}) => ({
  id: uuidv7(),
  ratePerSecond: change.ratePerSecond ?? null,
  rowsPerDay: change.rowsPerDay ?? null,
});
const endpoint = uuidv7();
function limits() {
  const clock = { now: Date.UTC(2026, 10, 29, 12) };
  return { clock, limits: new TokenLimits(log, () => clock.now) };
}
const written = async (id: string) =>
  (
    await pool().query<{ day: string; requests: number; rows: number; limited: number; failed: number }>(
      "select day::text, requests::int, rows::int, limited::int, failed::int from serving_log.token_days where token_id = $1 order by day",
      [id],
    )
  ).rows;

test("a rate lets a second's requests through at once, then as many as it says", () => {
  const { clock, limits: held } = limits();
  const token = caller({ ratePerSecond: 5 });
  const send = (n: number) =>
    Array.from({ length: n }, () => held.admitRequest(token, endpoint)).filter((r) => r === null);
  expect(send(8)).toHaveLength(5);
  expect(held.admitRequest(token, endpoint)).toMatchObject({
    message: expect.stringContaining("5 requests a second"),
    retryAfterSeconds: 1,
  });
  clock.now += 400;
  expect(send(5)).toHaveLength(2);
  clock.now += 60_000;
  expect(send(8), "what is not used is not saved up").toHaveLength(5);
  const slow = caller({ ratePerSecond: 0.1 });
  expect(held.admitRequest(slow, endpoint)).toBeNull();
  expect(held.admitRequest(slow, endpoint)?.retryAfterSeconds).toBe(10);
});

test("without limits nobody waits, and everything is counted", async () => {
  const { limits: held } = limits();
  const token = caller();
  for (let i = 0; i < 50; i += 1) {
    expect(held.admitRequest(token, endpoint)).toBeNull();
    expect(held.admitRows(token, endpoint, 1000)).toBeNull();
  }
  held.failed(token.id, endpoint);
  await held.flush();
  expect(await written(token.id)).toEqual([{ day: "2026-11-29", requests: 50, rows: 50_000, limited: 0, failed: 1 }]);
});

test("a day's rows are shared by processes, refused beyond, and new on the next day", async () => {
  const { limits: one, clock } = limits();
  const { limits: two } = limits();
  const token = caller({ rowsPerDay: 100 });
  expect(one.admitRows(token, endpoint, 60)).toBeNull();
  await one.flush();
  two.admitRequest(token, endpoint);
  await two.flush();
  expect(two.admitRows(token, endpoint, 50)).toMatchObject({
    message: expect.stringContaining("has 40 left; 50 were asked for"),
    retryAfterSeconds: 12 * 3600,
  });
  expect(two.admitRows(token, endpoint, 40)).toBeNull();
  await two.flush();
  await one.flush();
  one.admitRequest(token, endpoint);
  await one.flush();
  expect(one.admitRows(token, endpoint, 1)).not.toBeNull();
  clock.now += DAY_MS;
  expect(one.admitRows(token, endpoint, 100)).toBeNull();
  await one.flush();
  expect((await written(token.id)).map((day) => day.rows)).toEqual([100, 100]);
});

test("what cannot be written is written with the next", async () => {
  const { limits: held } = limits();
  const token = caller();
  held.admitRows(token, endpoint, 7);
  await pool().query("alter table serving_log.token_days rename to away");
  await held.flush();
  await pool().query("alter table serving_log.away rename to token_days");
  held.admitRows(token, endpoint, 5);
  await held.flush();
  expect(await written(token.id)).toMatchObject([{ rows: 12 }]);
});
