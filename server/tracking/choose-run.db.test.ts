import { beforeAll, expect, test } from "vitest";
import { prisma } from "#server/platform/db.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { chooseRun, createExperiment, createRun, deleteRuns, getSelection, listSelections, logBatch } from "./index.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
let experiment = 0;
const id: Record<string, string> = {};

/** Name → metrics; `null` is NaN. */
const RUNS: Record<string, Record<string, number>> = {
  slow: { auc: 0.9, seconds: 90 },
  quick: { auc: 0.9, seconds: 10 },
  worse: { auc: 0.8, seconds: 1 },
  unmeasured: { seconds: 1 },
  broken: { auc: Number.NaN, seconds: 1 },
};

beforeAll(async () => {
  people = await somePeople();
  const { alice, project } = people;
  experiment = (await createExperiment(alice, project.id, { name: "candidates" })).number;
  let startTime = 1_700_000_000_000;
  for (const [name, metrics] of Object.entries(RUNS)) {
    const run = await createRun(alice, project.id, { experiment, name, startTime: (startTime += 1000) });
    id[name] = run.id;
    await logBatch(alice, project.id, {
      runId: run.id,
      metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: 1, step: 0 })),
      params: [{ key: "algo", value: name === "worse" ? "tree" : "forest" }],
      tags: [],
    });
  }
});

const choose = (rule: object) => chooseRun(people.alice, people.project.slug, { metric: "auc", experiment, ...rule });

test("the best is chosen, and the record says among what and why", async () => {
  const chosen = await choose({ tieBreak: [{ metric: "seconds", direction: "minimize" }] });
  expect(chosen.chosen).toEqual({ runId: id["quick"], name: "quick", value: 0.9 });
  expect([chosen.total, chosen.eligible]).toEqual([5, 3]);
  expect(chosen.candidates.map((one) => [one.name, one.state])).toEqual([
    ["quick", "chosen"],
    ["slow", "tied"],
    ["worse", "beaten"],
    ["unmeasured", "excluded"],
    ["broken", "excluded"],
  ]);
  expect(chosen.candidates.slice(3).map((one) => one.why)).toEqual(["auc was not logged", "auc is NaN"]);
  expect(chosen.notes.join(" ")).toMatch(/2 runs have auc 0.9; seconds decided/);
  const [listed] = await listSelections(people.bob, people.project.slug, { run: id["quick"] });
  expect(listed).toEqual(chosen);
  expect(await getSelection(people.bob, people.project.slug, { selection: chosen.id ?? "" })).toEqual(chosen);
  const events = await prisma().auditEvent.findMany({ where: { subjectId: id["quick"] ?? "", action: "run.chosen" } });
  expect(events.map((event) => event.summary)).toEqual(["Alice chose the run quick of 5 by the greatest auc: 0.9"]);
});

test("what decided among equals is said: the metric of a tie-break, or the earlier start", async () => {
  const against = async (rule: object, name: string) =>
    (await choose({ preview: true, ...rule })).candidates.find((one) => one.name === name)?.why;
  expect(await against({}, "quick")).toBe("as good, but started later");
  const least = { tieBreak: [{ metric: "seconds", direction: "minimize" }] };
  expect(await against(least, "slow")).toBe("as good, but not the least seconds");
  expect(await against({ tieBreak: [{ metric: "seconds" }] }, "quick")).toBe("as good, but not the greatest seconds");
  // Both miss it, so that the start decides again.
  expect(await against({ tieBreak: [{ metric: "cost" }] }, "quick")).toBe("as good, but started later");
});

test("without a tie-break the earlier start decides, and it is said", async () => {
  const { chosen, notes } = await choose({});
  expect(chosen?.name).toBe("slow");
  expect(notes.join(" ")).toMatch(/2 runs are equal in auc; the one that started first was taken/);
});

test("constraints, directions and named runs narrow the choice", async () => {
  expect((await choose({ constraints: "metrics.seconds < 50" })).chosen?.name).toBe("quick");
  expect((await choose({ constraints: "params.algo = 'tree'" })).chosen?.name).toBe("worse");
  expect((await choose({ direction: "minimize" })).chosen?.name).toBe("worse");
  expect((await choose({ filter: "params.algo = 'tree'" })).total).toBe(1);
  const named = await choose({ experiment: undefined, runs: [id["worse"], id["unmeasured"]] });
  expect([named.chosen?.name, named.total, named.filter]).toEqual(["worse", 2, null]);
});

test("a rule that nothing meets is recorded as such; a preview leaves nothing", async () => {
  const before = await prisma().runSelection.count();
  const tried = await choose({ constraints: "metrics.seconds > 1000", preview: true });
  expect([tried.id, tried.chosen]).toEqual([null, null]);
  expect(await prisma().runSelection.count()).toBe(before);
  const none = await choose({ constraints: "metrics.seconds > 1000" });
  expect(none.chosen).toBeNull();
  expect(none.notes[0]).toBe("No candidate meets the rule.");
  expect(await prisma().runSelection.count()).toBe(before + 1);
});

test("mistakes are named: where the filter is wrong, which run is not there", async () => {
  await expect(choose({ constraints: "metrics.seconds <" })).rejects.toMatchObject({
    code: "invalid_input",
    place: { field: "constraints" },
  });
  await expect(choose({ experiment: undefined })).rejects.toMatchObject({ code: "invalid_input" });
  const gone = await createRun(people.alice, people.project.id, { experiment, name: "gone" });
  await deleteRuns(people.alice, people.project.id, { runIds: [gone.id] });
  await expect(choose({ runs: [gone.id] })).rejects.toMatchObject({ code: "not_found" });
});

test("readers may look but not choose, and another project sees nothing", async () => {
  const { bob, eve, project, other } = people;
  await expect(chooseRun(bob, project.slug, { metric: "auc", experiment })).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(listSelections(eve, project.slug, {})).rejects.toMatchObject({ code: "not_found" });
  await expect(chooseRun(eve, other.slug, { metric: "auc", runs: [id["quick"] ?? ""] })).rejects.toMatchObject({
    code: "not_found",
  });
  const [own] = await listSelections(people.alice, project.slug, {});
  await expect(getSelection(eve, other.slug, { selection: own?.id ?? "" })).rejects.toMatchObject({
    code: "not_found",
  });
});
