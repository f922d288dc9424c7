import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { beforeAll, describe, expect, test } from "vitest";
import { addVersion, createDataset } from "#server/data/index.ts";
import { systemActor } from "#server/identity/index.ts";
import { prisma } from "#server/platform/db.ts";
import { log } from "#server/platform/log.ts";
import { has, objectStore, openRead, putBuffer } from "#server/platform/objects.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { createModel, registerVersion } from "#server/registry/index.ts";
import {
  createExperiment,
  createLoggedModel,
  createRun,
  deleteArtifacts,
  deleteExperiment,
  deleteRuns,
  getRun,
  listArtifacts,
  logBatch,
  restoreExperiment,
  restoreRuns,
  uploadArtifact,
} from "#server/tracking/index.ts";
import { discardOrphans, setOrphansAside } from "./orphans.ts";
import { runPurgeJob } from "./run-purge.ts";
import { sweepJob } from "./sweep.ts";
import { listPurges, planPurge, setRetention, startPurge } from "./index.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
beforeAll(async () => {
  people = await somePeople();
});

const context = { log, signal: new AbortController().signal };
/** Everything that was set aside is due. */
const later = () => discardOrphans(new Date(Date.now() + 61 * 60_000));

async function runWith(files: Readonly<Record<string, string>>, experiment = 0) {
  const { alice, project } = people;
  const run = await createRun(alice, project.id, { experiment });
  const hashes: Record<string, string> = {};
  for (const [name, content] of Object.entries(files)) {
    const place = { owner: { kind: "run" as const, id: run.id }, path: name };
    hashes[name] = (await uploadArtifact(alice, project.id, place, Readable.from([Buffer.from(content)]))).sha256;
  }
  return { id: run.id, hashes };
}

async function purge(wanted: Parameters<typeof startPurge>[2]["wanted"]) {
  const { alice, project } = people;
  const started = await startPurge(alice, project.id, { wanted, confirm: "purge" });
  await runPurgeJob({ projectId: project.id, purgeId: started.id }, context);
  const { purges } = await listPurges(alice, project.id, {});
  const done = purges.find((one) => one.id === started.id);
  if (!done) throw new Error("the purge is not listed");
  return done;
}

describe("a purge of runs", () => {
  test("takes all that they logged and frees exactly what nobody else refers to", async () => {
    const { alice, project } = people;
    const one = await runWith({ "own.txt": "only mine", "both.txt": "shared by two" });
    const two = await runWith({ "copy.txt": "shared by two" });
    const points = Array.from({ length: 30 }, (_, step) => ({ key: "loss", value: step, timestamp: step, step }));
    await logBatch(alice, project.id, { runId: one.id, metrics: points, params: [{ key: "a", value: "1" }] });
    const model = await createLoggedModel(alice, project.id, { experiment: 0, name: "m", sourceRunId: one.id });
    const inModel = { owner: { kind: "model" as const, id: model.id }, path: "w.bin" };
    const weights = await uploadArtifact(alice, project.id, inModel, Readable.from([Buffer.from("weights")]));
    const wanted = { runIds: [one.id] };
    await expect(startPurge(alice, project.id, { wanted, confirm: "purge" })).rejects.toMatchObject({
      code: "conflict",
    });
    await deleteRuns(alice, project.id, wanted);
    const plan = await planPurge(alice, project.id, { wanted });
    expect(plan).toMatchObject({
      runs: 1,
      models: 1,
      points: 30,
      files: 3,
      bytes: 9 + 13 + 7,
      freed: 9 + 7,
      keptTotal: 0,
    });

    const done = await purge(wanted);
    expect(done).toMatchObject({
      status: "done",
      runs: 1,
      models: 1,
      points: 30,
      files: 3,
      bytes: 9 + 7,
      bytesFreed: 0,
    });
    await expect(getRun(alice, project.id, { runId: one.id })).rejects.toMatchObject({ code: "not_found" });
    for (const table of ["latest_metrics", "metric_chunks", "metric_batches", "run_params", "run_tags"])
      expect(
        await prisma().$queryRawUnsafe(`select count(*)::int as n from ${table} where run_id = '${one.id}'`),
      ).toEqual([{ n: 0 }]);
    expect(await prisma().artifact.count({ where: { root: { contains: one.id } } })).toBe(0);
    await later();
    expect(
      await Promise.all([one.hashes["own.txt"], weights.sha256, two.hashes["copy.txt"]].map((h) => has(h ?? ""))),
    ).toEqual([false, false, true]);
    const { purges } = await listPurges(alice, project.id, {});
    expect(purges[0]).toMatchObject({ bytesFreed: 16 });
    const audited = await prisma().auditEvent.findMany({ where: { subjectId: done.id }, orderBy: { id: "asc" } });
    expect(audited.map((event) => event.action)).toEqual(["purge.started", "purge.finished"]);
    // Nothing is left of the first run that could keep what the second gives up.
    await deleteRuns(alice, project.id, { runIds: [two.id] });
    await purge({ runIds: [two.id] });
    await later();
    expect(await has(two.hashes["copy.txt"] ?? "")).toBe(false);
  });

  test("keeps content that a dataset or a step's folder has too", async () => {
    const { alice, project } = people;
    const csv = "a,b\n1,2\n";
    const run = await runWith({ "data.csv": csv, "out.txt": "in a folder of a step" });
    const file = path.join(mkdtempSync(path.join(tmpdir(), "kept-")), "d.csv");
    writeFileSync(file, csv);
    await createDataset(alice, project.id, { name: "kept" });
    await addVersion(alice, project.id, {
      dataset: "kept",
      filePath: file,
      fileName: "d.csv",
      origin: { kind: "upload", fileName: "d.csv" },
    });
    const manifest = await putBuffer(
      JSON.stringify({ files: [{ path: "o", sha256: run.hashes["out.txt"], sizeBytes: 21, executable: false }] }),
    );
    const pipelineRun = await prisma().pipelineRun.create({
      data: {
        projectId: project.id,
        number: 1,
        pipeline: "p",
        commit: "c",
        branch: "main",
        spec: {},
        trigger: {},
        createdByName: "x",
      },
    });
    await prisma().step.create({
      data: {
        runId: pipelineRun.id,
        projectId: project.id,
        name: "s",
        position: 0,
        spec: {},
        outputs: { o: { sha256: manifest.sha256, kind: "folder", path: "o", sizeBytes: 21, files: 1 } },
      },
    });
    await deleteRuns(alice, project.id, { runIds: [run.id] });
    expect(await planPurge(alice, project.id, { wanted: { runIds: [run.id] } })).toMatchObject({ files: 2, freed: 0 });
    expect(await purge({ runIds: [run.id] })).toMatchObject({ runs: 1, bytes: 0 });
    await later();
    expect([await has(run.hashes["data.csv"] ?? ""), await has(run.hashes["out.txt"] ?? "")]).toEqual([true, true]);
  });

  test("refuses the run that a registered version comes from, and takes the others", async () => {
    const { alice, project } = people;
    const needed = await runWith({ "model/MLmodel": "flavors" });
    const other = await runWith({ "x.txt": "x of the other" });
    await createModel(alice, project.id, { name: "kept-model" });
    await registerVersion(alice, project.id, {
      model: "kept-model",
      runId: needed.id,
      source: `runs:/${needed.id}/model`,
    });
    await deleteRuns(alice, project.id, { runIds: [needed.id, other.id] });
    await expect(startPurge(alice, project.id, { wanted: { runIds: [needed.id] }, confirm: "purge" })).rejects.toThrow(
      "Model version kept-model 1 comes from it.",
    );
    const done = await purge({ runIds: [needed.id, other.id] });
    expect(done).toMatchObject({
      runs: 1,
      kept: [{ kind: "run", id: needed.id, why: "Model version kept-model 1 comes from it." }],
    });
    await restoreRuns(alice, project.id, { runIds: [needed.id] });
    expect(await listArtifacts(alice, project.id, { owner: { kind: "run", id: needed.id } })).toHaveLength(1);
  });

  test("is done once, whatever is repeated, and goes on where a worker died", async () => {
    const { alice, project } = people;
    const runs = [await runWith({ "1.txt": "one1" }), await runWith({ "2.txt": "two2" })];
    const ids = runs.map((run) => run.id);
    await deleteRuns(alice, project.id, { runIds: ids });
    const started = await startPurge(alice, project.id, { wanted: { runIds: ids }, confirm: "purge" });
    await expect(startPurge(alice, project.id, { wanted: { runIds: ids }, confirm: "purge" })).rejects.toThrow(
      "under way",
    );
    const stopped = AbortSignal.abort();
    await expect(
      runPurgeJob({ projectId: project.id, purgeId: started.id }, { log, signal: stopped }),
    ).rejects.toThrow();
    expect((await listPurges(alice, project.id, {})).purges[0]).toMatchObject({ status: "running", runs: 0 });
    await runPurgeJob({ projectId: project.id, purgeId: started.id }, context);
    await runPurgeJob({ projectId: project.id, purgeId: started.id }, context);
    expect((await listPurges(alice, project.id, {})).purges[0]).toMatchObject({
      status: "done",
      runs: 2,
      files: 2,
      bytes: 8,
    });
  });

  test("a run that is restored in time stays, whole", async () => {
    const { alice, project } = people;
    const run = await runWith({ "stay.txt": "stays" });
    await deleteRuns(alice, project.id, { runIds: [run.id] });
    const started = await startPurge(alice, project.id, { wanted: { runIds: [run.id] }, confirm: "purge" });
    await restoreRuns(alice, project.id, { runIds: [run.id] });
    await runPurgeJob({ projectId: project.id, purgeId: started.id }, context);
    expect((await listPurges(alice, project.id, {})).purges[0]).toMatchObject({ status: "done", runs: 0 });
    expect(await listArtifacts(alice, project.id, { owner: { kind: "run", id: run.id } })).toHaveLength(1);
  });
});

describe("content that nobody refers to", () => {
  test("an upload of the same content at that moment loses nothing", async () => {
    const { alice, project } = people;
    const content = "met on the way out";
    const first = await runWith({ "a.txt": content });
    const hash = first.hashes["a.txt"] ?? "";
    // Stored, but the row that refers to it is not written yet.
    await deleteArtifacts(alice, project.id, { owner: { kind: "run", id: first.id } });
    await putBuffer(content);
    await setOrphansAside();
    expect(await prisma().orphanObject.findUnique({ where: { sha256: hash } })).toMatchObject({
      asideAt: expect.any(Date) as Date,
    });
    const run = await createRun(alice, project.id, {});
    await prisma().artifact.create({
      data: { projectId: project.id, root: `0/${run.id}`, path: "late", sha256: hash, sizeBytes: 18n },
    });
    await later();
    const read = await openRead(hash);
    expect((await read.toArray()).join("")).toBe(content);
    expect(await prisma().orphanObject.count({ where: { sha256: hash } })).toBe(0);
  });

  test("whoever asks for what is set aside gets it; what is stored anew is another copy", async () => {
    const { sha256 } = await putBuffer("wanted after all");
    const store = objectStore();
    expect(await store.setAside(sha256)).toBe(true);
    expect(await store.setAside(sha256)).toBe(false);
    expect(await has(sha256)).toBe(true);
    expect(await store.discard(sha256)).toBe(false);
    await store.setAside(sha256);
    await putBuffer("wanted after all");
    expect(await store.discard(sha256)).toBe(true);
    expect(await has(sha256)).toBe(true);
  });

  test("a replaced file is given up, its equal elsewhere kept", async () => {
    const { alice, project } = people;
    const run = await runWith({ "v.txt": "first version" });
    const place = { owner: { kind: "run" as const, id: run.id }, path: "v.txt" };
    await uploadArtifact(alice, project.id, place, Readable.from([Buffer.from("second version")]));
    await setOrphansAside();
    await later();
    expect(await has(run.hashes["v.txt"] ?? "")).toBe(false);
  });
});

describe("experiments", () => {
  test("deleting takes the runs along, restoring brings them back, a purge ends both and the number stays taken", async () => {
    const { alice, project } = people;
    const { number } = await createExperiment(alice, project.id, { name: "short-lived" });
    const run = await runWith({ "e.txt": "e" }, number);
    await deleteExperiment(alice, project.id, { number });
    expect(await getRun(alice, project.id, { runId: run.id })).toMatchObject({ lifecycleStage: "deleted" });
    await restoreExperiment(alice, project.id, { number });
    expect(await getRun(alice, project.id, { runId: run.id })).toMatchObject({ lifecycleStage: "active" });
    await deleteExperiment(alice, project.id, { number });
    expect(await purge({ experiments: [number] })).toMatchObject({ runs: 1, experiments: 1 });
    const again = await createExperiment(alice, project.id, { name: "short-lived" });
    expect(again.number).toBe(number + 1);
  });

  test("by age, by a rule, and never another project's", async () => {
    const { alice, dave, eve, project, other } = people;
    const theirs = await createRun(eve, other.id, {});
    await deleteRuns(eve, other.id, { runIds: [theirs.id] });
    const old = await runWith({ "old.txt": "old" });
    const fresh = await runWith({ "new.txt": "new" });
    await deleteRuns(alice, project.id, { runIds: [old.id, fresh.id] });
    await prisma().run.update({ where: { id: old.id }, data: { deletedTime: BigInt(Date.now() - 40 * 86_400_000) } });
    expect(await planPurge(alice, project.id, { wanted: { olderThanDays: 30 } })).toMatchObject({ runs: 1 });
    await expect(planPurge(eve, project.id, { wanted: { olderThanDays: 0 } })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await planPurge(alice, project.id, { wanted: { runIds: [theirs.id] } })).toMatchObject({ runs: 0 });
    await expect(setRetention(alice, project.id, { deletedDays: 30 })).rejects.toMatchObject({ code: "forbidden" });
    await setRetention(dave, project.id, { deletedDays: 30 });
    await sweepJob({}, context);
    const [row] = (await listPurges(alice, project.id, {})).purges;
    expect(row).toMatchObject({ createdBy: "Retention rule", runsTotal: 1 });
    await runPurgeJob({ projectId: project.id, purgeId: row?.id ?? "" }, context);
    await expect(getRun(alice, project.id, { runId: old.id })).rejects.toMatchObject({ code: "not_found" });
    expect(await getRun(alice, project.id, { runId: fresh.id })).toMatchObject({ lifecycleStage: "deleted" });
    expect(await getRun(systemActor("test"), other.id, { runId: theirs.id })).toMatchObject({
      lifecycleStage: "deleted",
    });
    await setRetention(dave, project.id, { deletedDays: null });
  });
});
