import { beforeAll, beforeEach, expect, test } from "vitest";
import { uuidv7 } from "#server/kernel/ids.ts";
import { pool, prisma } from "#server/platform/db.ts";
import { log } from "#server/platform/log.ts";
import type { Registered } from "#server/platform/testing/champions.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { ensurePartitions, getArmReport, getEndpointTraffic, MinuteCounts, recordOutcomes, startArm } from "./index.ts";
import type { PredictionRecord } from "./records-contract.ts";
import { type ThreeVersions, threeVersions, writePredictions } from "./testing/three-versions.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
let staged: ThreeVersions;
let name: string;
let endpointId: string;
/** Champion, approved, and not approved. */
let first: Registered;
let second: Registered;
let third: Registered;

beforeAll(async () => {
  people = await somePeople();
  await ensurePartitions();
});
beforeEach(async () => {
  staged = await threeVersions(people);
  ({ name, endpointId, first, second, third } = staged);
});

const own = () => people.project.slug;
const start = (change: object) =>
  startArm(people.alice, own(), { name, kind: "canary", version: 2, share: 0.1, ...change } as never);

const write = (records: readonly Partial<PredictionRecord>[]) => writePredictions(people.project.id, staged, records);

const MINUTE = 60_000;
let arm: Awaited<ReturnType<typeof start>>;
beforeEach(async () => {
  arm = await start({ kind: "ab", share: 0.5 });
  const since = new Date(Date.now() - 10 * MINUTE);
  await prisma().endpointArm.update({ where: { id: arm.id }, data: { shareSince: since, startedAt: since } });
  await prisma().endpointDeployment.updateMany({ where: { endpointId }, data: { startedAt: new Date(0) } });
});
const report = () => getArmReport(people.carol, own(), { name, id: arm.id });
/** Counts of a minute so many minutes ago, while `beside` had a part of the requests. */
const minutes = async (champion: number, challenger: number, { ago = 3, beside = arm.id } = {}) => {
  const minute = Math.floor(Date.now() / MINUTE) * MINUTE - ago * MINUTE;
  const stats = (side: Registered, kind: "champion" | "ab", routed: number) => ({
    endpointId,
    projectId: people.project.id,
    modelVersionId: side.versionId,
    arm: kind,
    beside,
    minute,
    requests: routed + 5,
    routed,
    byStatus: { 200: routed, 500: 5 },
    rows: routed,
    executions: 1,
    skipped: 0,
    latencyCounts: [],
    latencySumUs: 0,
    latencyMaxUs: 0,
  });
  await new MinuteCounts("p", log).keep(
    [stats(first, "champion", champion), stats(second, "ab", challenger)],
    new Map(),
  );
};
/** Rows of an arm of which so many are right. */
const rows = (code: 0 | 2, n: number, right: number, change: Partial<PredictionRecord> = {}) =>
  Array.from({ length: n }, (_, i) => ({
    arm: code,
    modelVersionId: (code === 0 ? first : second).versionId,
    predictionId: `${code}-${i}`,
    requestId: `${code}-${i}`,
    receivedAt: Date.now() - 5 * MINUTE,
    label: i < right ? "yes" : "no",
    probabilities: new Float64Array(i < right ? [0.2, 0.8] : [0.8, 0.2]),
    ...change,
  }));
const tell = async (records: readonly { predictionId: string }[]) =>
  await recordOutcomes(
    endpointId,
    records.map(({ predictionId }) => ({ predictionId, label: "yes", value: null, observedAt: null })),
  );

test("tests the split on requests and the outcomes by Newcombe and Welch", async () => {
  await minutes(1010, 990);
  const all = [...rows(0, 200, 140), ...rows(2, 200, 170)];
  const direct = { ...rows(2, 1, 0)[0], predictionId: "asked-for", routed: false };
  await write([...all, direct]);
  await tell([...all, direct]);
  const found = await report();
  expect(found).toMatchObject({
    ratio: { unit: "request", champion: 1010, arm: 990, declared: 0.5, verdict: "fits" },
    champion: { version: 1, requests: 1010, failed: 5, rows: 200, outcomes: 200 },
    challenger: { version: 2, arm: "ab", requests: 990, rows: 200, outcomes: 200 },
    notes: [],
  });
  const [accuracy, loss] = found.metrics;
  expect(accuracy).toMatchObject({
    name: "accuracy",
    champion: { value: 0.7 },
    arm: { value: 0.85 },
    verdict: "better",
  });
  // statsmodels: confint_proportions_2indep(170, 200, 140, 200, method="newcomb", compare="diff", correction=False)
  expect(accuracy?.difference?.value).toBeCloseTo(0.15, 12);
  expect(accuracy?.difference?.low).toBeCloseTo(0.06843335872419136, 9);
  expect(accuracy?.difference?.high).toBeCloseTo(0.22936197734249827, 9);
  expect(accuracy?.sentence).toBe(
    "The accuracy of the arm is better by 15 points: between 6.84 and 22.9 points better, with 95% confidence.",
  );
  expect(loss).toMatchObject({ name: "log_loss", verdict: "better" });
  expect(loss?.difference?.value).toBeCloseTo(0.15 * Math.log(4), 9);
});

test("begins with the champion that follows where the arm's own version had been the champion until then", async () => {
  // The alias has moved and the arm begins before serving has changed over, which it then notes.
  const { shareSince } = await prisma().endpointArm.findUniqueOrThrow({ where: { id: arm.id } });
  const { id: _, ...kept } = await prisma().endpointDeployment.findFirstOrThrow({ where: { endpointId } });
  await prisma().endpointDeployment.updateMany({
    where: { endpointId },
    data: { versionId: second.versionId, version: 2, startedAt: new Date(0) },
  });
  await expect(report()).rejects.toMatchObject({ code: "conflict" });
  const startedAt = new Date(shareSince.getTime() + 600);
  await prisma().endpointDeployment.create({ data: { ...kept, startedAt } });
  await minutes(1010, 990);
  expect(await report()).toMatchObject({
    from: startedAt.toISOString(),
    ratio: { champion: 1010, arm: 990, verdict: "fits" },
    champion: { version: 1, requests: 1010 },
    challenger: { version: 2, requests: 990 },
    notes: [],
  });
});

test("says which side of nothing a range lies on, and never a negative betterment", async () => {
  await minutes(1000, 1000);
  const alike = [...rows(0, 200, 150), ...rows(2, 200, 148)];
  await write(alike);
  await tell(alike);
  const [accuracy, loss] = (await report()).metrics;
  expect(accuracy?.sentence).toMatch(
    /^No difference in accuracy is shown: the arm is between [\d.]+ points worse and [\d.]+ points better, with 95% confidence\.$/,
  );
  expect(loss?.sentence).toMatch(/the arm is between [\d.]+ worse and [\d.]+ better/);
});

test("says that a broken split proves nothing", async () => {
  await minutes(1200, 800);
  const all = [...rows(0, 100, 50), ...rows(2, 100, 90)];
  await write(all);
  await tell(all);
  const found = await report();
  expect(found.ratio.verdict).toBe("broken");
  expect(found.metrics[0]?.verdict).toBe("invalid");
  expect(found.notes[0]).toContain("not what was declared");
});

test("counts entities where they are named: many requests of one are one draw", async () => {
  await minutes(2000, 100);
  const one = (code: 0 | 2, n: number, entity: (i: number) => string) =>
    rows(code, n, n / 2).map((row, i) => ({ ...row, entityKey: entity(i) }));
  const all = [...one(0, 400, (i) => `a${i % 40}`), ...one(2, 60, (i) => `b${i % 45}`)];
  await write(all);
  await tell(all);
  const found = await report();
  expect(found.ratio).toMatchObject({ unit: "entity", champion: 40, arm: 45, verdict: "fits" });
  expect(found.metrics[0]?.champion).toMatchObject({ rows: 400, units: 40 });
});

test("counts its first minute, not what the champion did without it, and after a change of its share none with both", async () => {
  await minutes(70, 30, { ago: 10 });
  await minutes(500, 0, { beside: "" });
  await minutes(8, 8, { beside: uuidv7() });
  const since = new Date(Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE + 30_000);
  await prisma().endpointArm.update({ where: { id: arm.id }, data: { shareSince: since, startedAt: since } });
  expect(await report()).toMatchObject({ champion: { requests: 70 }, challenger: { requests: 30 } });
  await prisma().endpointArm.update({ where: { id: arm.id }, data: { startedAt: new Date(since.getTime() - 1) } });
  expect(await report()).toMatchObject({ champion: { requests: 0 }, challenger: { requests: 0 } });
});

test("waits for outcomes, and is refused for a shadow", async () => {
  expect(await report()).toMatchObject({ ratio: { verdict: "insufficient", observed: null }, metrics: [] });
  const few = [...rows(0, 10, 5), ...rows(2, 10, 9)];
  await write(few);
  await tell(few);
  expect((await report()).metrics[0]).toMatchObject({ verdict: "too few outcomes" });
  const shadow = await start({ kind: "shadow", version: 3, share: undefined });
  await expect(getArmReport(people.carol, own(), { name, id: shadow.id })).rejects.toMatchObject({
    code: "conflict",
  });
});

test("traffic is told by arm, and what a shadow scores is in no total", async () => {
  await minutes(30, 20);
  await pool().query(
    `insert into endpoint_minutes (endpoint_id, version_id, minute, process, arm, rows, executions, skipped)
     select $1, $2, date_trunc('minute', now()), 'p', 'shadow', 40, 4, 7`,
    [endpointId, third.versionId],
  );
  const traffic = await getEndpointTraffic(people.carol, own(), { name });
  expect(traffic.total).toMatchObject({ requests: 60, rows: 50 });
  expect(traffic.arms).toMatchObject([
    { arm: "champion", version: 1, total: { requests: 35 } },
    { arm: "ab", version: 2, total: { requests: 25 } },
    { arm: "shadow", version: 3, total: { requests: 0, rows: 40, executions: 4, skipped: 7 } },
  ]);
});
