import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeLock, withLock } from "./lock.ts";

let dir = "";
const file = () => path.join(dir, "launcher.lock");
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-lock-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Another process that takes the lock and says whether it has it. */
function another(): { answer: Promise<string>; kill(): Promise<void> } {
  const script = `
    import { takeLock } from "#bin/launch/lock.ts";
    console.log(JSON.stringify(takeLock(${JSON.stringify(file())})));
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: path.join(import.meta.dirname, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  return {
    answer: new Promise((resolve) => child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()))),
    kill: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}

test("a second process gets the first one's id, until it lets go", async () => {
  const lock = takeLock(file());
  const second = another();
  expect(await second.answer).toBe(JSON.stringify({ heldBy: process.pid }));
  await second.kill();
  if (!("heldBy" in lock)) lock.release();
  expect(readdirSync(dir)).toEqual([]);
  const third = another();
  expect(await third.answer).toBe("{}");
  await third.kill();
});

test("a lock whose process was killed is free, though its file is there", async () => {
  const holder = another();
  expect(await holder.answer).toBe("{}");
  expect(takeLock(file())).toHaveProperty("heldBy");
  await holder.kill();
  expect(readdirSync(dir)).toEqual(["launcher.lock"]);
  expect(takeLock(file())).toHaveProperty("release");
});

test("an id that now belongs to another program does not hold it, nor does half a file", () => {
  writeFileSync(file(), JSON.stringify({ pid: process.pid, born: "long ago" }));
  const lock = takeLock(file());
  expect(lock).toHaveProperty("release");
  writeFileSync(file(), "{");
  expect(takeLock(file())).toHaveProperty("release");
});

test("waiting for a lock goes on when it is given back", async () => {
  const lock = takeLock(file());
  const told: number[] = [];
  const work = withLock(
    file(),
    (pid) => {
      told.push(pid);
      if (!("heldBy" in lock)) lock.release();
    },
    async () => "done",
  );
  expect(await work).toBe("done");
  expect(told).toEqual([process.pid]);
  expect(readdirSync(dir)).toEqual([]);
});
