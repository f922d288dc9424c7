import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dataDirProblem, devServerProblem, diskProblem, type PortUse, portProblems } from "./preflight.ts";
import { freePort } from "./ports.ts";
import { birthOf } from "./processes.ts";

let dir = "";
let server: Server | undefined;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-preflight-"));
});
afterEach(async () => {
  rmSync(dir, { recursive: true, force: true });
  const open = server;
  server = undefined;
  if (open) await new Promise((resolve) => open.close(resolve));
});

async function listen(host: string): Promise<number> {
  const listening = createServer();
  server = listening;
  const port = await freePort();
  await new Promise<void>((resolve) => listening.listen(port, host, resolve));
  return port;
}

const app = (port: number): PortUse => ({ name: "the app", variable: "PORT", host: "127.0.0.1", port });
const serving = (port: number): PortUse => ({ name: "serving", variable: "SERVING_PORT", host: "127.0.0.1", port });

test("a taken port is one line with the port, who holds it and the variable to set", async () => {
  const port = await listen("127.0.0.1");
  const problems = await portProblems([app(port), serving(await freePort())]);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`Port ${port}, for the app, is taken by process ${process.pid} (`);
  expect(problems[0]).toContain("set PORT to a free port");
});

test("somebody on ::1 counts too, because a browser asks there first", async () => {
  const port = await listen("::1");
  expect(await portProblems([app(port)])).toHaveLength(1);
});

test("one port for two things is named with both variables", async () => {
  const port = await freePort();
  const [problem] = await portProblems([app(port), serving(port)]);
  expect(problem).toContain("(PORT)");
  expect(problem).toContain("(SERVING_PORT)");
});

test("free ports are no problem", async () => {
  expect(await portProblems([app(await freePort())])).toEqual([]);
});

test("a disk below one gigabyte is named with what is free and the remedy", () => {
  expect(diskProblem("/data", 412_000_000)).toBe(
    "Only 412 MB are free where /data is; Touchstone needs 1.0 GB. Free some space, or set DATA_DIR to a larger disk.",
  );
  expect(diskProblem("/data", 1e9)).toBeNull();
});

test("a data directory that cannot be made is named with the reason; one that can is made for its owner alone", () => {
  writeFileSync(path.join(dir, "file"), "");
  expect(dataDirProblem(path.join(dir, "file/data"))).toContain("cannot be written (ENOTDIR)");
  expect(dataDirProblem(path.join(dir, "new/data"))).toBeNull();
});

test("a next dev that serves the same tree is named; one that is gone is not", () => {
  expect(devServerProblem(dir)).toBeNull();
  mkdirSync(path.join(dir, ".next/dev"), { recursive: true });
  const lock = (pid: number) => writeFileSync(path.join(dir, ".next/dev/lock"), JSON.stringify({ pid, port: 3911 }));
  lock(process.pid);
  expect(devServerProblem(dir)).toContain(`process ${process.pid}, port 3911`);
  let gone = 4_000_000;
  while (birthOf(gone) !== null) gone--;
  lock(gone);
  expect(devServerProblem(dir)).toBeNull();
});
