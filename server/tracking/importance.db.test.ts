import { beforeAll, expect, test } from "vitest";
import { prisma } from "#server/platform/db.ts";
import { log } from "#server/platform/log.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { computeImportanceJob } from "./compute-importance.ts";
import { createRun, findRunsToCompare, logBatch, requestImportance } from "./index.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
let runIds: string[];

beforeAll(async () => {
  people = await somePeople();
  const { alice, project } = people;
  runIds = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const { id } = await createRun(alice, project.id, { experiment: 0, startTime: i });
      await logBatch(alice, project.id, {
        runId: id,
        metrics: [{ key: "score", value: i % 5, timestamp: 1, step: 0 }],
        params: [
          { key: "matters", value: String(i % 5) },
          { key: "idle", value: String((i * 7) % 4) },
        ],
      });
      return id;
    }),
  );
});

const metric = "score";
const rows = () => prisma().runImportance.findMany();

test("the first question queues the work, the worker answers it, and the same runs in any order get that answer", async () => {
  const { alice, project } = people;
  expect(await requestImportance(alice, project.id, { runIds, metric })).toMatchObject({ status: "queued" });
  expect(await requestImportance(alice, project.id, { runIds: runIds.toReversed(), metric })).toMatchObject({
    status: "queued",
  });
  const [row, ...others] = await rows();
  expect(others).toEqual([]);
  await computeImportanceJob({ projectId: project.id, importanceId: row?.id ?? "" }, { log });
  const answer = await requestImportance(alice, project.id, { runIds: runIds.toReversed(), metric });
  expect(answer.status).toBe("done");
  expect(answer.result?.parameters[0]).toMatchObject({ name: "matters", kind: "number" });
  expect(answer.result?.parameters[0]?.importance).toBeGreaterThan(1);
  expect(answer.result?.parameters[0]?.correlation).toBeCloseTo(1, 6);
  expect(answer.result?.n).toBe(20);
});

test("a run that says something else is another question", async () => {
  const { alice, project } = people;
  const before = (await rows()).length;
  await logBatch(alice, project.id, {
    runId: runIds[0] ?? "",
    metrics: [{ key: "score", value: 3, timestamp: 2, step: 1 }],
  });
  expect(await requestImportance(alice, project.id, { runIds, metric })).toMatchObject({ status: "queued" });
  expect(await rows()).toHaveLength(before + 1);
});

test("too few runs are refused with a sentence, and runs of another project do not count", async () => {
  const { alice, eve, project, other } = people;
  const few = await requestImportance(alice, project.id, { runIds: runIds.slice(0, 9), metric });
  expect(few).toMatchObject({ status: "refused", result: null });
  expect(few.reason).toContain("fewer than 10");
  expect(await requestImportance(eve, other.id, { runIds, metric })).toMatchObject({ status: "refused" });
});

test("a search is compared without listing its runs: filter, order and number", async () => {
  const { alice, eve, project, other } = people;
  const found = await findRunsToCompare(alice, project.id, {
    filter: "params.matters = '4'",
    order: "metrics.score DESC",
    top: "3",
  });
  expect(found.map((run) => run.params["matters"])).toEqual(["4", "4", "4"]);
  expect(await findRunsToCompare(alice, project.id, { experiment: "0", top: "100" })).toHaveLength(20);
  expect(await findRunsToCompare(eve, other.id, {})).toEqual([]);
  // Words are those of a name, as in the table of runs; a number beyond the most means the most.
  expect(await findRunsToCompare(alice, project.id, { filter: "no such name", top: 5000 })).toEqual([]);
  await expect(findRunsToCompare(alice, project.id, { filter: "metrics.auc >" })).rejects.toMatchObject({
    code: "invalid_input",
  });
});
