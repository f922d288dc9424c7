import { createHash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { env } from "./env.ts";
import { FolderStore, has, localPath, openRead, putBuffer, putFile, putStream } from "./objects.ts";
import { testDataDir } from "./testing/database.ts";

testDataDir();

const sha = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");
const incoming = () => readdirSync(path.join(env().artifactDir, "incoming"));

test("content is named by its digest and read back whole, in ranges and as a file", async () => {
  const stored = await putBuffer("the streak on the stone");
  expect(stored).toEqual({ sha256: sha("the streak on the stone"), sizeBytes: 23 });
  expect(await text(await openRead(stored.sha256))).toBe("the streak on the stone");
  expect(await text(await openRead(stored.sha256, { start: 4, end: 9 }))).toBe("streak");
  expect(await text(await openRead(stored.sha256, { start: 18 }))).toBe("stone");
  expect(readFileSync(await localPath(stored.sha256), "utf8")).toBe("the streak on the stone");
  expect(await has(stored.sha256)).toBe(true);
  expect(incoming()).toEqual([]);
});

test("equal content from a stream, a file and a buffer is one object; the empty content is one too", async () => {
  const bytes = randomBytes(100_000);
  const file = path.join(env().dataDir, "source.bin");
  writeFileSync(file, bytes);
  const all = await Promise.all([
    putStream(Readable.from([bytes.subarray(0, 7), bytes.subarray(7)])),
    putFile(file),
    putBuffer(bytes),
  ]);
  expect(new Set(all.map((o) => o.sha256))).toEqual(new Set([sha(bytes)]));
  expect(readdirSync(path.join(env().artifactDir, sha(bytes).slice(0, 2)))).toContain(sha(bytes));
  expect(await putBuffer("")).toEqual({ sha256: sha(""), sizeBytes: 0 });
  expect(await text(await openRead(sha("")))).toBe("");
});

test("a web stream, as a request body is one, is accepted", async () => {
  const body = new Response("from the wire").body;
  expect((await putStream(body!)).sha256).toBe(sha("from the wire"));
});

test("too much content, a wrong digest and a broken stream are refused and leave nothing", async () => {
  await expect(
    putStream(Readable.from([randomBytes(600), randomBytes(600)]), { maxBytes: 1000 }),
  ).rejects.toMatchObject({ code: "too_large" });
  await expect(putStream(Readable.from([Buffer.from("cut")]), { expectedSha256: sha("whole") })).rejects.toMatchObject({
    code: "invalid_input",
  });
  await expect(putStream(Readable.from([Buffer.from("cut")]), { expectedBytes: 5 })).rejects.toThrow(
    "3 of 5 announced bytes arrived.",
  );
  async function* broken() {
    yield Buffer.from("begin");
    throw new Error("connection lost");
  }
  await expect(putStream(broken())).rejects.toThrow("connection lost");
  expect(incoming()).toEqual([]);
  expect(await has(sha("cut"))).toBe(false);
});

test("a name that is no digest never becomes a path", async () => {
  await expect(has("../../etc/passwd")).rejects.toMatchObject({ code: "invalid_input" });
  await expect(openRead(sha("never stored"))).rejects.toMatchObject({ code: "not_found" });
});

test("a full disk says so and names the remedy", async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("x");
    throw Object.assign(new Error("write ENOSPC"), { code: "ENOSPC" });
  }
  await expect(putStream(failing())).rejects.toMatchObject({
    code: "unavailable",
    message: "The disk that holds artifacts is full.",
    place: { remedy: expect.stringContaining("ARTIFACT_DIR") },
  });
});

test("a truncated object is healed by the next upload of the same content", async () => {
  const { sha256 } = await putBuffer("whole content");
  const file = await localPath(sha256);
  chmodSync(file, 0o644);
  writeFileSync(file, "who");
  await putBuffer("whole content");
  expect(await text(await openRead(sha256))).toBe("whole content");
});

test("what an interrupted upload left a day ago is removed, a running one is not touched", async () => {
  const root = path.join(env().dataDir, "other-store");
  const old = path.join(root, "incoming", "old");
  const young = path.join(root, "incoming", "young");
  mkdirSync(path.dirname(old), { recursive: true });
  writeFileSync(old, "x");
  writeFileSync(young, "x");
  const before = new Date(Date.now() - 25 * 3600_000);
  utimesSync(old, before, before);
  await new FolderStore(root).put(Readable.from([Buffer.from("y")]));
  expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
});

test("300 MB pass through in flat memory", async () => {
  const chunk = randomBytes(1 << 20);
  async function* large() {
    for (let i = 0; i < 300; i++) yield chunk;
  }
  const before = process.memoryUsage().rss;
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
  const { sizeBytes } = await putStream(large());
  clearInterval(timer);
  expect(sizeBytes).toBe(300 << 20);
  expect(peak - before).toBeLessThan(60 << 20);
});
