import { beforeAll, describe, expect, test } from "vitest";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { INFINITE } from "./contract.ts";
import {
  createLoggedModel,
  createRun,
  getLoggedModel,
  getMetricHistory,
  getRun,
  logBatch,
  logInputs,
  logOutputs,
  sampleMetricHistory,
} from "./index.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
beforeAll(async () => {
  people = await somePeople();
});

async function aRun() {
  const { alice, project } = people;
  const { id } = await createRun(alice, project.id, {});
  const log = (batch: object) => logBatch(alice, project.id, { runId: id, ...batch });
  const read = () => getRun(alice, project.id, { runId: id });
  return { id, log, read };
}
const at = (key: string, value: number, step = 0, timestamp = 1000) => ({ key, value, step, timestamp });

describe("metrics", () => {
  test("the latest is the greatest by step, then time, then value, in whatever order they come", async () => {
    const { log, read } = await aRun();
    await log({ metrics: [at("m", 1, 5, 100), at("m", 9, 3, 900), at("m", 2, 5, 200)] });
    await log({ metrics: [at("m", 3, 5, 200), at("m", 8, 4, 999)] });
    await log({ metrics: [at("m", 1, 5, 200)] });
    expect((await read()).metrics).toEqual([{ key: "m", value: 3, step: 5, timestamp: 200 }]);
  });

  test("the same batch twice changes nothing", async () => {
    const { id, log, read } = await aRun();
    const batch = {
      metrics: [at("m", 0.5, 1), at("m", 0.5, 1)],
      params: [{ key: "p", value: "1" }],
      tags: [{ key: "t", value: "x" }],
    };
    await log(batch);
    const before = await read();
    await log(batch);
    expect(await read()).toEqual(before);
    const { metrics } = await getMetricHistory(people.alice, people.project.id, { runId: id, key: "m" });
    expect(metrics).toEqual([{ key: "m", value: 0.5, step: 1, timestamp: 1000 }]);
  });

  test("NaN and the infinities are kept and told apart", async () => {
    const { id, log, read } = await aRun();
    await log({
      metrics: [at("nan", NaN), at("inf", Infinity), at("neg", -Infinity), at("zero", -0), at("tiny", 5e-324)],
    });
    expect((await read()).metrics.map(({ key, value }) => [key, value])).toEqual([
      ["inf", INFINITE],
      ["nan", null],
      ["neg", -INFINITE],
      ["tiny", 5e-324],
      ["zero", 0],
    ]);
    const { metrics } = await getMetricHistory(people.alice, people.project.id, { runId: id, key: "nan" });
    expect(metrics).toEqual([{ key: "nan", value: null, timestamp: 1000, step: 0 }]);
  });

  test("steps and times are 64 bit", async () => {
    const { log, read } = await aRun();
    await log({ metrics: [at("m", 1, -9_007_199_254_740_991, 9_007_199_254_740_991)] });
    expect((await read()).metrics).toEqual([
      { key: "m", value: 1, step: -9_007_199_254_740_991, timestamp: 9_007_199_254_740_991 },
    ]);
  });

  test("batches of one run at the same moment end with the right latest value and no deadlock", async () => {
    const { id, log, read } = await aRun();
    const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
    await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        log({ metrics: (n % 2 ? keys : keys.toReversed()).map((key) => at(key, n, n)) }),
      ),
    );
    expect((await read()).metrics.every((m) => m.value === 7 && m.step === 7)).toBe(true);
    const all = await sampleMetricHistory(people.alice, people.project.id, { runIds: [id] });
    expect(all.map(({ total }) => total)).toEqual(keys.map(() => 8));
  });

  test("history is paged in the order of time", async () => {
    const { id, log } = await aRun();
    await log({ metrics: [at("m", 1, 9, 3), at("m", 2, 1, 1), at("m", 3, 5, 2)] });
    const page = (more: object) => getMetricHistory(people.alice, people.project.id, { runId: id, key: "m", ...more });
    const first = await page({ maxResults: 2 });
    expect(first.metrics.map((m) => m.value)).toEqual([2, 3]);
    const second = await page({ maxResults: 2, pageToken: first.nextPageToken ?? "" });
    expect(second).toMatchObject({ metrics: [{ value: 1 }], nextPageToken: null });
    expect((await page({})).metrics).toHaveLength(3);
  });
});

describe("thinning out", () => {
  test("a spike, the ends and an all-NaN stretch survive; the number of points does not exceed what was asked for", async () => {
    const { id, log } = await aRun();
    const n = 10_000;
    const value = (i: number) => (i === 4321 ? 1000 : i === 7777 ? -1000 : i >= 9500 ? NaN : Math.sin(i / 300));
    for (let from = 0; from < n; from += 1000)
      await log({ metrics: Array.from({ length: 1000 }, (_, i) => at("loss", value(from + i), from + i, from + i)) });
    const [series] = await sampleMetricHistory(people.alice, people.project.id, {
      runIds: [id],
      keys: ["loss"],
      points: 200,
    });
    expect(series?.total).toBe(n);
    expect(series?.points.length).toBeLessThanOrEqual(200);
    expect(series?.points.length).toBeGreaterThan(150);
    expect(series?.points.find((p) => p.step === 4321)?.value).toBe(1000);
    expect(series?.points.find((p) => p.step === 7777)?.value).toBe(-1000);
    expect(series?.points[0]?.step).toBe(0);
    expect(series?.points.at(-1)).toMatchObject({ step: 9999, value: null });
    const steps = series?.points.map((p) => p.step) ?? [];
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });

  test.each([1, 2, 3, 4, 5, 10])("%i points are enough for a history of 20", async (points) => {
    const { id, log } = await aRun();
    await log({ metrics: Array.from({ length: 20 }, (_, i) => at("m", i % 7, i)) });
    const input = { runIds: [id], keys: ["m"], points };
    const [series] = await sampleMetricHistory(people.alice, people.project.id, input);
    expect(series?.points.length).toBeGreaterThan(0);
    expect(series?.points.length).toBeLessThanOrEqual(points);
    expect(series?.points.at(-1)?.step).toBe(19);
    if (points > 1) expect(series?.points[0]?.step).toBe(0);
  });

  test("a short history comes whole, many runs and keys in one call, a stretch of steps alone", async () => {
    const [one, two] = await Promise.all([aRun(), aRun()]);
    await one.log({ metrics: [at("a", 1, 1), at("a", 2, 2), at("b", 1, 1)] });
    await two.log({ metrics: [at("a", 5, 1)] });
    const all = await sampleMetricHistory(people.alice, people.project.id, { runIds: [one.id, two.id] });
    expect(all.map((s) => [s.runId, s.key, s.total]).sort()).toEqual(
      [
        [one.id, "a", 2],
        [one.id, "b", 1],
        [two.id, "a", 1],
      ].sort(),
    );
    const some = await sampleMetricHistory(people.alice, people.project.id, {
      runIds: [one.id],
      keys: ["a"],
      steps: { from: 2, to: 9 },
    });
    expect(some).toMatchObject([{ total: 1, points: [{ value: 2 }] }]);
    await expect(sampleMetricHistory(people.eve, people.other.id, { runIds: [one.id] })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("parameters and tags", () => {
  test("a parameter never changes its value, and then nothing of the batch is kept", async () => {
    const { id, log, read } = await aRun();
    await log({ params: [{ key: "lr", value: "0.1" }] });
    await log({ params: [{ key: "lr", value: "0.1" }] });
    await expect(log({ params: [{ key: "lr", value: "0.2" }], single: true })).rejects.toThrow(
      `Changing param values is not allowed. Param with key='lr' was already logged with value='0.1' for run ID='${id}'. Attempted logging new value '0.2'.`,
    );
    await expect(
      log({
        metrics: [at("m", 1)],
        params: [
          { key: "new", value: "1" },
          { key: "lr", value: "0.2" },
        ],
        tags: [{ key: "t", value: "1" }],
      }),
    ).rejects.toThrow(
      "Changing param values is not allowed. Params were already logged='[{'key': 'lr', 'old_value': '0.1', 'new_value': '0.2'}]'",
    );
    const run = await read();
    expect([run.metrics, run.params]).toEqual([[], [{ key: "lr", value: "0.1" }]]);
    expect(run.tags.some((tag) => tag.key === "t")).toBe(false);
  });

  test("long values are cut, without half a character", async () => {
    const { log, read } = await aRun();
    await log({
      params: [{ key: "p", value: "x".repeat(7000) }],
      tags: [{ key: "t", value: `${"x".repeat(7999)}😀` }],
    });
    const run = await read();
    expect(run.params[0]?.value).toHaveLength(6000);
    expect(run.tags.find((tag) => tag.key === "t")?.value).toBe("x".repeat(7999));
  });

  test("a tag is overwritten, the last of two in a batch counts, and the name tag renames the run", async () => {
    const { log, read } = await aRun();
    await log({
      tags: [
        { key: "t", value: "1" },
        { key: "t", value: "2" },
        { key: "mlflow.runName", value: "better" },
      ],
    });
    const run = await read();
    expect(run.name).toBe("better");
    expect(run.tags.find((tag) => tag.key === "t")?.value).toBe("2");
  });

  test.each([
    [
      { metrics: [at("a\nb", 1)] },
      "Invalid value \"a\\nb\" for parameter 'metrics[0].name' supplied: Names may only contain alphanumerics",
    ],
    [{ metrics: [at("../x", 1)] }, "This name would resolve to '../x'"],
    [{ metrics: [at("a//b", 1)] }, "This name would resolve to 'a/b'"],
    [{ metrics: [at("m", 1, 0, -1)] }, "Timestamp must be a nonnegative long (64-bit integer) "],
    [{ metrics: [at("x".repeat(251), 1)] }, "'Metric name' exceeds the maximum length of 250 characters"],
    [
      {
        params: [
          { key: "p", value: "1" },
          { key: "p", value: "1" },
        ],
      },
      "Duplicate parameter keys have been submitted: ['p'].",
    ],
    [
      { params: Array.from({ length: 101 }, (_, i) => ({ key: `p${i}`, value: "1" })) },
      "A batch logging request can contain at most 100 params. Got 101 params.",
    ],
    [
      { metrics: Array.from({ length: 1001 }, (_, i) => at(`m${i}`, 1)) },
      "A batch logging request can contain at most 1000 metrics. Got 1001 metrics.",
    ],
    [
      {
        metrics: Array.from({ length: 950 }, (_, i) => at(`m${i}`, 1)),
        params: Array.from({ length: 60 }, (_, i) => ({ key: `p${i}`, value: "1" })),
      },
      "A batch logging request can contain at most 1000 metrics, params, and tags. Got 1010 metrics, params, and tags.",
    ],
  ])("%# is refused in the client's words", async (batch, words) => {
    const { log, read } = await aRun();
    await expect(log(batch)).rejects.toMatchObject({ code: "invalid_input", message: expect.stringContaining(words) });
    expect((await read()).metrics).toEqual([]);
  });

  test("names of any alphabet are welcome", async () => {
    const { log, read } = await aRun();
    await log({ metrics: [at("précision/val: été", 1)], params: [{ key: "学习率", value: "0,1" }] });
    expect((await read()).params).toEqual([{ key: "学习率", value: "0,1" }]);
  });
});

describe("inputs, outputs and models", () => {
  test("a dataset counts once per name and digest; models are the project's own", async () => {
    const { alice, eve, project, other } = people;
    const { id, read } = await aRun();
    const dataset = {
      name: "d",
      digest: "abc",
      sourceType: "local",
      source: "{}",
      tags: [{ key: "mlflow.data.context", value: "training" }],
    };
    await logInputs(alice, project.id, { runId: id, datasets: [dataset, { ...dataset, source: "other" }] });
    await logInputs(alice, project.id, { runId: id, datasets: [dataset] });
    const model = await createLoggedModel(alice, project.id, { experiment: 0, name: "model", sourceRunId: id });
    await logOutputs(alice, project.id, { runId: id, models: [{ modelId: model.id, step: 4 }] });
    await logInputs(alice, project.id, { runId: id, models: [model.id] });
    expect(await read()).toMatchObject({
      inputs: [{ ...dataset, schema: null, profile: null }],
      modelInputs: [model.id],
      modelOutputs: [{ modelId: model.id, step: 4 }],
    });
    const foreign = await createLoggedModel(eve, other.id, { experiment: 0 });
    await expect(logInputs(alice, project.id, { runId: id, models: [foreign.id] })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(
      logInputs(alice, project.id, { runId: id, datasets: [{ ...dataset, digest: "x".repeat(37) }] }),
    ).rejects.toThrow("'digest' exceeds the maximum length of 36 characters");
  });

  test("a metric can speak of a model, also when it was logged before without it", async () => {
    const { alice, project } = people;
    const { id, log, read } = await aRun();
    const model = await createLoggedModel(alice, project.id, { experiment: 0, name: "m" });
    await log({ metrics: [at("auc", 0.9, 1)] });
    await log({ metrics: [{ ...at("auc", 0.9, 1), modelId: model.id, datasetName: "d", datasetDigest: "x" }] });
    await log({ metrics: [{ ...at("auc", 0.9, 1), modelId: model.id }] });
    expect((await read()).metrics).toHaveLength(1);
    expect((await getLoggedModel(alice, project.id, { modelId: model.id })).metrics).toEqual([
      { key: "auc", value: 0.9, step: 1, timestamp: 1000, runId: id, datasetName: "d", datasetDigest: "x" },
    ]);
    await expect(log({ metrics: [{ ...at("other", 1), modelId: "m-unknown" }] })).rejects.toThrow(
      "Logged model with ID 'm-unknown' not found.",
    );
    expect((await read()).metrics).toHaveLength(1);
  });
});
