import { createReadStream } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { beforeAll, expect, test } from "vitest";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { createLoggedModel, createRun, uploadArtifact } from "#server/tracking/index.ts";
import { listRegistrable, listVersionsFrom, registerVersion } from "./index.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
beforeAll(async () => {
  people = await somePeople();
});

const onnx = (name: string) => createReadStream(path.join(import.meta.dirname, "fixtures", name));

/** What MLflow writes of a model that Python loads, with one input of this type, or without a signature. */
const mlmodel = (type: string | null) => {
  const columns = (name: string) => JSON.stringify([{ type, name }]);
  const signature = type && { inputs: columns("x"), outputs: columns("y") };
  return JSON.stringify({ flavors: { python_function: {} }, signature });
};

test("what a run left: each ONNX file, and models without one; what is chosen becomes the version", async () => {
  const { alice, project } = people;
  const run = await createRun(alice, project.id, { experiment: 0 });
  const logged = await createLoggedModel(alice, project.id, { experiment: 0, name: "net", sourceRunId: run.id });
  const put = (owner: { kind: "run" | "model"; id: string }, at: string, content: Readable) =>
    uploadArtifact(alice, project.id, { owner, path: at }, content);
  const own = { kind: "run", id: run.id } as const;
  await put(own, "best/model.onnx", onnx("mlp.onnx"));
  await put(own, "last/model.onnx", onnx("regression.onnx"));
  await put(own, "pickled/MLmodel", Readable.from(["flavors:"]));
  await put(own, "notes.txt", Readable.from(["x"]));
  await put(own, "unsigned/MLmodel", Readable.from([mlmodel(null)]));
  await put({ kind: "model", id: logged.id }, "MLmodel", Readable.from([mlmodel("double")]));
  const found = await listRegistrable(alice, project.id, { run: run.id });
  expect(found.map(({ name, source, onnx: file, runtime }) => [name, source, file?.path ?? null, runtime])).toEqual([
    ["best/model.onnx", `runs:/${run.id}/best`, "best/model.onnx", "onnx"],
    ["last/model.onnx", `runs:/${run.id}/last`, "last/model.onnx", "onnx"],
    ["net", `models:/${logged.id}`, null, "pyfunc"],
    ["pickled", `runs:/${run.id}/pickled`, null, null],
    ["unsigned", `runs:/${run.id}/unsigned`, null, null],
  ]);
  expect(found.map(({ problem }) => problem)).toEqual([
    ...[null, null, null, null],
    expect.stringContaining("states no signature"),
  ]);
  const [, last] = found;
  const version = await registerVersion(alice, project.id, {
    model: "chosen",
    runId: run.id,
    source: last?.source ?? "",
    sha256: last?.onnx?.sha256 ?? "",
  });
  expect(version).toMatchObject({
    version: 1,
    runId: run.id,
    sha256: last?.onnx?.sha256,
    signature: { task: "regression" },
  });
  expect(await listVersionsFrom(alice, project.id, { runId: run.id })).toMatchObject([{ model: "chosen" }]);
});

test("another project's run is not there, and who may not register is not asked what", async () => {
  const { alice, bob, eve, other, project } = people;
  const run = await createRun(alice, project.id, { experiment: 0 });
  expect(await listRegistrable(alice, project.id, { run: run.id })).toEqual([]);
  await expect(listRegistrable(eve, other.id, { run: run.id })).rejects.toMatchObject({ code: "not_found" });
  await expect(listRegistrable(bob, project.id, { run: run.id })).rejects.toMatchObject({ code: "forbidden" });
});
