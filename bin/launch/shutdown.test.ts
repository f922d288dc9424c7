import { expect, test } from "vitest";
import { createShutdown, onSignals } from "./shutdown.ts";

const part = (name: string, log: string[], stop: () => Promise<void> = async () => undefined) => ({
  name,
  async stop() {
    log.push(`stop ${name}`);
    await stop();
    log.push(`${name} stopped`);
  },
  kill: () => void log.push(`kill ${name}`),
});

test("stops the last first, waits for each, and reports the first reason's code", async () => {
  const log: string[] = [];
  const shutdown = createShutdown((text) => log.push(text));
  shutdown.add(part("postgres", log));
  shutdown.add(part("worker", log), part("serving", log));
  shutdown.add(part("app", log));
  shutdown.request("worker died", 1);
  shutdown.request("Ctrl-C", 0);
  expect(await shutdown.finish(Promise.resolve())).toBe(1);
  expect(log).toEqual([
    "worker died",
    "stop app",
    "app stopped",
    "stop worker",
    "stop serving",
    "worker stopped",
    "serving stopped",
    "stop postgres",
    "postgres stopped",
  ]);
});

test("a part that fails to stop does not keep the others running", async () => {
  const log: string[] = [];
  const shutdown = createShutdown((text) => log.push(text));
  shutdown.add(part("postgres", log));
  shutdown.add(part("app", log, () => Promise.reject(new Error("stuck"))));
  shutdown.request("Ctrl-C", 0);
  expect(await shutdown.finish(Promise.resolve())).toBe(1);
  expect(log).toContain("app did not stop: Error: stuck");
  expect(log).toContain("postgres stopped");
});

test("what a start under way still registers is stopped too", async () => {
  const log: string[] = [];
  const shutdown = createShutdown(() => undefined);
  const starting = new Promise<void>((resolve) => {
    shutdown.signal.addEventListener("abort", () => {
      setTimeout(() => {
        shutdown.add(part("postgres", log));
        resolve();
      }, 20);
    });
  });
  shutdown.request("Ctrl-C", 0);
  expect(await shutdown.finish(starting)).toBe(0);
  expect(log).toEqual(["stop postgres", "postgres stopped"]);
});

test("the same Ctrl-C twice asks once; a later one forces", async () => {
  const log: string[] = [];
  const exits: number[] = [];
  const shutdown = createShutdown(() => undefined);
  shutdown.add(part("app", log));
  const untie = onSignals(shutdown, (code) => exits.push(code));
  try {
    process.emit("SIGINT", "SIGINT");
    process.emit("SIGINT", "SIGINT"); // as npm forwards it
    process.emit("SIGHUP", "SIGHUP");
    expect(shutdown.signal.aborted).toBe(true);
    expect(exits).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 800));
    process.emit("SIGINT", "SIGINT");
    expect(exits).toEqual([130]);
    expect(log).toEqual(["kill app"]);
  } finally {
    untie();
  }
});
