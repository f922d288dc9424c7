import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { birthOf } from "./processes.ts";
import { type Service, type ServiceOptions, startService } from "./service.ts";

let dir = "";
let service: Service | undefined;
const signal = new AbortController().signal;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-service-"));
});
afterEach(async () => {
  await service?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const READY = 'console.log(JSON.stringify({ level: "info", msg: "worker ready" }));';
const STAY = "setInterval(() => undefined, 1000);";

function start(script: string, changes: Partial<ServiceOptions> = {}) {
  const file = path.join(dir, "service.mjs");
  writeFileSync(file, script);
  const restarts: number[] = [];
  let died: (how: number | string) => void = () => undefined;
  const death = new Promise<number | string>((resolve) => {
    died = resolve;
  });
  service = startService({
    name: "worker",
    args: [file],
    cwd: dir,
    environment: { PATH: process.env["PATH"] ?? "", SETTING: "given" },
    logDir: dir,
    restarts: true,
    isReady: (line) => line.text.includes("worker ready"),
    onLine: () => undefined,
    onRestart: (_how, delayMs) => restarts.push(delayMs),
    onDeath: (how) => died(how),
    ...changes,
  });
  return { service, restarts, death };
}

test("is ready when it says so, has only the environment it was given, and writes to its log", async () => {
  process.env["STRAY"] = "not for children";
  const { service: one } = start(`console.log(process.env.SETTING, process.env.STRAY); ${READY} ${STAY}`);
  await one.ready(10_000, signal);
  const { pid } = one;
  expect(birthOf(pid)).not.toBeNull();
  await one.stop();
  expect(birthOf(pid)).toBeNull();
  expect(readFileSync(path.join(dir, "worker.log"), "utf8")).toContain("given undefined");
});

test("one that ends before it is ready is an error with its last words, not a restart", async () => {
  const { service: one, restarts } = start('console.error("no such table"); process.exit(3);');
  await expect(one.ready(10_000, signal)).rejects.toThrow(/worker ended \(3\)[^]*no such table/);
  expect(restarts).toEqual([]);
});

test("one that is never ready is an error after the time given", async () => {
  const { service: one } = start(STAY);
  await expect(one.ready(300, signal)).rejects.toThrow("worker was not ready after 0.3 s");
});

test("one that ends by itself is started again three times, more slowly each time, and then given up", async () => {
  const { service: one, restarts, death } = start(`${READY} setTimeout(() => process.exit(7), 50);`);
  await one.ready(10_000, signal);
  expect(await death).toBe(7);
  expect(restarts).toEqual([500, 1000, 2000]);
});

test("one that may not be started again is given up at once", async () => {
  const { death, restarts } = start(`${READY} setTimeout(() => process.exit(7), 50);`, { restarts: false });
  expect(await death).toBe(7);
  expect(restarts).toEqual([]);
});

test("stopping takes what it started along", async () => {
  const helper = `spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"], { stdio: "ignore" })`;
  const { service: one } = start(
    `import { spawn } from "node:child_process"; console.log("helper", ${helper}.pid); ${READY} ${STAY}`,
  );
  await one.ready(10_000, signal);
  await one.stop();
  const pid = Number(/helper (\d+)/.exec(readFileSync(path.join(dir, "worker.log"), "utf8"))?.[1]);
  expect(pid).toBeGreaterThan(0);
  for (let i = 0; i < 40 && birthOf(pid) !== null; i++) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(birthOf(pid)).toBeNull();
});
