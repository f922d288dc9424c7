import { beforeAll, expect, test } from "vitest";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { compactRun } from "./compact-metrics.ts";
import { createRun, logBatch, pairMetrics } from "./index.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
beforeAll(async () => {
  people = await somePeople();
});

type Logged = readonly { readonly key: string; readonly value: number; readonly step: number }[];

async function aRun(...parts: readonly Logged[]): Promise<string> {
  const { alice, project } = people;
  const { id } = await createRun(alice, project.id, { experiment: 0 });
  for (const part of parts) {
    const metrics = part.map((metric) => ({ ...metric, timestamp: metric.step }));
    for (let from = 0; from < metrics.length; from += 1000)
      await logBatch(alice, project.id, { runId: id, metrics: metrics.slice(from, from + 1000) });
  }
  return id;
}
const pair = (input: object) =>
  pairMetrics(people.alice, people.project.id, { runIds: [], key: "loss", by: "tokens", ...input });

test("what both have at a step, of chunks as of loose points; the rest is counted", async () => {
  const steps = Array.from({ length: 3000 }, (_, step) => step);
  const id = await aRun(
    steps.map((step) => ({ key: "tokens", step, value: step * 512 })),
    steps
      .filter((step) => step % 3 === 0)
      .map((step) => ({ key: "loss", step, value: step === 2001 ? 99 : 1 / (step + 1) })),
    [{ key: "loss", step: 9999, value: 0 }],
  );
  const expected = { runId: id, total: 1000, alone: 1, aloneOfX: 2000, unplaced: 0 };
  const [loose] = await pair({ runIds: [id], points: 100 });
  expect(loose).toMatchObject(expected);
  await compactRun(id);
  const [series] = await pair({ runIds: [id], points: 100 });
  expect(series).toEqual(loose);
  expect(series?.points.length).toBeLessThanOrEqual(100);
  expect(series?.points.find(({ value }) => value === 99)).toMatchObject({ x: 2001 * 512, step: 2001 });
  const [part] = await pair({ runIds: [id], points: 100, x: { from: 512, to: 512 * 7 } });
  expect(part?.points.map(({ x }) => x / 512)).toEqual([0, 3, 6, 9]);
  const [itself] = await pair({ runIds: [id], by: "loss", points: 1000 });
  expect(itself).toMatchObject({ total: 1001, alone: 0, aloneOfX: 0 });
});

test("a run without the other metric has no pair and says so; one without the metric is left out; NaN is a gap", async () => {
  const lonely = await aRun([{ key: "loss", step: 1, value: 1 }]);
  const other = await aRun([{ key: "tokens", step: 1, value: 1 }]);
  const gap = await aRun([
    { key: "tokens", step: 1, value: 5 },
    { key: "loss", step: 1, value: Number.NaN },
  ]);
  expect(await pair({ runIds: [lonely, other, gap] })).toMatchObject([
    { runId: lonely, total: 0, alone: 1, points: [] },
    { runId: gap, total: 1, alone: 0, points: [{ x: 5, value: null, step: 1 }] },
  ]);
});

test("another project's run is not there, and a viewer reads none", async () => {
  const id = await aRun([{ key: "loss", step: 1, value: 1 }]);
  const { carol, eve, other, project } = people;
  const input = { runIds: [id], key: "loss", by: "tokens" };
  await expect(pairMetrics(eve, other.id, input)).rejects.toMatchObject({ code: "not_found" });
  await expect(pairMetrics(carol, project.id, input)).rejects.toMatchObject({ code: "forbidden" });
});
