import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModelSignature } from "#server/registry/contract.ts";
import { forestFile, forestSource } from "./forest/testing/flat-forest.ts";
import { loadSession } from "./load.ts";
import { openSession } from "./ort.ts";
import type { ModelSession } from "./session.ts";
import type { Feed } from "./tensors.ts";

const folder = path.join(import.meta.dirname, "../../../server/registry/fixtures");
const file = path.join(folder, "columns.onnx");
const bytes = readFileSync(file);
const facts = JSON.parse(readFileSync(path.join(folder, "facts.json"), "utf8")) as { columns: { signature: unknown } };
const source = {
  path: file,
  sha256: createHash("sha256").update(bytes).digest("hex"),
  signature: ModelSignature.parse(facts.columns.signature),
};
const wanted = ["label", "probabilities"];

function feeds(rows: number): Feed[] {
  return [
    { name: "size", datatype: "FP32", dims: [rows, 1], data: Float32Array.from({ length: rows }, (_, i) => i / 3) },
    {
      name: "count",
      datatype: "INT64",
      dims: [rows, 1],
      data: BigInt64Array.from({ length: rows }, (_, i) => BigInt(i)),
    },
    { name: "flag", datatype: "BOOL", dims: [rows, 1], data: Uint8Array.from({ length: rows }, (_, i) => i % 2) },
    {
      name: "city",
      datatype: "BYTES",
      dims: [rows, 1],
      data: Array.from({ length: rows }, (_, i) => (i % 3 ? "Oslo" : "Rome")),
    },
  ];
}

describe("the ways to run a model", () => {
  const sessions: ModelSession[] = [];
  beforeAll(async () => {
    sessions.push(await loadSession(source, "service"), await loadSession(source, "jobs"));
  });
  afterAll(() => Promise.all(sessions.map((session) => session.release())));

  it("is chosen by what it costs and by whom it is for", () => {
    expect(sessions.map((session) => session.place)).toEqual(["inline", "thread"]);
  });

  it("all give the same answers: the call itself, the public API, a thread", async () => {
    const direct = await openSession(bytes);
    expect(direct.sync, "this release of onnxruntime-node has the synchronous call").toBe(true);
    const published = await openSession(bytes, "public");
    expect(published.sync).toBe(false);
    for (const rows of [1, 7, 64]) {
      const answers = await Promise.all([direct, published, ...sessions].map(async (s) => s.run(feeds(rows), wanted)));
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect(answers[0]?.["probabilities"]?.dims).toEqual([rows, 2]);
    }
    await Promise.all([direct.release(), published.release()]);
  });

  it("computes wanted outputs only", async () => {
    for (const session of sessions)
      expect(Object.keys(await session.run(feeds(2), ["probabilities"]))).toEqual(["probabilities"]);
  });

  it("rejects a run that does not fit, and goes on", async () => {
    for (const session of sessions) {
      await expect((async () => session.run(feeds(2).slice(1), wanted))()).rejects.toThrow();
      expect((await session.run(feeds(2), wanted))["label"]?.data).toHaveLength(2);
    }
  });
});

describe("a forest", () => {
  it("too large to be loaded in the serving thread answers there without the runtime, and in a thread with it, the same", async () => {
    const temporary = await mkdtemp(path.join(tmpdir(), "load-"));
    const forest = forestFile(300, 6, 0.1);
    const flat = forestSource(path.join(temporary, "forest.onnx"), forest);
    await writeFile(flat.path, forest);
    const sessions = [await loadSession(flat, "service"), await loadSession(flat, "jobs")];
    expect(sessions.map((session) => session.place)).toEqual(["inline", "thread"]);
    const x = { name: "x", datatype: "FP32" as const, dims: [3, 8], data: new Float32Array(24) };
    const [here, there] = await Promise.all(sessions.map(async (session) => session.run([x], ["value"])));
    expect(here).toEqual(there);
    expect(await sessions[0]?.time([x], ["value"], 3)).toHaveLength(3);
    await Promise.all(sessions.map((session) => session.release()));
    await rm(temporary, { recursive: true });
  });
});

describe("a model's thread", () => {
  it("keeps the order of many runs at once and gives back its memory", async () => {
    const session = await loadSession(source, "jobs");
    const answers = await Promise.all(Array.from({ length: 50 }, async (_, i) => session.run(feeds(i + 1), wanted)));
    answers.forEach((answer, i) => expect(answer["label"]?.data).toHaveLength(i + 1));
    await session.release();
    await session.release();
    await expect(session.run(feeds(1), wanted)).rejects.toThrow("ended");
  });
});

describe("the file that is loaded", () => {
  it("is the one that was hashed: another one at the same place is refused, in every use", async () => {
    const temporary = await mkdtemp(path.join(tmpdir(), "load-"));
    const changed = path.join(temporary, "model.onnx");
    await writeFile(changed, bytes);
    const good = await loadSession({ ...source, path: changed }, "service");
    // A model that would load just as well: the same graph with a note at its end.
    await writeFile(changed, Buffer.concat([bytes, Buffer.from([0x32, 2, 0x68, 0x69])]));
    for (const use of ["service", "jobs"] as const)
      await expect(loadSession({ ...source, path: changed }, use)).rejects.toMatchObject({
        code: "invalid_input",
        message: "The model's file is not the one that was registered.",
        place: { remedy: expect.stringContaining("Restore the object store") },
      });
    expect((await good.run(feeds(2), wanted))["label"]?.data).toHaveLength(2);
    await good.release();
    await rm(temporary, { recursive: true });
  });

  it("is refused when it does not answer its golden rows, whoever loads it", async () => {
    const golden = {
      rows: 1,
      inputs: { size: [0.5], count: [3], flag: [true], city: ["Oslo"] },
      outputs: { label: ["yes"] },
      tolerance: { absolute: 1e-5, relative: 1e-5 },
    };
    for (const use of ["service", "jobs"] as const)
      await expect(loadSession({ ...source, golden }, use)).rejects.toMatchObject({
        code: "invalid_input",
        message: expect.stringContaining(
          'Golden row 1 of 1: the file gives label = "no", the training framework gave "yes". Inputs: size = 0.5',
        ),
      });
    const good = await loadSession({ ...source, golden: { ...golden, outputs: { label: ["no"] } } }, "jobs");
    await good.release();
  });
});
