import { expect, test } from "vitest";
import { log } from "#server/platform/log.ts";
import { TokenAccess } from "./access.ts";

type Ask = NonNullable<NonNullable<ConstructorParameters<typeof TokenAccess>[1]>["ask"]>;

const caller = { id: "token-1", ratePerSecond: 5, rowsPerDay: null };
const mayPredict = { scopes: ["serving:predict" as const], caller };

/** A cache over a database whose answer and clock the test moves. */
function cache(answer: Ask) {
  let now = 0;
  let asked = 0;
  const database = { answer };
  const access = new TokenAccess(log, {
    now: () => now,
    ask: (token, projectId) => {
      asked += 1;
      return database.answer(token, projectId);
    },
  });
  return {
    check: (act: "predict" | "outcome" = "predict", token: string | null = "t", project: string | null = "p") =>
      access.check(token, act, project),
    pass: (ms: number) => (now += ms),
    asked: () => asked,
    database,
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("asks once, answers from memory, and tells the acts apart", async () => {
  const { check, asked } = cache(() => Promise.resolve(mayPredict));
  expect(check("predict", null)).toBe("unauthenticated");
  expect(await check()).toEqual(caller);
  expect(check()).toBe(caller);
  expect(check("outcome")).toBe("forbidden");
  expect(asked()).toBe(1);
  expect(await check("predict", "t", "another")).toBe(caller);
  expect(asked()).toBe(2);
});

test("a revoked token stops working after ten seconds at most", async () => {
  const { check, pass, database } = cache(() => Promise.resolve(mayPredict));
  await check();
  database.answer = () => Promise.resolve("unauthenticated");
  pass(9_900);
  expect(check()).toBe(caller);
  await settle();
  expect(check(), "the refresh in the background was heard").toBe("unauthenticated");

  const idle = cache(() => Promise.resolve(mayPredict));
  await idle.check();
  idle.database.answer = () => Promise.resolve("hidden");
  idle.pass(10_100);
  expect(await idle.check()).toBe("hidden");
});

test("tokens that were good stay good for an hour without the database, others are answered 503", async () => {
  const { check, pass, database } = cache((token) => Promise.resolve(token === "bad" ? "unauthenticated" : mayPredict));
  await check();
  await check("predict", "bad");
  database.answer = () => Promise.reject(new Error("connection refused"));
  for (let minute = 0; minute < 59; minute += 1) {
    pass(60_000);
    expect(await check()).toEqual(caller);
  }
  await expect(check("predict", "new")).rejects.toMatchObject({ code: "unavailable" });
  await expect(check("predict", "bad")).rejects.toMatchObject({ code: "unavailable" });
  pass(120_000);
  await expect(check()).rejects.toMatchObject({ code: "unavailable" });
  database.answer = () => Promise.resolve(mayPredict);
  expect(await check()).toEqual(caller);
});

test("requests that come together ask once", async () => {
  const { check, pass, asked } = cache(() => Promise.resolve(mayPredict));
  await Promise.all(Array.from({ length: 50 }, async () => await check()));
  expect(asked()).toBe(1);
  pass(20_000);
  await Promise.all(Array.from({ length: 50 }, async () => await check()));
  expect(asked()).toBe(2);
});
