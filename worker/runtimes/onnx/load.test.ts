import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSession } from "./load.ts";
import { openSession } from "./ort.ts";
import { openThreaded } from "./threaded.ts";
import type { ModelSession } from "./session.ts";
import type { Feed } from "./tensors.ts";

const file = path.join(import.meta.dirname, "../../../server/registry/fixtures/columns.onnx");
const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
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
    sessions.push(
      await loadSession({ path: file, sha256 }, "auto"),
      await loadSession({ path: file, sha256 }, "thread"),
    );
  });
  afterAll(() => Promise.all(sessions.map((session) => session.release())));

  it("chooses its place by size", () => {
    expect(sessions.map((session) => session.place)).toEqual(["inline", "thread"]);
  });

  it("all give the same answers: the call itself, the public API, a thread", async () => {
    const direct = await openSession(file);
    expect(direct.sync, "this release of onnxruntime-node has the synchronous call").toBe(true);
    const published = await openSession(file, "public");
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

describe("a model's thread", () => {
  it("keeps the order of many runs at once and gives back its memory", async () => {
    const { session } = await openThreaded(file);
    const answers = await Promise.all(Array.from({ length: 50 }, async (_, i) => session.run(feeds(i + 1), wanted)));
    answers.forEach((answer, i) => expect(answer["label"]?.data).toHaveLength(i + 1));
    await session.release();
    await session.release();
    await expect(session.run(feeds(1), wanted)).rejects.toThrow("ended");
  });
});
