import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StaleQueue } from "./stale-queue.ts";

let read: string[] = [];
let waiting: (() => void)[] = [];
let queue: StaleQueue;

/** Ends the oldest reading that is not done. */
async function answer(): Promise<void> {
  waiting.shift()?.();
  await vi.advanceTimersByTimeAsync(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  read = [];
  waiting = [];
  queue = new StaleQueue((topic) => {
    read.push(topic);
    return new Promise<void>((resolve) => waiting.push(resolve));
  });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("StaleQueue", () => {
  it("reads at once after a quiet time, and what changes meanwhile once more, a second after the last beginning", async () => {
    for (let i = 0; i < 500; i += 1) queue.mark("runs");
    expect(read).toEqual(["runs"]);
    await vi.advanceTimersByTimeAsync(300);
    await answer();
    await vi.advanceTimersByTimeAsync(699);
    expect(read).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(read).toHaveLength(2);
    await answer();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(read).toHaveLength(2);
  });

  it("does not begin anew while a slow reading is on its way", async () => {
    queue.mark("runs");
    for (let i = 0; i < 8; i += 1) {
      await vi.advanceTimersByTimeAsync(1000);
      queue.mark("runs");
    }
    expect(read).toHaveLength(1);
    await answer();
    expect(read).toHaveLength(2);
  });

  it("holds a topic back for itself only", () => {
    queue.mark("runs");
    queue.mark("models");
    expect(read).toEqual(["runs", "models"]);
  });

  it("does not wait for ever for a reading that never ends, and hears its late end without harm", async () => {
    queue.mark("runs");
    await vi.advanceTimersByTimeAsync(10_000);
    queue.mark("runs");
    expect(read).toHaveLength(2);
    await answer();
    queue.mark("runs");
    await vi.advanceTimersByTimeAsync(5000);
    expect(read).toHaveLength(2);
    await answer();
    expect(read).toHaveLength(3);
  });

  it("reads what is still stale when it is closed, and nothing afterwards", async () => {
    queue.mark("runs");
    queue.mark("models");
    queue.mark("runs");
    queue.close();
    expect(read).toEqual(["runs", "models", "runs"]);
    await answer();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(read).toHaveLength(3);
  });
});
