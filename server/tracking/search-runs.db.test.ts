import { beforeAll, expect, test } from "vitest";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import {
  createExperiment,
  createRun,
  deleteRuns,
  logBatch,
  logInputs,
  searchDatasets,
  searchRuns,
  updateRun,
} from "./index.ts";

testDatabase();

let search: (filter: string, more?: object) => Promise<string[]>;
let page: (more: object) => ReturnType<typeof searchRuns>;
let experiment: number;
let people: Awaited<ReturnType<typeof somePeople>>;

// Four runs, a to d: each differs from the others in every way that a filter can ask for.
beforeAll(async () => {
  people = await somePeople();
  const { alice, project } = people;
  experiment = (await createExperiment(alice, project.id, { name: "search" })).number;
  const losses = [0.1, 0.5, NaN, undefined];
  for (const [i, name] of ["a", "b", "c", "d"].entries()) {
    const run = await createRun(alice, project.id, {
      experiment,
      name,
      startTime: 1000 + i,
      userName: i < 2 ? "ann" : "Ben",
    });
    const runId = run.id;
    const loss = losses[i];
    await logBatch(alice, project.id, {
      runId,
      metrics: [
        ...(loss === undefined ? [] : [{ key: "val loss", value: loss, timestamp: 1, step: 0 }]),
        { key: "rank", value: 4 - i, timestamp: 1, step: 0 },
      ],
      params: [{ key: "model", value: i % 2 ? "Tree_1" : "linear" }],
      tags: i < 3 ? [{ key: "team", value: `t${i}` }] : [],
    });
    await logInputs(alice, project.id, {
      runId,
      datasets: [
        {
          name: `data${i % 2}`,
          digest: `d${i}`,
          sourceType: "local",
          source: "x",
          tags: [{ key: "mlflow.data.context", value: i < 2 ? "training" : "eval" }],
        },
      ],
    });
    if (i > 1) await updateRun(alice, project.id, { runId, status: "FINISHED", endTime: 2000 + i });
  }
  await createRun(alice, project.id, { name: "elsewhere" });
  page = (more) => searchRuns(alice, project.id, { experiments: [experiment], ...more });
  search = async (filter, more = {}) =>
    (await page({ filter, orderBy: ["start_time"], ...more })).runs.map((r) => r.name);
});

test.each([
  ["", "abcd"],
  ["metrics.`val loss` < 0.5", "a"],
  ["metrics.`val loss` <= 0.5 and params.model = 'linear'", "a"],
  ['metrics."val loss" >= 0', "ab"],
  ["metrics.`val loss` != 0.1", "bc"],
  ["metric.rank = 2", "c"],
  ["metrics.rank > -1e3", "abcd"],
  ["params.model LIKE 'Tree%'", "bd"],
  ["params.model LIKE 'tree%'", ""],
  ["parameters.model ILIKE 'tree%'", "bd"],
  ["params.model != 'linear'", "bd"],
  ["params.missing IS NULL", "abcd"],
  ["tags.team IS NOT NULL", "abc"],
  ["tags.team IS NULL", "d"],
  ["tag.team != 't0'", "bc"],
  ["status = 'RUNNING'", "ab"],
  ["attributes.status != 'RUNNING' AND run_name ILIKE 'C'", "c"],
  ["attr.start_time >= 1002", "cd"],
  ["attributes.end_time < 2003", "c"],
  ["created > 1001", "cd"],
  ["user_id = 'ann'", "ab"],
  ["datasets.name = 'data1'", "bd"],
  ["dataset.digest IN ('d0', 'd3')", "ad"],
  ["datasets.context = 'eval' and datasets.name != 'data0'", "d"],
  ["run.artifact_uri LIKE 'mlflow-artifacts:/%'", "abcd"],
])("%s", async (filter, names) => {
  expect((await search(filter)).join("")).toBe(names);
});

test("run ids in a list", async () => {
  const { runs } = await page({ orderBy: ["start_time"] });
  const [a, b] = runs;
  expect(await search(`attributes.run_id IN ('${a?.id}', '${b?.id}')`)).toEqual(["a", "b"]);
  expect(await search(`run_id NOT IN ('${a?.id}')`)).toEqual(["b", "c", "d"]);
});

test.each([
  ["metrics.`val loss` ASC", "abcd"],
  ["metrics.`val loss` DESC", "bacd"],
  ["metrics.rank", "dcba"],
  ["tags.team DESC", "cbad"],
  ["params.model ASC", "dbca"],
  ["attributes.end_time DESC", "dcba"],
  ["user_id", "dcba"],
])("ordered by %s: NaN after numbers, what is missing last, then the later start", async (clause, names) => {
  const found = await search("", { orderBy: [clause] });
  expect(found.join("")).toBe(names);
});

test("without an order the latest start comes first, and pages join without a gap", async () => {
  const seen: string[] = [];
  let pageToken: string | null = null;
  do {
    const found: Awaited<ReturnType<typeof searchRuns>> = await page({
      maxResults: 3,
      ...(pageToken ? { pageToken } : {}),
    });
    seen.push(...found.runs.map((r) => r.name));
    pageToken = found.nextPageToken;
  } while (pageToken);
  expect(seen).toEqual(["d", "c", "b", "a"]);
});

test("a value in a filter is never part of the statement", async () => {
  expect(await search("params.model = ''' or 1=1 --'")).toEqual([]);
  expect(await search("tags.`x'; drop table runs; --` = 'y'")).toEqual([]);
  expect(await search("")).toHaveLength(4);
});

test.each([
  ["metrics.a > 'x'", "Expected numeric value type for metric. Found 'x'", 0, 15],
  ["params.a = 1", "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 1", 0, 12],
  ["status = 'R' and params.a > '1'", "Invalid comparator '>' not one of", 17, 31],
  [
    "nothing.a = 1",
    "Invalid entity type 'nothing'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']",
    0,
    13,
  ],
  ["size = 1", "Invalid attribute key 'size' specified.", 0, 8],
  ["datasets.size = 'x'", "Invalid dataset key 'size' specified.", 0, 19],
  ["metrics.a IS NULL", "IS NULL / IS NOT NULL is only supported for tags and params, not for 'metric' 'a'", 0, 17],
  ["status IN ('a')", "Only ['run_id'] attributes support comparison with a list of quoted string values.", 0, 15],
  ["start_time > 'now'", "Expected numeric value type for numeric attribute: start_time. Found 'now'", 0, 18],
])("%s is refused at its place", async (filter, message, start, end) => {
  await expect(page({ filter })).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining(message),
    place: { field: "filter", value: { start, end } },
  });
});

test("orders that cannot be are refused", async () => {
  await expect(page({ orderBy: ["datasets.name"] })).rejects.toThrow("Invalid order_by entity type 'dataset'");
  await expect(page({ orderBy: ["metrics.a", "metrics.a DESC"] })).rejects.toThrow(
    "`order_by` contains duplicate fields",
  );
  await expect(page({ orderBy: ["size"] })).rejects.toThrow("Invalid attribute key 'size' specified.");
  await expect(page({ pageToken: "x" })).rejects.toThrow("Invalid page token");
});

test("deleted runs are seen only by who asks for them; an experiment that is not there has none", async () => {
  const { alice, project } = people;
  const gone = await createRun(alice, project.id, { experiment, name: "gone" });
  await deleteRuns(alice, project.id, { runIds: [gone.id] });
  expect(await search("run_name = 'gone'")).toEqual([]);
  expect(await search("", { view: "DELETED_ONLY" })).toEqual(["gone"]);
  expect(await search("run_name = 'gone'", { view: "ALL" })).toEqual(["gone"]);
  expect(await search("", { experiments: [] })).toEqual([]);
  expect(await search("", { experiments: [9_999_999_999] })).toEqual([]);
  expect(await search("run_name = 'elsewhere'", { experiments: undefined })).toEqual(["elsewhere"]);
});

test("the datasets of an experiment, once per context", async () => {
  const found = await searchDatasets(people.alice, people.project.id, { experiments: [experiment] });
  expect(found).toContainEqual({ experiment, name: "data0", digest: "d0", context: "training" });
  expect(found).toHaveLength(4);
  expect(await searchDatasets(people.eve, people.other.id, { experiments: [experiment] })).toEqual([]);
});
