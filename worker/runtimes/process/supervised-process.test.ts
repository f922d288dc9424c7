import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { env } from "#server/platform/env.ts";
import { log } from "#server/platform/log.ts";
import { testDataDir } from "#server/platform/testing/database.ts";
import { processTree, readProcessTable } from "../../isolation/process-table.ts";
import { encodeFrame, FrameReader } from "./frames.ts";
import { Placement } from "./placement.ts";
import { makeProcessFolder, removeProcessFolder, sweepProcessFolders } from "./process-folder.ts";
import { type CallHandler, type ProcessLimits, SupervisedProcess } from "./supervised-process.ts";

testDataDir();

const TESTING = path.join(import.meta.dirname, "testing");
const MB = 1024 * 1024;
const running: SupervisedProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

async function make(
  change: { mode?: string; memoryMb?: number; onCall?: CallHandler } & Partial<ProcessLimits> = {},
): Promise<SupervisedProcess> {
  const { mode = "", memoryMb = 512, onCall, ...limits } = change;
  const made = new SupervisedProcess(
    {
      name: "echo",
      argv: [process.execPath, path.join(TESTING, "echo.mjs"), mode],
      env: { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" },
      folder: await makeProcessFolder(),
      readOnly: [path.dirname(process.execPath), TESTING],
      memoryBytes: memoryMb * MB,
    },
    { startMs: 20_000, requestMs: 5_000, inFlight: 4, ...limits },
    log,
    onCall,
  );
  running.push(made);
  return made;
}

async function started(change: Parameters<typeof make>[0] = {}): Promise<SupervisedProcess> {
  const made = await make(change);
  await made.start();
  return made;
}

async function again(each: SupervisedProcess): Promise<void> {
  for (let i = 0; i < 400 && each.state.state !== "ready"; i += 1) await sleep(25);
  expect(each.state.state).toBe("ready");
}

test("frames survive any cut, and keep bytes that JSON cannot", () => {
  const all = Buffer.concat([
    encodeFrame({ a: 1, text: "Zürich" }, [new Uint8Array(new Float64Array([Number.NaN, 1 / 3]).buffer)]),
    encodeFrame({ b: null }),
  ]);
  for (const step of [1, 3, 7, all.length]) {
    const reader = new FrameReader(1000);
    const frames = [];
    for (let at = 0; at < all.length; at += step) frames.push(...reader.push(all.subarray(at, at + step)));
    expect(frames.map(({ header }) => header)).toEqual([{ a: 1, text: "Zürich" }, { b: null }]);
    const body = frames[0]?.body ?? Buffer.alloc(0);
    expect([body.readDoubleLE(0), body.readDoubleLE(8)]).toEqual([Number.NaN, 1 / 3]);
  }
  expect(() => new FrameReader(1000).push(Buffer.alloc(64, 255))).toThrow("at most 1000 are read");
});

test("answers many requests at once, each its own, and says what it is", async () => {
  const made = await make({ inFlight: 100 });
  expect(await made.start()).toMatchObject({ kind: "ready", node: process.version });
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => made.ask({ act: "echo", value: i }, [Buffer.from(`body ${i}`)])),
  );
  answers.forEach(({ header, body }, i) => {
    expect(header["value"]).toBe(i);
    expect(body.toString()).toBe(`body ${i}`);
  });
});

test("gets none of the worker's environment", async () => {
  const made = await started();
  const { header } = await made.ask({ act: "environment" });
  expect(
    Object.keys(header["value"] as object).filter((name) => /DATABASE|SECRET|DATA_DIR|NODE_ENV/.test(name)),
  ).toEqual([]);
});

test("a crash fails the requests under way with 503 and its reason, is counted, and the process comes back", async () => {
  const made = await started();
  const waiting = [made.ask({ act: "silent" }), made.ask({ act: "crash" })];
  for (const each of await Promise.allSettled(waiting))
    expect(each).toMatchObject({
      status: "rejected",
      reason: { code: "unavailable", status: 503, message: expect.stringContaining("RuntimeError: it broke") },
    });
  await expect(made.ask({ act: "pid" })).rejects.toMatchObject({ status: 503 });
  await again(made);
  expect(made.state).toMatchObject({ crashes: 1, lastEnd: expect.stringContaining("it broke"), inFlight: 0 });
  expect((await made.ask({ act: "echo", value: 7 })).header["value"]).toBe(7);
});

test("SIGKILL from outside is a crash like any other", async () => {
  const made = await started();
  const before = readProcessTable().filter(({ parent }) => parent === process.pid);
  const waiting = made.ask({ act: "silent" });
  for (const { pid } of before.flatMap((row) => processTree(readProcessTable(), row.pid)))
    if (isEcho(pid)) process.kill(pid, "SIGKILL");
  await expect(waiting).rejects.toMatchObject({ status: 503 });
  await again(made);
  expect(made.state.crashes).toBe(1);
});

function isEcho(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && echoes().includes(pid);
}

function echoes(): number[] {
  return readProcessTable()
    .map(({ pid }) => pid)
    .filter((pid) => commandOf(pid).includes("echo.mjs"));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

test("a request that takes too long is refused with 504; one that never ends costs the process its life", async () => {
  const made = await started({ requestMs: 300 });
  await expect(made.ask({ act: "silent" })).rejects.toMatchObject({ status: 504, code: "timed_out" });
  expect((await made.ask({ act: "echo", value: 1 })).header["value"]).toBe(1);
  await sleep(700);
  await again(made);
  expect(made.state.lastEnd).toContain("not answered within 0.6 s");
  await expect(made.ask({ act: "block" })).rejects.toMatchObject({ status: 504 });
  await sleep(700);
  await again(made);
  expect(made.state.crashes).toBe(2);
});

test("more requests than may be under way are refused with 429", async () => {
  const made = await started({ inFlight: 2, requestMs: 1_000 });
  const waiting = [made.ask({ act: "silent" }), made.ask({ act: "silent" })];
  await expect(made.ask({ act: "echo" })).rejects.toMatchObject({ status: 429 });
  await Promise.allSettled(waiting);
});

test("over its memory limit it is ended, and says so", async () => {
  const made = await started({ memoryMb: 300 });
  await expect(made.ask({ act: "grow" })).rejects.toMatchObject({
    status: 503,
    message: expect.stringMatching(/used \d+ MB of memory; its limit is 300 MB/),
  });
});

test("a refusal of the code is its own words; garbage ends the process", async () => {
  const made = await started();
  await expect(made.ask({ act: "refuse" })).rejects.toThrow("ValueError: not this");
  await expect(made.ask({ act: "garbage" })).rejects.toMatchObject({ status: 503 });
});

test("may call back while it works, and hears of what went wrong", async () => {
  const made = await started({
    onCall: async (method, params) => {
      if (method === "double") return Number(params["x"]) * 2;
      throw new Error("no such thing");
    },
  });
  expect((await made.ask({ act: "ask", method: "double", params: { x: 21 } })).header["value"]).toBe(42);
  expect((await made.ask({ act: "ask", method: "other" })).header["error"]).toBe("no such thing");
});

test("what cannot start says why, and nothing is left", async () => {
  for (const [mode, words] of [
    ["refuse", "ImportError: no module named nothing"],
    ["exit", "exit code 7"],
    ["mute", "not ready after 1 s"],
  ] as const) {
    const made = await make({ mode, startMs: mode === "mute" ? 1_000 : 20_000 });
    await expect(made.start()).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(words),
    });
    expect(made.state.state).toBe("stopped");
  }
  expect(echoes()).toEqual([]);
});

test("a flood of output is cut short and costs no request", async () => {
  const made = await started();
  await made.ask({ act: "flood" });
  expect((await made.ask({ act: "echo", value: 1 })).header["value"]).toBe(1);
});

test("stopping ends it at once and refuses what is under way", async () => {
  const made = await started();
  const waiting = made.ask({ act: "silent" }).catch((error: unknown) => error);
  await made.stop();
  expect(await waiting).toMatchObject({ status: 503 });
  expect(echoes()).toEqual([]);
});

test("a worker that is killed leaves no process behind, and the next one clears its folders", async () => {
  const child = spawn(process.execPath, [path.join(TESTING, "owner.ts")], {
    env: { PATH: env().PATH, LOG_LEVEL: "silent", DATA_DIR: env().dataDir } as unknown as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  expect(echoes().length).toBeGreaterThan(0);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
  for (let i = 0; i < 200 && echoes().length > 0; i += 1) await sleep(25);
  expect(echoes()).toEqual([]);
  const mine = await makeProcessFolder();
  const folders = () => readdirSync(path.join(env().dataDir, "processes")).length;
  const before = folders();
  await sweepProcessFolders();
  expect(folders()).toBeLessThan(before);
  expect(existsSync(mine.root)).toBe(true);
  await removeProcessFolder(mine);
});

test("a process that declares more than there is is refused with the reason", () => {
  const place = new Placement({ memoryBytes: 1024 * MB, cpu: 2 });
  const giveBack = place.take("first", { memoryBytes: 700 * MB, cpu: 1 });
  expect(() => place.take("second", { memoryBytes: 512 * MB, cpu: 1 })).toThrow(
    "second declares 512 MB of memory; of the 1,024 MB that this worker gives to processes, 324 MB are free (first has 700 MB).",
  );
  expect(() => place.take("third", { memoryBytes: 64 * MB, cpu: 8 })).toThrow(
    "declares 8 processors; this worker has 2",
  );
  giveBack();
  place.take("second", { memoryBytes: 512 * MB, cpu: 1 })();
});
