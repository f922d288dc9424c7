import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Worker } from "node:worker_threads";
import { expect, it, vi } from "vitest";
import { forestFile } from "../runtimes/onnx/forest/testing/flat-forest.ts";
import { forestEntry } from "./testing/forest.ts";
import { serve } from "./testing/serve.ts";

const workers = vi.hoisted((): Worker[] => []);
vi.mock("node:worker_threads", async (load) => {
  const actual = await load<typeof import("node:worker_threads")>();
  return {
    ...actual,
    Worker: class extends actual.Worker {
      constructor(...args: ConstructorParameters<typeof actual.Worker>) {
        super(...args);
        workers.push(this);
      }
    },
  };
});

it("a model whose thread dies is loaded again, and callers are told to come back", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "lost-"));
  const file = forestFile(100, 8, 1, { copied: true });
  await writeFile(path.join(folder, "forest.onnx"), file);
  const serving = await serve({ forest: forestEntry(path.join(folder, "forest.onnx"), file, 1) });
  const infer = () =>
    serving.call("/v2/models/forest/infer", {
      inputs: [{ name: "x", datatype: "FP32", shape: [1, 8], data: [1, 2, 3, 4, 5, 6, 7, 8] }],
    });
  expect((await infer()).status).toBe(200);
  const [first] = workers;
  await first?.terminate();
  const told = await infer();
  expect(told.status).toBe(503);
  expect(told.headers.get("retry-after")).toMatch(/^\d+$/);
  await expect.poll(async () => (await infer()).status, { timeout: 10_000 }).toBe(200);
  expect(workers).toHaveLength(2);
  await serving.stop();
  await rm(folder, { recursive: true });
});
