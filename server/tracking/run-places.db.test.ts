import { beforeAll, expect, test } from "vitest";
import { pool } from "#server/platform/db.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { deleteRuns, listRuns, logBatch, markRuns, restoreRuns } from "./index.ts";

testDatabase();

// More than the front of an order that is looked at run by run.
const RUNS = 12_000;
let people: Awaited<ReturnType<typeof somePeople>>;
let until: number;

beforeAll(async () => {
  people = await somePeople();
  await pool().query(
    `insert into runs (id, project_id, experiment_id, name, start_time)
     select md5('r' || i), e.project_id, e.id, 'run-' || i, 1000 + i / 3
     from generate_series(1, ${RUNS}) as i, experiments e where e.project_id = $1 and e.number = 0`,
    [people.project.id],
  );
  await pool().query(
    `insert into latest_metrics (run_id, experiment_id, key, timestamp, step, value)
     select md5('r' || i), e.id, 'm', 0, 0, i % 700 from generate_series(1, ${RUNS}) as i, experiments e where e.project_id = $1 and e.number = 0`,
    [people.project.id],
  );
  await pool().query("analyze");
  until = Date.now() + 1000;
});

const page = async (offset: number, more: object = {}, maxResults = 100) =>
  (await listRuns(people.alice, people.project.id, { experiment: 0, until, offset, maxResults, ...more })).runs.map(
    (run) => run.id,
  );
const plain = async (orderBy: string, offset: number) =>
  (
    await pool().query<{ id: string }>(
      `select r.id from runs r join latest_metrics m on m.run_id = r.id where r.lifecycle_stage = 'active' order by ${orderBy} limit 100 offset ${offset}`,
    )
  ).rows.map((row) => row.id);

test("pages deep in a list are those of a plain sort, whatever was asked before", async () => {
  for (const offset of [11_950, 9000, 40, 11_000, 9000])
    expect(await page(offset)).toEqual(await plain("r.start_time desc, r.id", offset));
  const byMetric = { orderBy: ["metrics.m DESC"] };
  for (const offset of [11_000, 8500])
    expect(await page(offset, byMetric)).toEqual(await plain("m.value desc, r.start_time desc, r.id", offset));
  expect(await page(RUNS)).toEqual([]);
});

test("who was deleted, hidden or fell out of the filter is gone at once; who comes back is there again within seconds", async () => {
  const { alice, bob, project } = people;
  const [first = "", second = "", third = ""] = await page(9000);
  await deleteRuns(alice, project.id, { runIds: [first] });
  expect(await page(9000)).not.toContain(first);
  expect(await page(9000)).toEqual(await plain("r.start_time desc, r.id", 9000));
  await restoreRuns(alice, project.id, { runIds: [first] });

  const apart = { marks: "apart" } as const;
  expect(await page(9000, apart)).toContain(second);
  await markRuns(alice, project.id, { runIds: [second], hidden: true });
  expect(await page(9000, apart)).not.toContain(second);
  // Marks are a person's own.
  const others = await listRuns(bob, project.id, { experiment: 0, until, offset: 9000, maxResults: 100, ...apart });
  expect(others.runs.map((run) => run.id)).toContain(second);

  const filtered = { filter: "metrics.m < 800" };
  expect(await page(9000, filtered)).toContain(third);
  await logBatch(alice, project.id, { runId: third, metrics: [{ key: "m", value: 900, timestamp: 1, step: 1 }] });
  expect(await page(9000, filtered)).not.toContain(third);
});

test("pages asked for at the same moment share one list, and another project has its own", async () => {
  const pages = await Promise.all(
    [8100, 8200, 8300].map((offset) => page(offset, { orderBy: ["attributes.run_name ASC"] })),
  );
  expect(new Set(pages.flat()).size).toBe(300);
  const { eve, other } = people;
  const foreign = await listRuns(eve, other.id, { experiment: 0, until, offset: 9000, maxResults: 100 });
  expect(foreign.runs).toEqual([]);
});
