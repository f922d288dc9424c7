import { beforeAll, expect, test } from "vitest";
import { pool } from "#server/platform/db.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { createExperiment, searchRuns } from "./index.ts";

testDatabase();

const RUNS = 3000;
let people: Awaited<ReturnType<typeof somePeople>>;
beforeAll(async () => {
  people = await somePeople();
  const { project } = people;
  const ids = `(select md5('r' || i) as id, i from generate_series(1, ${RUNS}) as i) as r`;
  await pool().query(
    `insert into runs (id, project_id, experiment_id, name, start_time)
     select r.id, e.project_id, e.id, 'run-' || i, 1000 + i / 3 from ${ids}, experiments e where e.project_id = $1 and e.number = 0`,
    [project.id],
  );
  // Values repeat, one in thirty is NaN, one in eleven missing: what a walk along an index could get wrong.
  await pool().query(
    `insert into latest_metrics (run_id, experiment_id, key, timestamp, step, value, is_nan)
     select r.id, e.id, 'm', 0, 0, case when i % 30 = 0 then 0 else i % 500 - 250 end, i % 30 = 0
     from ${ids}, experiments e where e.project_id = $1 and e.number = 0 and i % 11 > 0`,
    [project.id],
  );
  await pool().query(`insert into run_params (run_id, key, value) select id, 'p', (i % 4)::text from ${ids}`);
  await pool().query("analyze");
});

interface Row {
  readonly id: string;
  readonly i: number;
  readonly value: number | null;
  readonly nan: boolean;
}
const all = async (): Promise<Row[]> =>
  (
    await pool().query<Row>(
      `select r.id, substr(r.name, 5)::int as i, m.value, coalesce(m.is_nan, false) as nan from runs r left join latest_metrics m on m.run_id = r.id`,
    )
  ).rows;

const newestFirst = (a: Row, b: Row) => Math.floor(b.i / 3) - Math.floor(a.i / 3) || (a.id < b.id ? -1 : 1);
const rank = (row: Row) => (row.value === null ? 2 : row.nan ? 1 : 0);
const byValue = (sign: 1 | -1) => (a: Row, b: Row) =>
  rank(a) - rank(b) || (rank(a) === 0 ? sign * ((a.value ?? 0) - (b.value ?? 0)) : 0) || newestFirst(a, b);

test.each([
  ["", undefined, () => true, newestFirst],
  ["", "metrics.m DESC", () => true, byValue(-1)],
  ["", "metrics.m ASC", () => true, byValue(1)],
  ["params.p = '2'", undefined, (row: Row) => row.i % 4 === 2, newestFirst],
  ["metrics.m > 248", "metrics.m ASC", (row: Row) => rank(row) === 0 && (row.value ?? 0) > 248, byValue(1)],
  [
    "metrics.m != 3 and params.p != '1'",
    "metrics.m DESC",
    (row: Row) => rank(row) < 2 && (row.nan || row.value !== 3) && row.i % 4 !== 1,
    byValue(-1),
  ],
  [
    "metrics.m < -249 and params.p = '1'",
    "start_time DESC",
    (row: Row) => rank(row) === 0 && (row.value ?? 0) < -249 && row.i % 4 === 1,
    newestFirst,
  ],
  // Few values are so: their index leads to them. That of a NaN holds 0, which it is not.
  ["metrics.m = 0", "metrics.m ASC", (row: Row) => rank(row) === 0 && row.value === 0, byValue(1)],
  [
    "metrics.m > 240 and metrics.m <= 244 and params.p != '2' and attributes.run_name LIKE '%7%'",
    undefined,
    (row: Row) =>
      rank(row) === 0 &&
      (row.value ?? 0) > 240 &&
      (row.value ?? 0) <= 244 &&
      row.i % 4 !== 2 &&
      `${row.i}`.includes("7"),
    newestFirst,
  ],
] as const)("pages of %j ordered by %j are those of a plain sort", async (filter, order, keeps, compare) => {
  const { alice, project } = people;
  const expected = (await all())
    .filter(keeps)
    .sort(compare)
    .map((row) => row.id);
  const search = (maxResults: number, pageToken?: string) =>
    searchRuns(alice, project.id, {
      experiments: [0],
      filter,
      orderBy: order === undefined ? [] : [order],
      maxResults,
      pageToken,
    });
  const seen: string[] = [];
  let pageToken: string | undefined;
  do {
    const page = await search(seen.length === 0 ? 40 : 700, pageToken);
    seen.push(...page.runs.map((run) => run.id));
    pageToken = page.nextPageToken ?? undefined;
  } while (pageToken !== undefined);
  expect(seen).toEqual(expected);
});

test("the best runs of several experiments come from all of them, and of one from it alone", async () => {
  const { alice, project } = people;
  const { number } = await createExperiment(alice, project.id, { name: "beside the first" });
  await pool().query(
    `with made as (
       insert into runs (id, project_id, experiment_id, name, start_time)
       select md5('s' || i), e.project_id, e.id, 'run-' || i, 1000 + i / 3 from experiments e, generate_series(1, 300) as i where e.project_id = $1 and e.number = $2
       returning id, experiment_id, name)
     insert into latest_metrics (run_id, experiment_id, key, timestamp, step, value)
     select id, experiment_id, 'm', 0, 0, substr(name, 5)::int from made`,
    [project.id, number],
  );
  const best = async (experiments?: number[], filter = "") => {
    const order = { orderBy: ["metrics.m DESC"], maxResults: 60 };
    const found = await searchRuns(alice, project.id, { experiments, filter, ...order });
    return found.runs.map((run) => run.id);
  };
  const sorted = (await all()).sort(byValue(-1)).map((row) => row.id);
  const { rows } = await pool().query<{ id: string }>(
    "select r.id from runs r join experiments e on e.id = r.experiment_id where e.project_id = $1 and e.number = $2",
    [project.id, number],
  );
  const second = new Set(rows.map((row) => row.id));
  expect(await best()).toEqual(sorted.slice(0, 60));
  expect(await best([0, number])).toEqual(sorted.slice(0, 60));
  expect(await best([number])).toEqual(sorted.filter((id) => second.has(id)).slice(0, 60));
  expect(await best([0])).toEqual(sorted.filter((id) => !second.has(id)).slice(0, 60));

  // Values that an index leads to, in one experiment and in all.
  const rare = "metrics.m > 246 and metrics.m < 249";
  const kept = (await all())
    .filter((row) => rank(row) === 0 && (row.value ?? 0) > 246 && (row.value ?? 0) < 249)
    .sort(byValue(-1))
    .map((row) => row.id);
  expect(kept.some((id) => second.has(id)) && kept.some((id) => !second.has(id))).toBe(true);
  expect(await best(undefined, rare)).toEqual(kept);
  expect(await best([number], rare)).toEqual(kept.filter((id) => second.has(id)));
  expect(await best([77], rare)).toEqual([]);
});
