import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { columnsInputs, fixtureEntry } from "./testing/fixture.ts";
import { malformed } from "./testing/malformed.ts";
import { shoot } from "./testing/shoot.ts";
import { serve, type TestServing } from "./testing/serve.ts";

let serving: TestServing;
const defects: unknown[] = [];
beforeAll(async () => {
  const { log } = await import("#server/platform/log.ts");
  const quiet = Object.assign(Object.create(log) as typeof log, { error: (what: unknown) => defects.push(what) });
  serving = await serve(
    {
      columns: fixtureEntry("columns"),
      price: fixtureEntry("regression"),
      mlp: fixtureEntry("mlp"),
      lookup: fixtureEntry("lookup"),
    },
    { log: quiet, logPrediction: () => undefined },
  );
});
afterAll(() => serving.stop());

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
/** Bytes in use, of the heap and beside it: the least of a few looks, because memory beside the heap is given back by another thread. */
async function memory(): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 4; i += 1) {
    // Connections that are closed are let go in the next turns.
    await sleep(100);
    collect();
    const { heapUsed, external } = process.memoryUsage();
    least = Math.min(least, heapUsed + external);
  }
  return least;
}

it("answers 10,000 malformed bodies without one that is the server's fault, and without growing", {
  timeout: 60_000,
}, async () => {
  const statuses: Record<number, number> = {};
  const round = async (n: number) => {
    const shots = Array.from({ length: n }, malformed);
    for (const [i, status] of (await shoot(serving.port, shots)).entries()) {
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status >= 500) expect.fail(`${status} for ${shots[i]?.path} ${shots[i]?.body.toString("utf8", 0, 300)}`);
    }
  };
  await round(2000);
  const before = await memory();
  const started = performance.now();
  for (let i = 0; i < 10; i += 1) await round(1000);
  const seconds = (performance.now() - started) / 1000;
  const after = await memory();
  expect(Object.values(statuses).reduce((a, b) => a + b)).toBe(12_000);
  expect(statuses[400]).toBeGreaterThan(8000);
  expect(defects).toEqual([]);
  expect(after - before).toBeLessThan(16e6);
  expect(seconds).toBeLessThan(20);
  const good = await serving.call("/v2/models/columns/infer", { inputs: columnsInputs() });
  expect(good.status).toBe(200);
});

/** A request whose body is sent by `feed`, over a socket of its own. Gives the status, or 0 when the server closed the connection without one. */
function sent(head: string, feed: (socket: Socket) => Promise<void>): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(serving.port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
    // A server that has refused a body resets the connection of whoever goes on sending.
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Number(answer.slice(9, 12))));
    socket.write(`POST /v2/models/mlp/infer HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\n${head}\r\n\r\n`);
    void feed(socket);
  });
}

const MB = 1024 * 1024;
async function flood(socket: Socket, chunk: Buffer): Promise<void> {
  for (let i = 0; i < 100 && socket.writable; i += 1) {
    if (!socket.write(chunk)) await Promise.race([once(socket, "drain"), once(socket, "close")]).catch(() => undefined);
    await sleep(0);
  }
}

it("refuses a body of 100 MB early, whether its length is told or not", { timeout: 60_000 }, async () => {
  const [whole, part] = [
    Buffer.alloc(MB, " "),
    Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(MB, " "), Buffer.from("\r\n")]),
  ];
  const before = await memory();
  for (let i = 0; i < 5; i += 1) {
    // Who goes on sending after the refusal may have the connection reset before the answer is read.
    expect([413, 0]).toContain(await sent(`content-length: ${100 * MB}`, (socket) => flood(socket, whole)));
    expect([413, 0]).toContain(await sent("transfer-encoding: chunked", (socket) => flood(socket, part)));
  }
  expect(await sent(`content-length: ${100 * MB}`, () => Promise.resolve())).toBe(413);
  await expect.poll(async () => (await memory()) - before, { timeout: 10_000 }).toBeLessThan(16e6);
  expect(defects).toEqual([]);
});

it("lets slow senders wait by themselves, and forgets those who leave in the middle", { timeout: 60_000 }, async () => {
  const body = JSON.stringify({
    inputs: [{ name: "x", datatype: "FP32", shape: [1, 30], data: new Array(30).fill(1) }],
  });
  const dribble = (stopAt: number) => async (socket: Socket) => {
    for (let at = 0; at < stopAt; at += 25) {
      socket.write(body.slice(at, Math.min(at + 25, stopAt)));
      await sleep(30);
    }
    if (stopAt < body.length) socket.destroy();
  };
  const before = await memory();
  const head = `connection: close\r\ncontent-length: ${body.length}`;
  const slow = Array.from({ length: 200 }, (_, i) => sent(head, dribble(i % 2 === 0 ? body.length : 40)));
  const others: number[] = [];
  for (let i = 0; i < 50; i += 1) {
    const started = performance.now();
    expect((await serving.call("/v2/models/mlp/infer", body)).status).toBe(200);
    others.push(performance.now() - started);
  }
  const statuses = await Promise.all(slow);
  expect(statuses.filter((_, i) => i % 2 === 0)).toEqual(new Array(100).fill(200));
  expect(statuses.filter((_, i) => i % 2 === 1)).toEqual(new Array(100).fill(0));
  expect(others.sort((a, b) => a - b)[25]).toBeLessThan(100);
  await expect.poll(async () => (await memory()) - before, { timeout: 10_000 }).toBeLessThan(16e6);
  expect(defects).toEqual([]);
});
