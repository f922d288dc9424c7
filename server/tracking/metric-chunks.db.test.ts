import { beforeAll, describe, expect, test } from "vitest";
import { pool, prisma } from "#server/platform/db.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { compactRun } from "./compact-metrics.ts";
import { INFINITE } from "./contract.ts";
import { createRun, getMetricHistory, getRun, logBatch, sampleMetricHistory, updateRun } from "./index.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
beforeAll(async () => {
  people = await somePeople();
});

interface Logged {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly timestamp: number;
}

/** A deterministic source of numbers in [0, 1): mulberry32. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const valueOf = (value: number) =>
  Number.isNaN(value) ? null : value === 0 ? 0 : Math.max(-INFINITE, Math.min(INFINITE, value));

/** What the history of a key should be: a list that knows nothing of batches and chunks. */
class Model {
  readonly #points = new Map<string, Logged>();

  add(metrics: readonly Logged[]): void {
    for (const metric of metrics) {
      const value = valueOf(metric.value);
      this.#points.set(`${metric.key} ${metric.step} ${metric.timestamp} ${value}`, metric);
    }
  }

  of(key: string): { value: number | null; step: number; timestamp: number }[] {
    return [...this.#points.values()]
      .filter((point) => point.key === key)
      .map(({ value, step, timestamp }) => ({ value: valueOf(value), step, timestamp }));
  }

  history(key: string) {
    return this.of(key).sort(
      (a, b) =>
        a.timestamp - b.timestamp ||
        a.step - b.step ||
        (a.value ?? 0) - (b.value ?? 0) ||
        Number(a.value === null) - Number(b.value === null),
    );
  }

  latest(key: string) {
    return this.of(key).reduce((best, point) => {
      const order =
        point.step - best.step || point.timestamp - best.timestamp || (point.value ?? 0) - (best.value ?? 0);
      return order > 0 ? point : best;
    });
  }
}

async function aRun() {
  const { alice, project } = people;
  const { id } = await createRun(alice, project.id, {});
  const log = (metrics: readonly Logged[]) => logBatch(alice, project.id, { runId: id, metrics: [...metrics] });
  const history = async (key: string) => {
    const { metrics } = await getMetricHistory(alice, project.id, { runId: id, key });
    return metrics.map(({ value, step, timestamp }) => ({ value, step, timestamp }));
  };
  const sample = async (key: string, points: number, steps?: { from: number; to: number }) => {
    const [series] = await sampleMetricHistory(alice, project.id, { runIds: [id], keys: [key], points, steps });
    return series;
  };
  return { id, log, history, sample };
}

const at = (key: string, step: number, value = step, timestamp = step): Logged => ({ key, value, step, timestamp });
const span = (key: string, from: number, to: number, value: (step: number) => number = (step) => step) =>
  Array.from({ length: to - from }, (_, i) => at(key, from + i, value(from + i)));
const count = async (table: "metric_chunks" | "metric_batches", runId: string) =>
  (await pool().query<{ n: number }>(`select count(*)::int as n from ${table} where run_id = $1`, [runId])).rows[0]?.n;

describe("equal to a list", () => {
  test.each([1, 2, 3, 4])("whatever is logged and however it is compacted (%i)", async (seed) => {
    const random = numbers(seed);
    const { id, log, history } = await aRun();
    const model = new Model();
    const keys = ["a", "b", "loss/train", "été: loss"];
    const special = [NaN, Infinity, -Infinity, -0, 0, 5e-324];
    let step = 0;
    let batch: Logged[] = [];
    for (let round = 0; round < 40; round += 1) {
      const size = random() < 0.3 ? 1 : Math.floor(random() * (random() < 0.2 ? 1000 : 120)) + 1;
      const [only] = random() < 0.3 ? keys : [undefined];
      if (random() < 0.1) step = Math.max(0, step - Math.floor(random() * 2000));
      // Every tenth batch is sent again, as a client does that lost the answer.
      if (round === 0 || random() > 0.1)
        batch = Array.from({ length: size }, () => {
          const key = only ?? keys[Math.floor(random() * keys.length)] ?? "a";
          if (random() < 0.7) step += 1;
          const own = random() < 0.05 ? Math.floor(random() * 3000) - 500 : step;
          const value =
            random() < 0.1 ? (special[Math.floor(random() * special.length)] ?? 0) : Math.floor(random() * 5);
          const timestamp = seed % 2 === 0 ? 1000 + own : Math.floor(random() * 4000);
          return at(key, own, value, Math.max(0, timestamp));
        });
      await log(batch);
      model.add(batch);
      if (random() < 0.15) await compactRun(id);
    }
    const check = async () => {
      for (const key of keys) expect(await history(key)).toEqual(model.history(key));
      const { metrics } = await getRun(people.alice, people.project.id, { runId: id });
      for (const { key, ...latest } of metrics) expect(latest).toEqual(model.latest(key));
    };
    await check();
    await compactRun(id);
    expect(await count("metric_batches", id)).toBe(0);
    await check();
  });

  test("eight writers of one run at once, with compactions between", async () => {
    const { id, log, history } = await aRun();
    const model = new Model();
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let i = 0; i < 12; i += 1) {
          // Shared and own steps, of one metric that is large and two that are not.
          const batch = [
            ...span("big", i * 600, i * 600 + (writer % 2 ? 600 : 50), (step) => step % 7),
            ...span("small", i * 10, i * 10 + 10, (step) => step + writer),
            ...span(`own-${writer}`, i * 10, i * 10 + 10),
          ];
          model.add(batch);
          await log(batch);
          if (i % 4 === writer % 4) await compactRun(id);
        }
      }),
    );
    for (const key of ["big", "small", "own-3"]) expect(await history(key)).toEqual(model.history(key));
    await compactRun(id);
    for (const key of ["big", "small", "own-3"]) expect(await history(key)).toEqual(model.history(key));
  });
});

describe("chunks", () => {
  test("what is logged one by one is moved into few chunks, and the end of a run leaves nothing loose", async () => {
    const { id, log, history } = await aRun();
    for (let step = 0; step < 150; step += 1) await log([at("m", step), at("n", step)]);
    expect(await count("metric_batches", id)).toBeLessThan(64);
    expect(await count("metric_chunks", id)).toBeGreaterThan(0);
    await updateRun(people.alice, people.project.id, { runId: id, status: "FINISHED", endTime: 1 });
    expect(await count("metric_batches", id)).toBe(0);
    expect(await count("metric_chunks", id)).toBeLessThanOrEqual(6);
    expect((await history("n")).map(({ step }) => step)).toEqual(Array.from({ length: 150 }, (_, i) => i));
  });

  test("a large batch sent again is kept once", async () => {
    const { id, log, history } = await aRun();
    for (let i = 0; i < 5; i += 1) await log(span("m", 0, 1000));
    expect(await history("m")).toHaveLength(1000);
    expect(await count("metric_chunks", id)).toBe(1);
  });

  test("histories are paged across chunks and loose points, by time even where steps run back", async () => {
    const { id } = await aRun();
    const { alice, project } = people;
    const metrics = span("m", 0, 900).map((point) => ({ ...point, timestamp: 10_000 - point.step }));
    await logBatch(alice, project.id, { runId: id, metrics });
    await logBatch(alice, project.id, {
      runId: id,
      metrics: span("m", 900, 1000).map((p) => ({ ...p, timestamp: 5 })),
    });
    const seen: number[] = [];
    let pageToken = "";
    do {
      const page = await getMetricHistory(alice, project.id, { runId: id, key: "m", maxResults: 300, pageToken });
      seen.push(...page.metrics.map(({ step }) => step));
      pageToken = page.nextPageToken ?? "";
    } while (pageToken !== "");
    expect(seen).toEqual([...span("m", 900, 1000), ...span("m", 0, 900).toReversed()].map(({ step }) => step));
  });

  test("deleting a run for good takes its points along", async () => {
    const { id, log } = await aRun();
    await log(span("m", 0, 600));
    await log([at("n", 1)]);
    await prisma().run.delete({ where: { id } });
    expect([await count("metric_chunks", id), await count("metric_batches", id)]).toEqual([0, 0]);
  });
});

describe("thinning out a long history", () => {
  test("no spike is lost, from summaries as from points, whole and in a range of steps", async () => {
    const { log, sample } = await aRun();
    const spikes = new Map([
      [70, 1e6],
      [1023, -1e6],
      [1024, 2e6],
      [33_333, 3e6],
      [59_998, -3e6],
    ]);
    const wave = (step: number) => spikes.get(step) ?? (step % 500 < 3 ? NaN : Math.sin(step / 900));
    for (let from = 0; from < 60_000; from += 1000) await log(span("m", from, from + 1000, wave));
    await log(span("m", 60_000, 60_030, wave));
    for (const points of [50, 320, 2500]) {
      const series = await sample("m", points);
      expect(series?.total).toBe(60_030);
      const kept = new Map(series?.points.map((point) => [point.step, point.value]));
      expect(kept.size).toBeLessThanOrEqual(points);
      expect(kept.size).toBeGreaterThan(points * 0.4);
      expect(series?.points[0]?.step).toBe(0);
      expect(series?.points.at(-1)?.step).toBe(60_029);
      // Within one stretch only the greatest and the least can stay.
      for (const [step, value] of points < 320 ? [[33_333, 3e6] as const, [59_998, -3e6] as const] : spikes)
        if (!(points === 320 && step === 70)) expect(kept.get(step)).toBe(value);
    }
    const range = await sample("m", 400, { from: 30_001, to: 40_000 });
    expect(range?.total).toBe(10_000);
    expect([range?.points[0]?.step, range?.points.at(-1)?.step]).toEqual([30_001, 40_000]);
    expect(range?.points.find(({ step }) => step === 33_333)?.value).toBe(3e6);
    expect((await sample("m", 400, { from: 100, to: 120 }))?.points).toHaveLength(21);
    expect(await sample("m", 400, { from: 90_000, to: 99_000 })).toBeUndefined();
  });
});
