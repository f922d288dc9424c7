import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, test } from "vitest";
import { prisma } from "#server/platform/db.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import type { ArtifactOwner } from "./contract.ts";
import {
  artifactUri,
  createLoggedModel,
  createRun,
  deleteArtifacts,
  deleteLoggedModel,
  deleteLoggedModelTag,
  deleteRuns,
  filesOf,
  finalizeLoggedModel,
  getLoggedModel,
  listArtifacts,
  listModelsOfRun,
  logBatch,
  logModelParams,
  openArtifact,
  parseArtifactPath,
  searchLoggedModels,
  tagLoggedModel,
  uploadArtifact,
} from "./index.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
beforeAll(async () => {
  people = await somePeople();
});

async function owner(): Promise<{
  owner: ArtifactOwner;
  put: (path: string, content: string) => ReturnType<typeof uploadArtifact>;
}> {
  const { alice, project } = people;
  const run = await createRun(alice, project.id, {});
  const one: ArtifactOwner = { kind: "run", id: run.id };
  return {
    owner: one,
    put: (path, content) =>
      uploadArtifact(alice, project.id, { owner: one, path }, Readable.from([Buffer.from(content)])),
  };
}

describe("artifacts", () => {
  test("folders are listed with what is in them, names that look like patterns too", async () => {
    const { alice, project } = people;
    const { owner: run, put } = await owner();
    for (const [path, content] of [
      ["a.txt", "1"],
      ["plots/roc.png", "22"],
      ["plots/deep/x.csv", "333"],
      ["plo_s/odd", "4"],
      ["50%/q", "5"],
    ] as const)
      await put(path, content);
    const list = async (path = "") =>
      (await listArtifacts(alice, project.id, { owner: run, path })).map(
        (e) => `${e.path}${e.folder ? "/" : ""} ${e.sizeBytes}`,
      );
    expect(await list()).toEqual(["50%/ 1", "plo_s/ 1", "plots/ 5", "a.txt 1"]);
    expect(await list("plots")).toEqual(["plots/deep/ 3", "plots/roc.png 2"]);
    expect(await list("plots/")).toEqual(["plots/deep/ 3", "plots/roc.png 2"]);
    expect(await list("plo_s")).toEqual(["plo_s/odd 1"]);
    expect(await list("a.txt")).toEqual([]);
    expect(await list("none")).toEqual([]);
  });

  test("content comes back whole and in ranges; the same path again replaces it", async () => {
    const { alice, project } = people;
    const { owner: run, put } = await owner();
    await put("note.md", "first");
    const stored = await put("note.md", "second thought");
    const opened = await openArtifact(alice, project.id, { owner: run, path: "note.md" });
    expect(opened).toMatchObject({ sha256: stored.sha256, sizeBytes: 14, mediaType: "text/markdown; charset=utf-8" });
    expect(await text(await opened.open())).toBe("second thought");
    expect(await text(await opened.open({ start: 7 }))).toBe("thought");
    await expect(openArtifact(alice, project.id, { owner: run, path: "none" })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test.each(["../x", "a/../b", "/etc/passwd", "a\\b", "a//b", "", ".", "a\u0000b", "x#y", "C:/x"])(
    "the path %j is refused",
    async (path) => {
      const { put } = await owner();
      await expect(put(path, "x")).rejects.toMatchObject({ code: "invalid_input", message: "Invalid path" });
    },
  );

  test("a file and a folder are deleted, with an audit event", async () => {
    const { alice, project } = people;
    const { owner: run, put } = await owner();
    for (const path of ["a", "b/1", "b/2", "bb/3"]) await put(path, path);
    expect(await deleteArtifacts(alice, project.id, { owner: run, path: "b" })).toEqual({ removed: 2 });
    expect((await listArtifacts(alice, project.id, { owner: run })).map((e) => e.path)).toEqual(["bb", "a"]);
    const event = await prisma().auditEvent.findFirstOrThrow({
      where: { subjectId: run.id, action: "artifact.deleted" },
    });
    expect(event.summary).toBe("Alice deleted b (2 files)");
  });

  test("nobody reads or writes another project's files; who may only read does not write; a deleted run takes no more", async () => {
    const { alice, bob, eve, project, other } = people;
    const { owner: run, put } = await owner();
    await put("x", "1");
    const place = { owner: run, path: "x" };
    await expect(openArtifact(eve, other.id, place)).rejects.toMatchObject({ code: "not_found" });
    await expect(openArtifact(eve, project.id, place)).rejects.toMatchObject({ code: "not_found" });
    await expect(listArtifacts(eve, other.id, { owner: run })).rejects.toMatchObject({ code: "not_found" });
    await expect(uploadArtifact(eve, other.id, place, Readable.from([]))).rejects.toMatchObject({ code: "not_found" });
    await expect(uploadArtifact(bob, project.id, place, Readable.from([]))).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(openArtifact(bob, project.id, place)).resolves.toBeDefined();
    await deleteRuns(alice, project.id, { runIds: [run.id] });
    await expect(put("y", "1")).rejects.toThrow("must be in the 'active' state");
  });

  test("MLflow's paths name their owners, and nothing else does", () => {
    expect(parseArtifactPath("1/0123abc/artifacts/a/b.txt")).toEqual({
      experiment: 1,
      owner: { kind: "run", id: "0123abc" },
      path: "a/b.txt",
    });
    expect(parseArtifactPath("0/models/m-77/artifacts")).toEqual({
      experiment: 0,
      owner: { kind: "model", id: "m-77" },
      path: "",
    });
    for (const path of [
      "1/x/files/a",
      "1/models/77/artifacts/a",
      "1/traces/tr-1/artifacts/t.json",
      "x/1/artifacts/a",
      "../1/x/artifacts",
    ])
      expect(parseArtifactPath(path)).toBeNull();
    expect(artifactUri(3, { kind: "model", id: "m-1" })).toBe("mlflow-artifacts:/3/models/m-1/artifacts");
  });
});

describe("logged models", () => {
  test("from pending to ready, with files, tags and parameters of its own", async () => {
    const { alice, project } = people;
    const { owner: run } = await owner();
    const model = await createLoggedModel(alice, project.id, {
      experiment: 0,
      name: "model",
      sourceRunId: run.id,
      params: [{ key: "C", value: "1" }],
    });
    expect(model).toMatchObject({ status: "PENDING", sourceRunId: run.id, params: [{ key: "C", value: "1" }] });
    const own: ArtifactOwner = { kind: "model", id: model.id };
    await uploadArtifact(alice, project.id, { owner: own, path: "model.onnx" }, Readable.from([Buffer.from("onnx")]));
    await uploadArtifact(alice, project.id, { owner: own, path: "MLmodel" }, Readable.from([Buffer.from("flavors:")]));
    expect(await finalizeLoggedModel(alice, project.id, { modelId: model.id, status: "READY" })).toMatchObject({
      status: "READY",
    });
    await tagLoggedModel(alice, project.id, {
      modelId: model.id,
      tags: [
        { key: "a", value: "1" },
        { key: "b", value: "2" },
      ],
    });
    await tagLoggedModel(alice, project.id, { modelId: model.id, tags: [{ key: "b", value: "3" }] });
    await deleteLoggedModelTag(alice, project.id, { modelId: model.id, key: "a" });
    await expect(deleteLoggedModelTag(alice, project.id, { modelId: model.id, key: "a" })).rejects.toThrow(
      "No tag with key 'a' found",
    );
    await logModelParams(alice, project.id, { modelId: model.id, params: [{ key: "D", value: "2" }] });
    await expect(
      logModelParams(alice, project.id, { modelId: model.id, params: [{ key: "C", value: "2" }] }),
    ).rejects.toThrow("Changing param values");
    expect(await listModelsOfRun(alice, project.id, { runId: run.id })).toMatchObject([
      {
        id: model.id,
        tags: [{ key: "b", value: "3" }],
        params: [
          { key: "C", value: "1" },
          { key: "D", value: "2" },
        ],
      },
    ]);
    expect((await filesOf(prisma(), project.id, own)).map((f) => f.path)).toEqual(["MLmodel", "model.onnx"]);
    await deleteLoggedModel(alice, project.id, { modelId: model.id });
    await expect(getLoggedModel(alice, project.id, { modelId: model.id })).rejects.toThrow(
      `Logged model with ID '${model.id}' not found.`,
    );
    expect(await getLoggedModel(alice, project.id, { modelId: model.id, deleted: true })).toMatchObject({
      id: model.id,
    });
  });

  test("a name that could be an address is refused; another project's model does not exist", async () => {
    const { alice, eve, project, other } = people;
    for (const name of ["a/b", "a:b", "a.b", "a%", ""])
      await expect(createLoggedModel(alice, project.id, { experiment: 0, name })).rejects.toThrow(
        `Invalid model name ('${name}') provided.`,
      );
    const theirs = await createLoggedModel(eve, other.id, { experiment: 0, name: "theirs" });
    await expect(getLoggedModel(alice, project.id, { modelId: theirs.id })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(filesOf(prisma(), project.id, { kind: "model", id: theirs.id })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("search by attribute, tag, parameter, metric and dataset", async () => {
    const { alice, project } = people;
    const { owner: run } = await owner();
    const make = async (name: string, auc: number, dataset: string) => {
      const { id } = await createLoggedModel(alice, project.id, {
        experiment: 0,
        name,
        modelType: "find-me",
        params: [{ key: "depth", value: name }],
        tags: [{ key: "kind", value: `k-${name}` }],
      });
      await logBatch(alice, project.id, {
        runId: run.id,
        metrics: [
          { key: "auc", value: auc, timestamp: 1, step: 0, modelId: id, datasetName: dataset, datasetDigest: "1" },
        ],
      });
    };
    await make("x", 0.7, "train");
    await make("y", 0.9, "train");
    await make("z", 0.8, "test");
    const search = async (filter: string, more = {}) => {
      const input = {
        experiments: [0],
        filter: `model_type = 'find-me'${filter && ` AND ${filter}`}`,
        orderBy: [{ field: "name" }],
        ...more,
      };
      return (await searchLoggedModels(alice, project.id, input)).models.map((m) => m.name).join("");
    };
    expect(await search("")).toBe("xyz");
    expect(await search("name = 'y'")).toBe("y");
    expect(await search("metrics.auc > 0.75")).toBe("yz");
    expect(await search("tags.kind LIKE 'k-%' and params.depth IN ('x', 'z')")).toBe("xz");
    expect(await search("", { datasets: [{ name: "test" }] })).toBe("z");
    expect(await search("metrics.auc > 0.75", { datasets: [{ name: "train", digest: "1" }] })).toBe("y");
    expect(await search("", { orderBy: [{ field: "metrics.auc", ascending: false }] })).toBe("yzx");
    expect(await search("creation_time > 1 and status = 'PENDING'")).toBe("xyz");
    await expect(search("size > 1")).rejects.toThrow("Invalid attribute key 'size'");
    await expect(search("metric.auc > 1")).rejects.toThrow("Invalid entity type: 'metric'");
    await expect(search("", { orderBy: [{ field: "params.depth" }] })).rejects.toThrow("Only metrics are supported.");
    const paged = await searchLoggedModels(alice, project.id, {
      experiments: [0],
      filter: "model_type = 'find-me'",
      maxResults: 2,
    });
    expect(paged.models).toHaveLength(2);
    expect(paged.nextPageToken).not.toBeNull();
  });
});
