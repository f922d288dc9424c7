import { beforeAll, expect, test } from "vitest";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { prisma } from "#server/platform/db.ts";
import {
  createExperiment,
  createRun,
  deleteRunView,
  groupRuns,
  listKeys,
  listRunIds,
  listRunMarks,
  listRuns,
  listRunViews,
  listValues,
  logBatch,
  markRuns,
  saveRunView,
  updateRunView,
} from "./index.ts";

testDatabase();

const RUNS = 60;
let people: Awaited<ReturnType<typeof somePeople>>;
let experiment: number;
let ids: string[];
/** Of run i: undefined is never logged. */
const lossOf = (i: number) => (i % 10 === 0 ? undefined : i % 10 === 1 ? NaN : i % 10 === 2 ? Infinity : (i * 37) % 23);
const depthOf = (i: number) => (i % 5 === 0 ? undefined : String(i % 12));

beforeAll(async () => {
  people = await somePeople();
  const { alice, project } = people;
  experiment = (await createExperiment(alice, project.id, { name: "table" })).number;
  ids = [];
  for (let i = 0; i < RUNS; i++) {
    // Ten begin at the same moment: only the id tells them apart.
    const run = await createRun(alice, project.id, {
      experiment,
      name: `run_${i}`,
      startTime: 1000 + Math.floor(i / 10),
    });
    ids.push(run.id);
    const loss = lossOf(i);
    const depth = depthOf(i);
    const parent = i > 50 ? [{ key: "mlflow.parentRunId", value: ids[50] ?? "" }] : [];
    await logBatch(alice, project.id, {
      runId: run.id,
      metrics: loss === undefined ? [] : [{ key: "loss", value: loss, timestamp: 1, step: 0 }],
      params: depth === undefined ? [] : [{ key: "depth", value: depth }],
      tags: parent,
    });
  }
  await createRun(alice, project.id, { name: "elsewhere" });
  await createRun(people.eve, people.other.id, { name: "foreign" });
});

const list = async (more: object) => (await listRuns(people.alice, people.project.id, { experiment, ...more })).runs;
const places = (runs: readonly { id: string }[]) => runs.map((run) => ids.indexOf(run.id));

test.each([
  ["metrics.loss ASC", true],
  ["metrics.loss DESC", false],
])("%s: numbers by size, then NaN, then what is missing", async (clause, ascending) => {
  const values = places(await list({ orderBy: [clause] })).map(lossOf);
  const expected = Array.from({ length: RUNS }, (_, i) => lossOf(i)).toSorted((a, b) => {
    const rank = (x: number | undefined) => (x === undefined ? 2 : Number.isNaN(x) ? 1 : 0);
    if (rank(a) !== rank(b) || rank(a) > 0) return rank(a) - rank(b);
    const [x, y] = [a ?? 0, b ?? 0];
    return x === y ? 0 : x < y === ascending ? -1 : 1;
  });
  expect(values).toEqual(expected);
});

test("a parameter that is a number orders as one, and what has none comes last either way", async () => {
  const up = places(await list({ orderBy: JSON.stringify(["params.depth ASC"]) })).map(depthOf);
  const down = places(await list({ orderBy: ["params.depth DESC"] })).map(depthOf);
  const known = up.filter((depth) => depth !== undefined).map(Number);
  expect(known).toEqual(known.toSorted((a, b) => a - b));
  expect(known.at(-1)).toBe(11);
  expect(down.filter((depth) => depth !== undefined).map(Number)).toEqual(known.toReversed());
  expect(up.slice(-12).every((depth) => depth === undefined)).toBe(true);
  expect(down.slice(-12).every((depth) => depth === undefined)).toBe(true);
});

test.each([
  "metrics.loss DESC",
  "params.depth",
  "attributes.start_time",
  "attributes.user",
  "attributes.duration DESC",
  "datasets.name",
])("pages by %s neither repeat nor leave out a run, whatever ties", async (clause) => {
  const whole = places(await list({ orderBy: [clause] }));
  const paged: number[] = [];
  for (let offset = 0; offset < RUNS; offset += 7)
    paged.push(...places(await list({ orderBy: [clause], offset, maxResults: 7 })));
  expect(paged).toEqual(whole);
  expect(new Set(paged).size).toBe(RUNS);
  expect((await listRunIds(people.alice, people.project.id, { experiment, orderBy: [clause] })).ids).toEqual(
    whole.map((i) => ids[i]),
  );
});

test("counts what matches, and what was made since", async () => {
  const count = async (more: object) =>
    await listRuns(people.alice, people.project.id, { experiment, count: true, maxResults: 1, ...more });
  expect((await count({})).total).toEqual({ runs: RUNS, more: false });
  expect((await count({ filter: "params.depth = '3'" })).total?.runs).toBe(
    ids.filter((_, i) => depthOf(i) === "3").length,
  );
  const { createdAt } = await prisma().run.findUniqueOrThrow({ where: { id: ids[40] ?? "" } });
  const then = await count({ until: createdAt.getTime() });
  expect((then.total?.runs ?? 0) + (then.newer ?? 0)).toBe(RUNS);
  expect(then.newer).toBeLessThanOrEqual(RUNS - 41);
});

test("plain words search names as they are written", async () => {
  expect(places(await list({ filter: "RUN 42" }))).toEqual([42]);
  expect(places(await list({ filter: "run_7" }))).toEqual([7]);
  expect(await list({ filter: "run%7" })).toEqual([]);
});

test("only the columns asked for are sent, tags among them", async () => {
  const [run] = await list({ filter: "run_51", columns: ["metrics.none", "tags.mlflow.parentRunId"] });
  expect(run).toMatchObject({ metrics: {}, params: {}, tags: { "mlflow.parentRunId": ids[50] } });
});

test("children stand under their parent, and one whose parent is not shown stands by itself", async () => {
  const roots = await list({ parent: "none", children: true });
  expect(roots).toHaveLength(51);
  expect(roots.find((run) => run.id === ids[50])?.children).toBe(9);
  expect(places(await list({ parent: ids[50] })).toSorted((a, b) => a - b)).toEqual([
    51, 52, 53, 54, 55, 56, 57, 58, 59,
  ]);
});

test("groups equal what is reckoned by hand, and hold the runs they count", async () => {
  const { groups, more } = await groupRuns(people.alice, people.project.id, {
    experiment,
    groupBy: "params.depth",
    metrics: ["loss"],
    orderBy: "value",
  });
  expect(more).toBe(false);
  expect(groups.map((group) => group.value)).toEqual([
    ...Array.from({ length: 12 }, (_, depth) => String(depth)),
    null,
  ]);
  for (const group of groups) {
    const members = ids.map((_, i) => i).filter((i) => (depthOf(i) ?? null) === group.value);
    const losses = members.map(lossOf).filter((x): x is number => x !== undefined && !Number.isNaN(x));
    expect(group.runs).toBe(members.length);
    const found = group.metrics["loss"];
    expect(found?.n ?? 0).toBe(losses.length);
    if (found && losses.every(Number.isFinite)) {
      expect(found.min).toBe(Math.min(...losses));
      expect(found.max).toBe(Math.max(...losses));
      expect(found.mean).toBeCloseTo(losses.reduce((a, b) => a + b, 0) / losses.length, 12);
    } else if (found) expect(found.mean).toBe(found.max);
    const inside = await list({
      groupBy: "params.depth",
      ...(group.value === null ? {} : { group: group.value }),
    });
    expect(places(inside).toSorted((a, b) => a - b)).toEqual(members);
  }
  const byMean = await groupRuns(people.alice, people.project.id, {
    experiment,
    groupBy: "attributes.status",
    metrics: ["loss"],
    orderBy: "mean loss DESC",
  });
  expect(byMean.groups).toMatchObject([{ value: "RUNNING", runs: RUNS }]);
});

test("the greatest doubles have a mean", async () => {
  const { alice, project } = people;
  const { number } = await createExperiment(alice, project.id, { name: "great" });
  for (const value of [1.6e308, 1.6e308, 1.2e308, 1e-310]) {
    const run = await createRun(alice, project.id, { experiment: number });
    await logBatch(alice, project.id, { runId: run.id, metrics: [{ key: "m", value, timestamp: 1, step: 0 }] });
  }
  const { groups } = await groupRuns(alice, project.id, {
    experiment: number,
    groupBy: "attributes.status",
    metrics: ["m"],
  });
  expect((groups[0]?.metrics["m"]?.mean ?? 0) / 1.1e308).toBeCloseTo(1, 10);
});

test("keys are those of the chosen runs, with how many have them; values begin as typed", async () => {
  const { keys, of, exact } = await listKeys(people.alice, people.project.id, { experiment });
  expect({ of, exact }).toEqual({ of: RUNS, exact: true });
  expect(keys.find((key) => key.key === "depth")).toEqual({ kind: "params", key: "depth", runs: 48, differs: true });
  expect(keys.find((key) => key.key === "loss")).toMatchObject({ kind: "metrics", runs: 54 });
  const elsewhere = await listKeys(people.alice, people.project.id, { experiment: 0 });
  expect(elsewhere.keys.filter((key) => key.kind !== "tags")).toEqual([]);
  const { values } = await listValues(people.alice, people.project.id, {
    experiment,
    name: "params.depth",
    begins: "1",
  });
  expect(values.map((each) => each.value).toSorted()).toEqual(["1", "10", "11"]);
});

test("a refusal names the field: an order by nothing, a group by nothing, a filter that is wrong", async () => {
  await expect(list({ orderBy: ["attributes.nothing"] })).rejects.toMatchObject({ code: "invalid_input" });
  await expect(groupRuns(people.alice, people.project.id, { groupBy: "metrics.loss" })).rejects.toMatchObject({
    code: "invalid_input",
  });
  await expect(
    groupRuns(people.alice, people.project.id, { groupBy: "attributes.user", orderBy: "max loss" }),
  ).rejects.toMatchObject({ code: "invalid_input" });
  await expect(list({ filter: "params.depth > 3" })).rejects.toMatchObject({ place: { field: "filter" } });
});

test("marks are a person's own, and leave what they mark out of or at the top of that person's table", async () => {
  const { alice, bob, eve, project } = people;
  const [first = "", second = "", third = ""] = ids;
  await markRuns(alice, project.id, { runIds: [first], pinned: true, color: 3 });
  await markRuns(alice, project.id, { runIds: [second], hidden: true });
  await markRuns(alice, project.id, { runIds: [third], color: 2 });
  expect(await list({ marks: "apart" })).toHaveLength(RUNS - 2);
  expect(places(await list({ marks: "pinned" }))).toEqual([0]);
  expect(await list({ marks: "unpinned" })).toHaveLength(RUNS - 1);
  expect(await list({ marks: "shown" })).toHaveLength(RUNS - 1);
  const grouped = async (marks: "all" | "shown") => {
    const { groups } = await groupRuns(alice, project.id, { experiment, groupBy: "attributes.status", marks });
    return groups.reduce((sum, { runs }) => sum + runs, 0);
  };
  expect(await grouped("all")).toBe(RUNS);
  expect(await grouped("shown")).toBe(RUNS - 1);
  expect(await listRunMarks(bob, project.id, {})).toEqual([]);
  await markRuns(alice, project.id, { runIds: [first], pinned: false });
  expect(await listRunMarks(alice, project.id, {})).toContainEqual({
    runId: first,
    experiment,
    deleted: false,
    pinned: false,
    hidden: false,
    color: 3,
  });
  await markRuns(alice, project.id, { runIds: [first, second, third], pinned: false, hidden: false, color: null });
  expect(await listRunMarks(alice, project.id, {})).toEqual([]);
  await expect(markRuns(eve, people.other.id, { runIds: [first], pinned: true })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("a private view is nobody else's, a shared one everybody's to open and its maker's to change", async () => {
  const { alice, bob, eve, project } = people;
  const own = await saveRunView(alice, project.id, { name: "mine", state: "sort=name" });
  const shared = await saveRunView(alice, project.id, { name: "ours", shared: true, state: "group=params.depth" });
  expect((await listRunViews(alice, project.id, {})).map((view) => view.name)).toEqual(["mine", "ours"]);
  expect(await listRunViews(bob, project.id, {})).toMatchObject([
    { name: "ours", mine: false, state: "group=params.depth" },
  ]);
  await expect(updateRunView(bob, project.id, { id: own.id, name: "his" })).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(updateRunView(bob, project.id, { id: shared.id, name: "his" })).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(deleteRunView(bob, project.id, { id: shared.id })).rejects.toMatchObject({ code: "forbidden" });
  await expect(deleteRunView(eve, people.other.id, { id: shared.id })).rejects.toMatchObject({ code: "not_found" });
  await expect(listRunViews(eve, project.id, {})).rejects.toMatchObject({ code: "not_found" });
  await expect(saveRunView(alice, project.id, { name: "ours", state: "" })).rejects.toMatchObject({ code: "conflict" });
  // Bob may only read: private views are his own matter, those of the project are not.
  const his = await saveRunView(bob, project.id, { name: "another", state: "" });
  await expect(updateRunView(bob, project.id, { id: his.id, shared: true })).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(saveRunView(bob, project.id, { name: "all", shared: true, state: "" })).rejects.toMatchObject({
    code: "forbidden",
  });
  await updateRunView(alice, project.id, { id: shared.id, state: "nest=1" });
  await deleteRunView(alice, project.id, { id: shared.id });
  const events = await prisma().auditEvent.findMany({ where: { subjectId: shared.id }, orderBy: { id: "asc" } });
  expect(events.map((event) => event.action)).toEqual(["run-view.shared", "run-view.changed", "run-view.deleted"]);
  expect(await prisma().auditEvent.count({ where: { subjectId: own.id } })).toBe(0);
});
