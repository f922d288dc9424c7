import { beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { prisma } from "#server/platform/db.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import {
  closeRunsOfStep,
  createExperiment,
  createRun,
  deleteExperiment,
  countRunsBelow,
  deleteRuns,
  listRunsBelow,
  findRun,
  getExperiment,
  getRun,
  listExperiments,
  listNestedRuns,
  listRunsOfPipeline,
  logBatch,
  renameExperiment,
  restoreExperiment,
  restoreRuns,
  searchExperiments,
  searchRuns,
  tagExperiment,
  updateRun,
} from "./index.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
beforeAll(async () => {
  people = await somePeople();
});

const actions = async (subjectId: string) =>
  (await prisma().auditEvent.findMany({ where: { subjectId }, orderBy: { id: "asc" } })).map((e) => e.action);

describe("experiments", () => {
  test("every project counts its own from 0, which is Default", async () => {
    const { alice, eve, project, other } = people;
    expect(await getExperiment(alice, project.id, { number: 0 })).toMatchObject({ name: "Default", number: 0 });
    const mine = await createExperiment(alice, project.id, { name: "depth", tags: [{ key: "team", value: "a" }] });
    const theirs = await createExperiment(eve, other.id, { name: "depth" });
    expect([mine.number, theirs.number]).toEqual([1, 1]);
    expect(await actions(mine.id)).toEqual(["experiment.created"]);
    await expect(createExperiment(alice, project.id, { name: "depth" })).rejects.toMatchObject({ code: "conflict" });
  });

  test("two made at the same moment get two numbers", async () => {
    const { alice, project } = people;
    const made = await Promise.all(
      ["x1", "x2", "x3", "x4"].map((name) => createExperiment(alice, project.id, { name })),
    );
    expect(new Set(made.map((e) => e.number)).size).toBe(4);
  });

  test("a foreign project's experiment does not exist", async () => {
    const { alice, eve, project, other } = people;
    const theirs = await createExperiment(eve, other.id, { name: "secret" });
    await expect(getExperiment(alice, other.id, { name: "secret" })).rejects.toMatchObject({ code: "not_found" });
    await expect(getExperiment(alice, project.id, { name: "secret" })).rejects.toThrow(
      "Could not find experiment with name 'secret'",
    );
    const found = await searchExperiments(alice, project.id, {});
    expect(found.experiments.map((e) => e.id)).not.toContain(theirs.id);
  });

  test("rename, tag, delete with its runs, restore", async () => {
    const { alice, project } = people;
    const { number } = await createExperiment(alice, project.id, { name: "life" });
    const run = await createRun(alice, project.id, { experiment: number });
    expect(await renameExperiment(alice, project.id, { number, name: "long life" })).toMatchObject({
      name: "long life",
    });
    await tagExperiment(alice, project.id, { number, key: "owner", value: "alice" });
    await tagExperiment(alice, project.id, { number, key: "x", value: "1" });
    await tagExperiment(alice, project.id, { number, key: "x", value: null });
    expect((await getExperiment(alice, project.id, { number })).tags).toEqual([{ key: "owner", value: "alice" }]);
    await deleteExperiment(alice, project.id, { number });
    expect((await getRun(alice, project.id, { runId: run.id })).lifecycleStage).toBe("deleted");
    await expect(createRun(alice, project.id, { experiment: number })).rejects.toThrow(
      `The experiment ${number} must be in the 'active' state. Current state is deleted.`,
    );
    expect(
      (await searchExperiments(alice, project.id, { view: "DELETED_ONLY" })).experiments.map((e) => e.number),
    ).toEqual([number]);
    await restoreExperiment(alice, project.id, { number });
    expect((await getRun(alice, project.id, { runId: run.id })).lifecycleStage).toBe("active");
  });

  test("search by name, tag and time, ordered and paged", async () => {
    const { alice, project } = people;
    for (const i of [1, 2, 3])
      await createExperiment(alice, project.id, { name: `s-${i}`, tags: [{ key: "n", value: `${i}` }] });
    const names = async (filter: string, more = {}) =>
      (await searchExperiments(alice, project.id, { filter, ...more })).experiments.map((e) => e.name);
    expect(await names("name LIKE 's-%'", { orderBy: ["name ASC"] })).toEqual(["s-1", "s-2", "s-3"]);
    expect(await names("tags.n = '2'")).toEqual(["s-2"]);
    expect(await names("tags.n != '2'", { orderBy: ["name DESC"] })).toEqual(["s-3", "s-1"]);
    expect(await names(`name = 's-1' AND creation_time > ${Date.now() + 1000}`)).toEqual([]);
    expect(await names("name ILIKE 'S-%' and tags.n IS NOT NULL", { maxResults: 2, orderBy: ["name"] })).toEqual([
      "s-1",
      "s-2",
    ]);
    const first = await searchExperiments(alice, project.id, {
      filter: "name LIKE 's-%'",
      maxResults: 2,
      orderBy: ["name"],
    });
    const pageToken = first.nextPageToken ?? "";
    expect(await names("name LIKE 's-%'", { maxResults: 2, orderBy: ["name"], pageToken })).toEqual(["s-3"]);
    await expect(names("size > 3")).rejects.toThrow("Invalid attribute key 'size' specified.");
  });
});

describe("runs", () => {
  test("a run starts, ends and leaves both in the audit trail", async () => {
    const { alice, project } = people;
    const run = await createRun(alice, project.id, { userName: "al", startTime: 1_700_000_000_000, name: "first" });
    expect(run).toMatchObject({
      name: "first",
      status: "RUNNING",
      experiment: 0,
      userName: "al",
      createdBy: "Alice",
      startTime: 1_700_000_000_000,
    });
    expect(run.id).toMatch(/^[0-9a-f]{32}$/);
    expect(run.tags).toEqual([{ key: "mlflow.runName", value: "first" }]);
    const ended = await updateRun(alice, project.id, { runId: run.id, status: "FINISHED", endTime: 1_700_000_060_000 });
    expect(ended).toMatchObject({ status: "FINISHED", endTime: 1_700_000_060_000 });
    await updateRun(alice, project.id, { runId: run.id, status: "FINISHED" });
    await updateRun(alice, project.id, { runId: run.id, name: "renamed" });
    expect(await actions(run.id)).toEqual(["run.created", "run.ended", "run.renamed"]);
    expect((await getRun(alice, project.id, { runId: run.id })).tags).toEqual([
      { key: "mlflow.runName", value: "renamed" },
    ]);
  });

  test("a name and a name tag that disagree are refused; a run without either gets a name", async () => {
    const { alice, project } = people;
    const tags = [{ key: "mlflow.runName", value: "b" }];
    await expect(createRun(alice, project.id, { name: "a", tags })).rejects.toThrow(
      "Both 'run_name' argument and 'mlflow.runName' tag",
    );
    expect((await createRun(alice, project.id, { tags })).name).toBe("b");
    expect((await createRun(alice, project.id, {})).name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
  });

  test("lineage comes from the step's token and from nowhere else", async () => {
    const { alice, project } = people;
    const dataset = await prisma().dataset.create({ data: { projectId: project.id, name: "flights" } });
    const version = await prisma().datasetVersion.create({
      data: {
        projectId: project.id,
        datasetId: dataset.id,
        version: 3,
        sha256: "0".repeat(64),
        format: "csv",
        sizeBytes: 1n,
        rows: 1n,
        schema: [],
        origin: {},
      },
    });
    const pipelineRunId = uuidv7();
    const step: Actor = {
      ...alice,
      kind: "token",
      token: {
        id: uuidv7(),
        scopes: ["tracking:write", "tracking:read"],
        projectId: project.id,
        step: { pipelineRunId, step: "train", commit: "c0ffee", datasetVersionIds: [version.id] },
      },
    };
    const run = await createRun(step, project.id, { tags: [{ key: "mlflow.source.git.commit", value: "claimed" }] });
    expect(run).toMatchObject({
      commit: "c0ffee",
      pipeline: { runId: pipelineRunId, step: "train", name: null, number: null },
      datasets: [{ versionId: version.id, name: "flights", version: 3 }],
    });
    expect((await listRunsOfPipeline(alice, project.id, { pipelineRunId })).map((r) => r.id)).toEqual([run.id]);
    const byHand = await createRun(alice, project.id, {
      tags: [{ key: "mlflow.source.git.commit", value: "claimed" }],
    });
    expect(byHand).toMatchObject({ commit: null, pipeline: null, datasets: [] });
  });

  test("a step that ends ends the runs it left open, and no others", async () => {
    const { alice, project } = people;
    const pipelineRunId = uuidv7();
    const inStep = (step: string): Actor => ({
      ...alice,
      kind: "token",
      token: {
        id: uuidv7(),
        scopes: ["tracking:write", "tracking:read"],
        projectId: project.id,
        step: { pipelineRunId, step, commit: "c0ffee", datasetVersionIds: [] },
      },
    });
    const earlier = await createRun(inStep("train"), project.id, {});
    const since = new Date(Date.now() + 5);
    await new Promise((done) => setTimeout(done, 20));
    const [open, finished, otherStep] = [
      await createRun(inStep("train"), project.id, {}),
      await createRun(inStep("train"), project.id, {}),
      await createRun(inStep("evaluate"), project.id, {}),
    ];
    await updateRun(alice, project.id, { runId: finished.id, status: "FINISHED", endTime: 5 });
    await prisma().$transaction((tx) =>
      closeRunsOfStep(tx, { projectId: project.id, pipelineRunId, step: "train", since, status: "KILLED" }),
    );
    const states = await Promise.all(
      [earlier, open, finished, otherStep].map(
        async ({ id }) => (await getRun(alice, project.id, { runId: id })).status,
      ),
    );
    expect(states).toEqual(["RUNNING", "KILLED", "FINISHED", "RUNNING"]);
    expect((await getRun(alice, project.id, { runId: open.id })).endTime).toBeGreaterThan(Date.now() - 60_000);
    expect(await actions(open.id)).toEqual(["run.created", "run.ended"]);
  });

  test("nested runs are found by their parent", async () => {
    const { alice, project } = people;
    const parent = await createRun(alice, project.id, {});
    const child = await createRun(alice, project.id, { tags: [{ key: "mlflow.parentRunId", value: parent.id }] });
    expect((await listNestedRuns(alice, project.id, { runId: parent.id })).map((r) => r.id)).toEqual([child.id]);
  });

  test("what is nested below runs is known at whatever depth, in circles too, and of the project alone", async () => {
    const { alice, eve, project, other } = people;
    const under = async (parent: string) =>
      await createRun(alice, project.id, { tags: [{ key: "mlflow.parentRunId", value: parent }] });
    const top = await createRun(alice, project.id, {});
    const [left, right] = [await under(top.id), await under(top.id)];
    const deep = await under(left.id);
    await logBatch(alice, project.id, { runId: top.id, tags: [{ key: "mlflow.parentRunId", value: deep.id }] });
    await createRun(eve, other.id, { tags: [{ key: "mlflow.parentRunId", value: top.id }] });
    const below = async (...runIds: string[]) => (await listRunsBelow(alice, project.id, { runIds })).runIds.sort();
    expect(await below(top.id)).toEqual([left.id, right.id, deep.id].sort());
    expect(await below(top.id, left.id)).toEqual([right.id, deep.id].sort());
    expect(await below(right.id)).toEqual([]);
    await deleteRuns(alice, project.id, { runIds: [right.id] });
    expect(await below(top.id)).toEqual([left.id, deep.id].sort());
    expect(await countRunsBelow(prisma(), project.id, [top.id])).toBe(3);
  });

  test("deleted runs refuse changes until they are restored; a foreign id among them deletes none", async () => {
    const { alice, eve, project, other } = people;
    const [mine, foreign] = await Promise.all([createRun(alice, project.id, {}), createRun(eve, other.id, {})]);
    await expect(deleteRuns(alice, project.id, { runIds: [mine.id, foreign.id] })).rejects.toMatchObject({
      code: "not_found",
    });
    expect((await getRun(alice, project.id, { runId: mine.id })).lifecycleStage).toBe("active");
    await deleteRuns(alice, project.id, { runIds: [mine.id] });
    await expect(logBatch(alice, project.id, { runId: mine.id, tags: [{ key: "a", value: "b" }] })).rejects.toThrow(
      `The run ${mine.id} must be in the 'active' state. Current state is deleted.`,
    );
    await expect(updateRun(alice, project.id, { runId: mine.id, status: "FAILED" })).rejects.toMatchObject({
      code: "invalid_input",
    });
    await restoreRuns(alice, project.id, { runIds: [mine.id] });
    await logBatch(alice, project.id, { runId: mine.id, tags: [{ key: "a", value: "b" }] });
    expect(await actions(mine.id)).toEqual(["run.created", "run.deleted", "run.restored"]);
  });

  test("another project's run is invisible in every way", async () => {
    const { alice, eve, project, other } = people;
    const { id } = await createRun(eve, other.id, { name: "theirs" });
    const missing = { code: "not_found", message: `Run with id=${id} not found` };
    await expect(getRun(alice, project.id, { runId: id })).rejects.toMatchObject(missing);
    await expect(updateRun(alice, project.id, { runId: id, name: "mine" })).rejects.toMatchObject(missing);
    await expect(logBatch(alice, project.id, { runId: id, params: [{ key: "a", value: "1" }] })).rejects.toMatchObject(
      missing,
    );
    const found = await searchRuns(alice, project.id, { filter: "attributes.run_name = 'theirs'" });
    expect(found.runs).toEqual([]);
    await expect(searchRuns(alice, other.id, {})).rejects.toMatchObject({ code: "not_found" });
  });

  test("the project of a run is told to its members alone", async () => {
    const { alice, carol, eve, project } = people;
    const { id } = await createRun(alice, project.id, {});
    expect(await findRun(alice, { runId: id })).toEqual({ project: project.slug, runId: id });
    await expect(findRun(eve, { runId: id })).rejects.toMatchObject({ code: "not_found" });
    await expect(findRun(carol, { runId: id })).rejects.toMatchObject({ code: "not_found" });
    await expect(findRun(alice, { runId: "none" })).rejects.toMatchObject({ code: "not_found" });
  });

  test("a viewer sees no runs, a reviewer reads them, neither writes", async () => {
    const { bob, carol, project } = people;
    await expect(searchRuns(carol, project.id, {})).rejects.toMatchObject({ code: "forbidden" });
    await expect(searchRuns(bob, project.id, {})).resolves.toBeDefined();
    await expect(createRun(bob, project.id, {})).rejects.toMatchObject({ code: "forbidden" });
  });

  test("the list of experiments counts runs and those that go", async () => {
    const { alice, project } = people;
    const { number } = await createExperiment(alice, project.id, { name: "counted" });
    const run = await createRun(alice, project.id, { experiment: number });
    await createRun(alice, project.id, { experiment: number });
    await updateRun(alice, project.id, { runId: run.id, status: "FINISHED" });
    const listed = (await listExperiments(alice, project.id, {})).find((e) => e.number === number);
    expect(listed).toMatchObject({ runs: 2, running: 1 });
    expect(listed?.lastRunAt).toBeGreaterThan(Date.now() - 60_000);
  });
});
