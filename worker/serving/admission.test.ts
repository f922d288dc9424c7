import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Caller } from "#server/serving/contract.ts";
import { columnsInputs, fixtureEntry } from "./testing/fixture.ts";
import { serve, type TestServing } from "./testing/serve.ts";

const INFER = "/v2/models/columns/infer";
const caller: Caller = { id: "token-1", ratePerSecond: 1, rowsPerDay: 10 };
const limited = { requests: false, rows: false };
let serving: TestServing;
/** One that does not wait long for a request. */
let hasty: TestServing;
beforeAll(async () => {
  serving = await serve(
    { columns: fixtureEntry("columns") },
    {
      authenticate: () => caller,
      admitRequest: () => (limited.requests ? { message: "One request a second.", retryAfterSeconds: 3 } : null),
      admitRows: (_, __, rows) =>
        limited.rows ? { message: `${rows} rows are too many.`, retryAfterSeconds: 60 } : null,
    },
  );
  hasty = await serve({ columns: fixtureEntry("columns") }, { limits: { headersMs: 400, requestMs: 800 } });
});
afterAll(async () => {
  await serving.stop();
  await hasty.stop();
});

it("a caller beyond a limit is answered 429 with which it is and when to come again", async () => {
  for (const [limit, message, after] of [
    ["requests", "One request a second.", "3"],
    ["rows", "2 rows are too many.", "60"],
  ] as const) {
    limited[limit] = true;
    const answer = await serving.call(INFER, { inputs: columnsInputs(2) });
    limited[limit] = false;
    expect([answer.status, answer.body.error, answer.headers.get("retry-after")]).toEqual([429, message, after]);
  }
  expect((await serving.call(INFER, { inputs: columnsInputs() })).status).toBe(200);
  expect(serving.errors.map((error) => [error.status, error.caller])).toEqual([
    [429, "token-1"],
    [429, "token-1"],
  ]);
});

/** What a connection gets that sends this and then nothing. */
async function answerTo(sent: string): Promise<{ text: string; ms: number }> {
  const started = performance.now();
  const socket = connect(hasty.port, "127.0.0.1");
  socket.write(sent);
  const text = Buffer.concat(await socket.toArray()).toString();
  return { text, ms: performance.now() - started };
}

it.each([
  ["headers", `POST ${INFER} HTTP/1.1\r\nhost: x\r\n`],
  ["body", `POST ${INFER} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\ncontent-length: 100\r\n\r\n{"inputs"`],
])("whoever sends the %s too slowly is answered 408, and the connection ends", async (_, sent) => {
  const { text, ms } = await answerTo(sent);
  expect(text).toMatch(/^HTTP\/1.1 408 Request Timeout\r\nconnection: close/);
  expect(text).toContain('{"error":"The request did not come in time');
  expect(ms).toBeLessThan(8_000);
});

it("what is no HTTP is answered 400", async () => {
  expect((await answerTo("hello\r\n\r\n")).text).toMatch(/^HTTP\/1.1 400 Bad Request[\s\S]*This is no HTTP request/);
});
