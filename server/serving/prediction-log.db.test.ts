import { Registry } from "prom-client";
import { afterEach, beforeAll, expect, test } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { pool } from "#server/platform/db.ts";
import { log } from "#server/platform/log.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { ensurePartitions, forgetPredictions } from "./log-partitions.ts";
import { PredictionLog, type PredictionLogOptions } from "./prediction-log.ts";
import { recordOutcomes } from "./record-outcomes.ts";
import { ids, recordOf } from "./testing/records.ts";

testDatabase();

/** Two shared cores may take their time. */
const SOON = { timeout: 8_000 };
beforeAll(() => ensurePartitions());

const DAY_MS = 86_400_000;
const open: PredictionLog[] = [];
function openLog(options: Partial<PredictionLogOptions> = {}): PredictionLog {
  const made = new PredictionLog({ log, metrics: new Registry(), ...options });
  open.push(made);
  return made;
}
afterEach(async () => {
  for (const made of open.splice(0)) await made.stop();
});

async function logged(endpointId: string): Promise<Record<string, unknown>[]> {
  const { rows } = await pool().query<Record<string, unknown>>(
    "select * from serving_log.predictions where endpoint_id = $1 order by prediction_id",
    [endpointId],
  );
  return rows;
}
const days = async (endpointId: string) =>
  (
    await pool().query<{ day: string; predictions: number; outcomes: number }>(
      "select day::text, predictions::int, outcomes::int from serving_log.event_days where endpoint_id = $1 order by day",
      [endpointId],
    )
  ).rows;

test("a prediction is in the log a moment later, as it was", async () => {
  const own = ids();
  const written: string[] = [];
  const predictions = openLog({ onWritten: (endpoints) => written.push(...endpoints.keys()) });
  const eventTime = Date.parse("2013-07-01T06:30:00.125Z");
  predictions.add(recordOf(own, { predictionId: "a", eventTime }));
  predictions.add(recordOf(own, { predictionId: "b", label: null, probabilities: null, value: -1.5e-8 }));
  await expect.poll(() => logged(own.endpointId), SOON).toHaveLength(2);
  const [a, b] = await logged(own.endpointId);
  expect(a).toMatchObject({
    project_id: own.projectId,
    version_id: own.modelVersionId,
    request_id: "request-1",
    event_time: new Date(eventTime),
    numbers: [0.5, 3, 1],
    categories: ["Oslo"],
    label: "yes",
    probabilities: [0.25, 0.75],
    value: null,
    latency_us: 850,
  });
  expect(b).toMatchObject({ label: null, probabilities: null, value: -1.5e-8 });
  expect(b?.["event_time"], "without a time of its own it happened when it came").toEqual(b?.["received_at"]);
  expect(written).toEqual([own.endpointId]);
  expect(await days(own.endpointId)).toMatchObject([{ day: "2013-07-01", predictions: 1 }, { predictions: 1 }]);
});

test("many predictions go in few batches, all of them", async () => {
  const own = ids();
  const predictions = openLog();
  for (let i = 0; i < 20_000; i += 1) predictions.add(recordOf(own, { predictionId: `p${i}` }));
  await predictions.flush(20_000);
  const { rows } = await pool().query(
    "select count(distinct prediction_id)::int as n from serving_log.predictions where endpoint_id = $1",
    [own.endpointId],
  );
  expect(rows).toEqual([{ n: 20_000 }]);
  expect(predictions.takeDropped().size).toBe(0);
});

test("what the database cannot take waits, and goes in when it can", async () => {
  const own = ids();
  const predictions = openLog();
  const blocker = await pool().connect();
  await blocker.query("begin");
  await blocker.query("lock table serving_log.predictions in access exclusive mode");
  predictions.add(recordOf(own, { predictionId: "waits" }));
  await predictions.flush(200);
  expect(predictions.takeDropped().size).toBe(0);
  await blocker.query("commit");
  blocker.release();
  await expect.poll(() => logged(own.endpointId), SOON).toHaveLength(1);
});

test("what does not fit into memory is dropped and counted, never waited for", async () => {
  const own = ids();
  const predictions = openLog({ maxBytes: 4096 });
  const before = performance.now();
  for (let i = 0; i < 100; i += 1) predictions.add(recordOf(own));
  expect(performance.now() - before).toBeLessThan(200);
  await predictions.flush(5_000);
  const kept = (await logged(own.endpointId)).length;
  const dropped = predictions.takeDropped().get(`${own.endpointId} ${own.modelVersionId} champion`) ?? 0;
  expect(kept).toBeGreaterThan(5);
  expect(kept + dropped).toBe(100);
  expect(predictions.takeDropped().size).toBe(0);
});

test("what cannot be logged at all does not hold up the rest", async () => {
  const [own, other] = [ids(), ids()];
  const predictions = openLog();
  predictions.add(recordOf(own, { predictionId: "before" }));
  predictions.add(recordOf({ ...own, endpointId: "no uuid" }));
  predictions.add(recordOf(own, { eventTime: Number.NaN }));
  predictions.add(recordOf(own, { predictionId: "after" }));
  await predictions.flush(5_000);
  expect(await logged(own.endpointId)).toHaveLength(2);

  // Postgres knows no day in the year 29,000 before Christ: it refuses the batch for good.
  predictions.add(recordOf(own, { eventTime: -1e15 }));
  await predictions.flush(5_000);
  predictions.add(recordOf(other));
  await predictions.flush(5_000);
  expect(await logged(other.endpointId)).toHaveLength(1);
  expect(predictions.takeDropped()).toEqual(
    new Map([
      [`no uuid ${own.modelVersionId} champion`, 1],
      [`${own.endpointId} ${own.modelVersionId} champion`, 2],
    ]),
  );
});

test("a missing partition is made when it is needed", async () => {
  const own = ids();
  await pool().query(`drop table serving_log.predictions_${new Date().toISOString().slice(0, 10).replaceAll("-", "")}`);
  const predictions = openLog();
  predictions.add(recordOf(own));
  await predictions.flush(5_000);
  expect(await logged(own.endpointId)).toHaveLength(1);
});

test("a stop writes what waits", async () => {
  const own = ids();
  const predictions = openLog();
  predictions.add(recordOf(own));
  await predictions.stop();
  expect(await logged(own.endpointId)).toHaveLength(1);
  predictions.add(recordOf(own));
  expect([...predictions.takeDropped().values()]).toEqual([1]);
});

test("old days go as a whole, with their outcomes and counts, and the others stay", async () => {
  const own = ids();
  const old = Date.now() - 40 * DAY_MS;
  await ensurePartitions(old, old);
  await pool().query("delete from serving_log.outcomes");
  const predictions = openLog();
  const eventTime = Date.parse("2013-07-01T12:00:00Z");
  predictions.add(recordOf(own, { predictionId: "old", receivedAt: old, eventTime }));
  predictions.add(recordOf(own, { predictionId: "new", eventTime }));
  await predictions.flush(5_000);
  const told = ["old", "new"].map((predictionId) => ({ predictionId, label: "yes", value: null, observedAt: null }));
  expect(await recordOutcomes(own.endpointId, told)).toEqual({ accepted: 2, unknown: [] });
  await pool().query(
    "update serving_log.outcomes set received_at = to_timestamp($1::float8 / 1000) where prediction_id = 'old'",
    [old],
  );
  expect(await days(own.endpointId)).toEqual([{ day: "2013-07-01", predictions: 2, outcomes: 2 }]);

  expect(await forgetPredictions(30)).toBeGreaterThan(0);
  expect((await logged(own.endpointId)).map((row) => row["prediction_id"])).toEqual(["new"]);
  expect(await days(own.endpointId)).toEqual([{ day: "2013-07-01", predictions: 1, outcomes: 1 }]);
  const { rows } = await pool().query("select prediction_id from serving_log.outcomes where endpoint_id = $1", [
    own.endpointId,
  ]);
  expect(rows).toEqual([{ prediction_id: "new" }]);
  expect(await forgetPredictions(30)).toBe(0);
});

test("outcomes: the latest told stands, corrections count, unknown ids are named, foreign ones are unknown", async () => {
  const [own, foreign] = [ids(), ids()];
  const predictions = openLog();
  for (const predictionId of ["a", "b"]) predictions.add(recordOf(own, { predictionId }));
  predictions.add(recordOf(foreign, { predictionId: "f" }));
  await predictions.flush(5_000);
  const tell = (...outcomes: [string, string, number?][]) =>
    recordOutcomes(
      own.endpointId,
      outcomes.map(([predictionId, label, observedAt]) => ({
        predictionId,
        label,
        value: null,
        observedAt: observedAt ?? null,
      })),
    );
  const kept = async () =>
    (
      await pool().query<Record<string, unknown>>(
        "select prediction_id as id, label, corrections, observed_at from serving_log.outcomes where endpoint_id = $1 order by 1",
        [own.endpointId],
      )
    ).rows;
  const at = Date.parse("2013-07-02T00:00:00Z");
  expect(await tell(["a", "yes", at], ["x", "no"], ["f", "no"])).toEqual({ accepted: 1, unknown: ["x", "f"] });
  expect(await kept()).toEqual([{ id: "a", label: "yes", corrections: 0, observed_at: new Date(at) }]);
  expect(await tell(["a", "yes", at], ["b", "yes"], ["b", "no"])).toEqual({ accepted: 3, unknown: [] });
  expect(await kept()).toMatchObject([
    { id: "a", corrections: 0 },
    { id: "b", label: "no", corrections: 0 },
  ]);
  await tell(["a", "no"]);
  await tell(["a", "yes"]);
  expect(await kept()).toMatchObject([{ id: "a", label: "yes", corrections: 2 }, { id: "b" }]);
  expect(await days(own.endpointId)).toMatchObject([{ predictions: 2, outcomes: 2 }]);
});

test("an outcome that is faster than the log of another process waits for it", async () => {
  const own = ids();
  const predictions = openLog();
  const told = recordOutcomes(own.endpointId, [{ predictionId: "late", label: "yes", value: null, observedAt: null }]);
  await sleep(50);
  predictions.add(recordOf(own, { predictionId: "late" }));
  expect(await told).toEqual({ accepted: 1, unknown: [] });
});

test("outcomes by entity mean its latest event that is not after the observation; what is unclear or unknown is named", async () => {
  const own = ids();
  const predictions = openLog();
  const at = (hour: number) => Date.parse("2013-07-01T00:00:00Z") + hour * 3_600_000;
  const asked: [id: string, key: string, hour: number][] = [
    ["a1", "N1", 1],
    ["a5", "N1", 5],
    ["a9", "N1", 9],
    ["b1", "N2", 1],
    ["b2", "N2", 1],
  ];
  for (const [predictionId, , hour] of asked) predictions.add(recordOf(own, { predictionId, eventTime: at(hour) }));
  // The same prediction made again is still one.
  predictions.add(recordOf(own, { predictionId: "a5", eventTime: at(5) }));
  await predictions.flush(5_000);
  for (const [id, key] of asked)
    await pool().query(
      "update serving_log.predictions set entity_key = $1 where prediction_id = $2 and endpoint_id = $3",
      [key, id, own.endpointId],
    );
  const tell = (entityKey: string, hour: number, since: number | null = null) =>
    recordOutcomes(own.endpointId, [{ entityKey, label: "yes", value: null, observedAt: at(hour), since }]);
  const named = (entity_key: string, hour: number) => ({ entity_key, observed_at: new Date(at(hour)).toISOString() });
  const clear = (entity_key: string, hour: number, prediction_id: string) => ({
    accepted: 1,
    unknown: [],
    entities: { matched: [{ ...named(entity_key, hour), prediction_id }], unknown: [], ambiguous: [] },
  });
  expect(await tell("N1", 6)).toEqual(clear("N1", 6, "a5"));
  expect(await tell("N1", 9), "at the very moment counts").toEqual(clear("N1", 9, "a9"));
  expect(await tell("N1", 4, at(1)), "since is included").toEqual(clear("N1", 4, "a1"));
  const nothing = { accepted: 0, unknown: [] };
  expect(await tell("N1", 4, at(2))).toEqual({
    ...nothing,
    entities: { matched: [], unknown: [named("N1", 4)], ambiguous: [] },
  });
  expect(await tell("N2", 3)).toEqual({
    ...nothing,
    entities: { matched: [], unknown: [], ambiguous: [{ ...named("N2", 3), prediction_ids: ["b1", "b2"] }] },
  });
  expect(await tell("nobody", 3)).toMatchObject({ entities: { unknown: [named("nobody", 3)] } });
  // Told again it is the same outcome of the same prediction.
  await tell("N1", 6);
  const { rows } = await pool().query(
    "select prediction_id, corrections from serving_log.outcomes where endpoint_id = $1 order by 1",
    [own.endpointId],
  );
  expect(rows).toEqual(["a1", "a5", "a9"].map((prediction_id) => ({ prediction_id, corrections: 0 })));
});
