import { execFileSync } from "node:child_process";
import { createWriteStream, readdirSync, readlinkSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { beforeAll, expect, test } from "vitest";
import { prisma } from "#server/platform/db.ts";
import { env } from "#server/platform/env.ts";
import { putBuffer, putStream } from "#server/platform/objects.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { createLoggedModel, createRun, uploadArtifact, zipArtifacts } from "./index.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
beforeAll(async () => {
  people = await somePeople();
});

/** Rows for content that is stored already: thousands of them without thousands of uploads. */
async function runWith(files: readonly { path: string; sha256: string; sizeBytes: number }[]) {
  const { alice, project } = people;
  const run = await createRun(alice, project.id, { name: "zipped" });
  await prisma().artifact.createMany({
    data: files.map((file) => ({
      ...file,
      sizeBytes: BigInt(file.sizeBytes),
      projectId: project.id,
      root: `0/${run.id}`,
    })),
  });
  return { kind: "run" as const, id: run.id };
}

async function saved(input: Parameters<typeof zipArtifacts>[2], name: string) {
  const { alice, project } = people;
  const zip = await zipArtifacts(alice, project.id, input);
  const file = path.join(env().dataDir, name);
  await pipeline(zip.stream, createWriteStream(file));
  return { ...zip, file };
}

/** The zip as Python's own reader sees it: checked, and every name with its size. */
function read(file: string): Record<string, number> {
  const script =
    "import json,sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(json.dumps({i.filename:i.file_size for i in z.infolist()}))";
  const text = execFileSync("python3", ["-c", script, file], { maxBuffer: 2 ** 26, encoding: "utf8" });
  return JSON.parse(text) as Record<string, number>;
}

test("ten thousand files come out as they went in", async () => {
  const contents = await Promise.all(["a", "bb", "ccc".repeat(500)].map((text) => putBuffer(text)));
  const files = Array.from({ length: 10_000 }, (_, i) => ({
    path: `deep/er/${i % 100}/file ${i}.txt`,
    ...(contents[i % 3] ?? { sha256: "", sizeBytes: 0 }),
  }));
  const owner = await runWith(files);
  const { file, files: count } = await saved({ owner }, "many.zip");
  expect(count).toBe(10_000);
  const found = read(file);
  expect(Object.keys(found)).toHaveLength(10_000);
  for (const { path: name, sizeBytes } of files) expect(found[name]).toBe(sizeBytes);
});

test("a folder alone, names that any system takes, the models of a run under models/", async () => {
  const { alice, bob, carol, eve, project } = people;
  const one = await putBuffer("one");
  const owner = await runWith(
    ["out/a:b?.txt", "out/a_b_.txt", "out/AUX.md", "out/ü/x.csv", "out_side/no", "READme", "readme"].map((name) => ({
      path: name,
      ...one,
    })),
  );
  const { file, name } = await saved({ owner, path: "out" }, "folder.zip");
  expect(name).toBe("zipped out.zip");
  expect(Object.keys(read(file)).sort()).toEqual(["_AUX.md", "a_b_ (2).txt", "a_b_.txt", "ü/x.csv"]);
  const model = await createLoggedModel(alice, project.id, { experiment: 0, name: "m", sourceRunId: owner.id });
  await uploadArtifact(
    alice,
    project.id,
    { owner: { kind: "model", id: model.id }, path: "w" },
    Readable.from([Buffer.from("w")]),
  );
  const whole = Object.keys(read((await saved({ owner, models: true }, "whole.zip")).file));
  expect(whole).toContain(`models/m-${model.id.slice(2, 10)}/w`);
  expect(whole.filter((each) => each.toLowerCase().startsWith("readme")).sort()).toEqual(["READme", "readme (2)"]);
  await expect(zipArtifacts(alice, project.id, { owner, path: "none" })).rejects.toMatchObject({ code: "not_found" });
  await expect(zipArtifacts(eve, project.id, { owner })).rejects.toMatchObject({ code: "not_found" });
  await expect(zipArtifacts(carol, project.id, { owner })).rejects.toMatchObject({ code: "forbidden" });
  const read1 = await zipArtifacts(bob, project.id, { owner });
  read1.stream.destroy();
});

test("a large file passes in flat memory; who goes away stops the reading", async () => {
  const { alice, project } = people;
  const chunk = Buffer.alloc(2 ** 20, 7);
  const large = await putStream(
    Readable.from(
      (function* () {
        for (let i = 0; i < 256; i++) yield chunk;
      })(),
    ),
  );
  const owner = await runWith([
    { path: "large.bin", ...large },
    { path: "other.bin", ...large },
  ]);
  const before = process.memoryUsage().rss;
  let [highest, bytes] = [0, 0];
  const { stream } = await zipArtifacts(alice, project.id, { owner });
  for await (const part of stream as AsyncIterable<Buffer>) {
    bytes += part.length;
    highest = Math.max(highest, process.memoryUsage.rss());
    if (bytes > 300 * 2 ** 20) break;
  }
  expect(stream.destroyed).toBe(true);
  expect((highest - before) / 2 ** 20).toBeLessThan(100);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const open = readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  expect(open.filter((target) => target.includes(large.sha256))).toEqual([]);
});
