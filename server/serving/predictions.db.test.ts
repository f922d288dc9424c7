import { Registry } from "prom-client";
import { beforeAll, describe, expect, test } from "vitest";
import { type Actor, systemActor } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { prisma } from "#server/platform/db.ts";
import { log } from "#server/platform/log.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import type { PredictionRecord } from "./contract.ts";
import {
  ensureEndpoint,
  ensurePartitions,
  getPrediction,
  listPredictions,
  listTrafficRange,
  PredictionLog,
  readTrafficWindow,
  recordOutcomes,
} from "./index.ts";
import { crown, registerOnnx } from "#server/platform/testing/champions.ts";
import { recordOf } from "./testing/records.ts";

testDatabase();

const platform = systemActor("test");
const T0 = Date.parse("2013-07-01T00:00:00Z");
const HOUR_MS = 3_600_000;
let people: Awaited<ReturnType<typeof somePeople>>;
let first: Awaited<ReturnType<typeof registerOnnx>>;
let second: typeof first;
let endpoint: { id: string; name: string };
let request: { requestId: string; number: number };

const of = (version = first, endpointId = endpoint.id) => ({
  endpointId,
  projectId: version.projectId,
  modelVersionId: version.versionId,
});

async function write(...records: PredictionRecord[]): Promise<void> {
  const predictions = new PredictionLog({ log, metrics: new Registry() });
  for (const record of records) predictions.add(record);
  await predictions.flush(10_000);
  await predictions.stop();
}

beforeAll(async () => {
  people = await somePeople();
  await ensurePartitions();
  first = await registerOnnx(platform, people.project.id, "model");
  second = await registerOnnx(platform, people.project.id, "model");
  request = await crown(first, people.alice, people.bob);
  const { created } = await ensureEndpoint(platform, people.project.id, { modelId: first.modelId });
  endpoint = await prisma().endpoint.findUniqueOrThrow({ where: { name: created ?? "" } });
  // Sixty hours, one prediction each, every third by the second version; what happened is known of the first forty.
  await write(
    ...Array.from({ length: 60 }, (_, i) =>
      recordOf(of(i % 3 === 2 ? second : first), {
        predictionId: `p:${i}`,
        eventTime: T0 + i * HOUR_MS,
        numbers: new Float64Array([i / 8, i, i % 2]),
        categories: [i % 2 === 0 ? "Oslo" : "Zürich"],
        label: i % 4 === 0 ? "no" : "yes",
        probabilities: new Float64Array(i % 4 === 0 ? [0.9, 0.1] : [0.2, 0.8]),
      }),
    ),
  );
  await recordOutcomes(
    endpoint.id,
    Array.from({ length: 40 }, (_, i) => ({ predictionId: `p:${i}`, label: "yes", value: null, observedAt: T0 })),
  );
});

describe("the list", () => {
  const list = (input: Partial<Parameters<typeof listPredictions>[2]> = {}, actor = people.alice) =>
    listPredictions(actor, people.project.slug, { name: endpoint.name, ...input });

  test("shows the newest events first, page by page, each once", async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof list>> = await list({ limit: 17, ...(cursor ? { cursor } : {}) });
      seen.push(...page.predictions.map((prediction) => prediction.id));
      cursor = page.next;
    } while (cursor);
    expect(seen).toEqual(Array.from({ length: 60 }, (_, i) => `p:${59 - i}`));
    await expect(list({ cursor: "nonsense" })).rejects.toMatchObject({ code: "invalid_input" });
  });

  test("filters by label, version, time and outcome", async () => {
    const ids = async (input: Parameters<typeof list>[0]) =>
      (await list({ limit: 500, ...input })).predictions.map((p) => Number(p.id.slice(2))).sort((a, b) => a - b);
    const where = (fits: (i: number) => boolean) => Array.from({ length: 60 }, (_, i) => i).filter(fits);
    expect(await ids({ label: "no" })).toEqual(where((i) => i % 4 === 0));
    expect(await ids({ version: 2 })).toEqual(where((i) => i % 3 === 2));
    expect(await ids({ version: 9 })).toEqual([]);
    expect(await ids({ outcome: "unknown" })).toEqual(where((i) => i >= 40));
    expect(await ids({ outcome: "wrong" })).toEqual(where((i) => i < 40 && i % 4 === 0));
    expect(await ids({ outcome: "right", version: 1 })).toEqual(where((i) => i < 40 && i % 4 !== 0 && i % 3 !== 2));
    expect(await ids({ from: "2013-07-01T10:00:00Z", to: "2013-07-01T12:00:00Z" })).toEqual([10, 11]);
  });

  test("is not for viewers and not for strangers", async () => {
    await expect(list({}, people.carol)).rejects.toMatchObject({ code: "forbidden" });
    await expect(list({}, people.eve)).rejects.toMatchObject({ code: "not_found" });
    await expect(listPredictions(people.eve, people.other.slug, { name: endpoint.name })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("one prediction", () => {
  const get = (id: string, actor: Actor = people.alice) =>
    getPrediction(actor, people.project.slug, { name: endpoint.name, id });

  test("with what went in, what came out, what happened and where it comes from", async () => {
    expect(await get("p:4")).toMatchObject({
      id: "p:4",
      endpoint: endpoint.name,
      version: 1,
      eventTime: "2013-07-01T04:00:00.000Z",
      label: "no",
      probability: 0.9,
      probabilities: [
        { label: "no", value: 0.9 },
        { label: "yes", value: 0.1 },
      ],
      features: [
        { name: "size", value: 0.5 },
        { name: "count", value: 4 },
        { name: "flag", value: 0 },
        { name: "city", value: "Oslo" },
      ],
      outcome: { label: "yes", corrections: 0 },
      repeats: 1,
      lineage: {
        version: { model: "model", version: 1, id: first.versionId },
        request: { number: request.number, approvedBy: ["Bob"] },
        commit: null,
      },
    });
  });

  test("leads to run, commit and dataset version", async () => {
    const experiment = await prisma().experiment.create({
      data: { projectId: people.project.id, number: 7, name: "e" },
    });
    const run = await prisma().run.create({
      data: {
        id: "a".repeat(32),
        projectId: people.project.id,
        experimentId: experiment.id,
        name: "brave-fox",
        startTime: 0n,
        commit: "c0ffee",
      },
    });
    const dataset = await prisma().dataset.create({ data: { projectId: people.project.id, name: "flights" } });
    const data = await prisma().datasetVersion.create({
      data: {
        projectId: people.project.id,
        datasetId: dataset.id,
        version: 3,
        sha256: "d".repeat(64),
        format: "csv",
        sizeBytes: 1n,
        rows: 1n,
        schema: [],
        origin: {},
      },
    });
    await prisma().modelVersion.update({
      where: { id: second.versionId },
      data: { runId: run.id, commit: "c0ffee", datasetVersionId: data.id },
    });
    expect((await get("p:5")).lineage).toEqual({
      version: { id: second.versionId, model: "model", version: 2, sha256: expect.any(String) },
      run: { id: run.id, name: "brave-fox" },
      pipelineRun: null,
      commit: "c0ffee",
      dataset: { versionId: data.id, name: "flights", version: 3, sha256: "d".repeat(64) },
      request: null,
    });
    await prisma().modelVersion.update({ where: { id: second.versionId }, data: { deletedAt: new Date() } });
    expect((await get("p:5")).lineage.version, "deleted since").toBeNull();
    await prisma().modelVersion.update({ where: { id: second.versionId }, data: { deletedAt: null } });
  });

  test("is whole for a token that may only read the log", async () => {
    const token = { id: uuidv7(), scopes: ["serving:log" as const], projectId: people.project.id };
    const detail = await get("p:4", { ...people.alice, kind: "token", token });
    expect(detail.lineage.version?.id).toBe(first.versionId);
  });

  test("is not for viewers, and unknown elsewhere", async () => {
    await expect(get("p:4", people.carol)).rejects.toMatchObject({ code: "forbidden" });
    await expect(get("nothing")).rejects.toMatchObject({ code: "not_found", place: { field: "id" } });
    const foreign = await registerOnnx(platform, people.other.id, "foreign");
    const { created } = await ensureEndpoint(platform, people.other.id, { modelId: foreign.modelId });
    await expect(
      getPrediction(people.eve, people.other.slug, { name: created ?? "", id: "p:4" }),
    ).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("a window of traffic", () => {
  const window = (from: number, to: number, options?: { maxRows: number }) =>
    readTrafficWindow(endpoint.id, new Date(T0 + from * HOUR_MS), new Date(T0 + to * HOUR_MS), options);

  test("holds what was logged in it by column, with outcomes", async () => {
    const all = await window(10, 50);
    const at = [...all.eventTimes].map((time) => (time - T0) / HOUR_MS);
    expect(all.rows).toBe(40);
    expect([...at].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 10));
    expect(all.features).toEqual({ numbers: ["size", "count", "flag"], categories: ["city"] });
    expect([...(all.numbers["size"] ?? [])]).toEqual(at.map((i) => i / 8));
    expect([...(all.numbers["flag"] ?? [])]).toEqual(at.map((i) => i % 2));
    expect(all.categories["city"]).toEqual(at.map((i) => (i % 2 === 0 ? "Oslo" : "Zürich")));
    expect(all.classes).toEqual(["no", "yes"]);
    expect([...(all.probabilities?.[1] ?? [])]).toEqual(at.map((i) => (i % 4 === 0 ? 0.1 : 0.8)));
    expect(all.labels).toEqual(at.map((i) => (i % 4 === 0 ? "no" : "yes")));
    expect([...all.values].every(Number.isNaN)).toBe(true);
    expect(all.outcomes.known).toBe(30);
    expect(all.outcomes.labels).toEqual(at.map((i) => (i < 40 ? "yes" : null)));
    expect([...all.versionIndex].map((index) => all.versions[index]?.version)).toEqual(
      at.map((i) => (i % 3 === 2 ? 2 : 1)),
    );
    expect(all.versions.map(({ version, rows }) => [version, rows])).toEqual([
      [2, at.filter((i) => i % 3 === 2).length],
      [1, at.filter((i) => i % 3 !== 2).length],
    ]);
    expect((await window(100, 200)).rows).toBe(0);
  });

  test("holds a prediction that was made again once, the newer", async () => {
    const eventTime = T0 + 500 * HOUR_MS;
    const make = (receivedAt: number, size: number) =>
      recordOf(of(), { predictionId: "again", eventTime, receivedAt, numbers: new Float64Array([size, 0, 0]) });
    const now = Date.now();
    await write(make(now, 2), make(now - 1000, 1), recordOf(of(), { predictionId: "other", eventTime }));
    const found = await window(500, 501);
    expect(found.rows).toBe(2);
    expect([...(found.numbers["size"] ?? [])].sort()).toEqual([0.5, 2]);
    expect((await getPrediction(people.alice, people.project.slug, { name: endpoint.name, id: "again" })).repeats).toBe(
      2,
    );
  });

  test("is sampled by id beyond a number of rows, the same each time", async () => {
    const eventTime = T0 + 700 * HOUR_MS;
    await write(...Array.from({ length: 3000 }, () => recordOf(of(), { predictionId: uuidv7(), eventTime })));
    const [a, b] = [await window(700, 701, { maxRows: 600 }), await window(700, 701, { maxRows: 600 })];
    expect(a.sampled).toBeCloseTo(0.2, 3);
    expect(a.rows).toBeGreaterThan(450);
    expect(a.rows).toBeLessThan(750);
    expect(b.rows).toBe(a.rows);
    expect((await window(700, 701)).sampled).toBe(1);
  });

  test("range: what there is by day, and when it changed", async () => {
    const range = await listTrafficRange(endpoint.id);
    expect(range).toMatchObject({ firstDay: "2013-07-01", outcomes: 40 });
    expect(range.days.slice(0, 3)).toMatchObject([
      { day: "2013-07-01", predictions: 24, outcomes: 24, lastOutcomeAt: expect.any(String) },
      { day: "2013-07-02", predictions: 24, outcomes: 16 },
      { day: "2013-07-03", predictions: 12, outcomes: 0, lastOutcomeAt: null },
    ]);
    expect(range.days[0]?.versions.map((v) => v.predictions).sort()).toEqual([16, 8]);
    expect((await listTrafficRange(uuidv7())).days).toEqual([]);
  });
});
