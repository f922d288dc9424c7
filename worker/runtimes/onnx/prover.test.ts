import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { getPriority, tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { forestFile, forestSource } from "./forest/testing/flat-forest.ts";
import { loadSession } from "./load.ts";
import { startProver } from "./prover.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "prover-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function source(name: string, trees: number) {
  const file = forestFile(trees, 6, 1, { copied: true });
  const made = forestSource(path.join(folder, name), file);
  await writeFile(made.path, file);
  return made;
}

it("is one process that lets others go first", async () => {
  const { pid } = startProver();
  expect(startProver().pid).toBe(pid);
  expect(getPriority(pid)).toBe(5);
  const models = await Promise.all([source("a.onnx", 3), source("b.onnx", 5)]);
  const sessions = await Promise.all(models.map((model) => loadSession(model, "service")));
  expect(startProver().pid).toBe(pid);
  await Promise.all(sessions.map((session) => session.release()));
});

it("takes nothing along when a model makes it crash: the model is refused, the next one is proved", async () => {
  const model = await source("c.onnx", 300);
  const [child, loading] = [startProver(), loadSession(model, "service")];
  const waiting = loadSession(model, "service");
  child.kill("SIGSEGV");
  await expect(loading).rejects.toMatchObject({
    code: "invalid_input",
    message: "The model cannot be loaded: the process that proves models ended (SIGSEGV)",
  });
  const session = await waiting;
  expect(session.place).toBe("thread");
  await session.release();
  expect(startProver().pid).not.toBe(child.pid);
});

it("leaves a forest to the runtime where there is no room to hand over its arrays", async () => {
  const file = forestFile(3, 4, 1);
  const forest = forestSource(path.join(folder, "d.onnx"), file);
  await writeFile(forest.path, file);
  const places: string[] = [];
  for (const room of [tmpdir(), path.join(folder, "absent")]) {
    vi.stubEnv("TMPDIR", room);
    const session = await loadSession(forest, "service");
    vi.unstubAllEnvs();
    const x = { name: "x", datatype: "FP32" as const, dims: [1, 8], data: new Float32Array(8) };
    expect((await session.run([x], ["value"]))["value"]?.data).toEqual(new Float32Array([3]));
    places.push(session.place);
    await session.release();
  }
  expect(places).toEqual(["inline", "thread"]);
});
