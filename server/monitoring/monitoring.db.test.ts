import { beforeAll, describe, expect, test } from "vitest";
import { listInbox } from "#server/inbox/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { localPath } from "#server/platform/objects.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { runJob } from "#server/platform/testing/jobs.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { models } from "#worker/runtimes/models.ts";
import { MonitorConfig, type MonitorDetail } from "./contract.ts";
import {
  acknowledgeAlert,
  createMonitor,
  getAlert,
  getMonitor,
  jobs,
  listAlerts,
  listMonitors,
  resolveAlert,
  startRetraining,
  updateMonitor,
} from "./index.ts";
import { BASE, calm, moved, month } from "./testing/sales.ts";
import { monitorFile, replay, tell, watchedProject } from "./testing/watched-project.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
let watched: Awaited<ReturnType<typeof watchedProject>>;
let project: string;
const ids = () => ({ endpointId: watched.endpoint.id, projectId: project, modelVersionId: watched.version.id });
const monitorId = async () => (await prisma().monitor.findFirstOrThrow({ where: { projectId: project } })).id;
const compute = async () =>
  runJob(jobs, "monitoring.compute-windows", { projectId: project, monitorId: await monitorId() });
const page = (): Promise<MonitorDetail> => getMonitor(people.carol, project, { monitor: "shop" });
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: unknown) => (isAppError(error) ? error.code : error),
  );

beforeAll(async () => {
  people = await somePeople();
  project = people.project.id;
  watched = await watchedProject(people.project, { name: "shop", monitor: monitorFile("shop") });
}, 60_000);

test("a first champion gives its endpoint the monitor of the repository, once", async () => {
  for (let i = 0; i < 2; i++) await runJob(jobs, "monitoring.follow-champion", watched.change);
  const { monitors, unwatched } = await listMonitors(people.carol, project, {});
  expect(monitors.map((monitor) => [monitor.name, monitor.endpoint, monitor.state])).toEqual([
    ["shop", "shop", "waiting"],
  ]);
  expect(unwatched).toEqual([]);
  expect((await page()).origin).toMatchObject({ kind: "file", path: "monitor.yaml" });
});

describe("windows", () => {
  beforeAll(async () => {
    await replay(ids(), "july", calm(month(7)));
    await replay(ids(), "august", moved(month(8)));
    await compute();
  }, 60_000);

  test("are of the events' own months, with drift against the champion's training data", async () => {
    const { windows } = await page();
    expect(windows.map((window) => [window.label, window.rows, window.outcomes])).toEqual([
      ["July 2013", 200, 160],
      ["August 2013", 200, 160],
    ]);
    expect(windows[0]?.reference).toMatchObject({ name: "sales", version: 1 });
    expect(windows[0]?.drift.map((feature) => feature.status)).toEqual(["stable", "stable", "stable", "stable"]);
    const city = windows[1]?.drift[0];
    // Shares 0.75 and 0.25 change places: PSI = 2 · 0.5 · ln 3.
    expect(city).toMatchObject({ feature: "city", status: "drifted" });
    expect(city?.distribution?.psi).toBeCloseTo(Math.log(3), 9);
    // χ² of the table [[300, 100], [50, 150]] by hand: n(ad − bc)² / (row and column sums).
    expect(city?.distribution?.statistic).toBeCloseTo((600 * (300 * 150 - 100 * 50) ** 2) / (400 * 200 * 350 * 250), 9);
    expect(windows[1]?.drift.slice(1).map((feature) => feature.status)).toEqual(["stable", "stable", "stable"]);
  });

  test("compare numbers as the log holds them: the rounding of 32 bits is no drift", async () => {
    const { windows } = await page();
    const size = windows[0]?.drift.find((feature) => feature.feature === "size");
    // The first 200 rows hold every size five times, the base ten times: no gap at all.
    expect(size?.distribution).toMatchObject({ statistic: 0, psi: 0 });
  });

  test("measure quality where outcomes are known, each figure with its interval and its baseline", async () => {
    const performance = (await page()).windows[0]?.performance;
    expect(performance).toMatchObject({ n: 160, coverage: 0.8 });
    expect(performance?.accuracy).toMatchObject({ value: 0.9, baseline: { value: 0.9, source: "holdout" } });
    const [p, n, z] = [0.9, 160, 1.959963984540054];
    const half = (z / (1 + z ** 2 / n)) * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2));
    expect(performance?.accuracy?.low).toBeCloseTo((p + z ** 2 / (2 * n)) / (1 + z ** 2 / n) - half, 9);
    const rows = calm(month(7)).slice(0, 160);
    const [yes, no] = [rows.filter((row) => row.bought === "yes"), rows.filter((row) => row.bought === "no")];
    const wins = yes.flatMap((a) =>
      no.map((b): number => (a.probability > b.probability ? 1 : a.probability === b.probability ? 0.5 : 0)),
    );
    expect(performance?.auc?.value).toBeCloseTo(wins.reduce((x, y) => x + y, 0) / wins.length, 9);
    const loss = rows.map((row) => -Math.log(row.bought === "yes" ? row.probability : 1 - row.probability));
    expect(performance?.log_loss?.value).toBeCloseTo(loss.reduce((x, y) => x + y, 0) / loss.length, 9);
    expect((await page()).windows[1]?.performance?.auc?.baseline).toMatchObject({ source: "first_window" });
  });

  test("compare what is predicted with what the same model says of its training data", async () => {
    const drift = (await page()).windows[0]?.predictionDrift;
    const { sha256, signature } = watched.version;
    if (!sha256 || !signature) throw new Error("the fixture has a file and a signature");
    const scored = await models.scoreTable(
      { runtime: "onnx", name: "watched", path: await localPath(sha256), sha256, signature },
      {
        size: Float64Array.from(BASE, (sale) => sale.size),
        count: Float64Array.from(BASE, (sale) => sale.count),
        flag: Float64Array.from(BASE, (sale) => (sale.flag ? 1 : 0)),
        city: BASE.map((sale) => sale.city),
      },
      BASE.length,
    );
    const before = BASE.map((_, i) => scored.probabilities?.[2 * i + 1] ?? Number.NaN);
    const now = calm(month(7)).map((row) => row.probability);
    const share = (values: number[], at: number) => values.filter((value) => value <= at).length / values.length;
    const gaps = [...before, ...now].map((at) => Math.abs(share(before, at) - share(now, at)));
    expect(drift?.of).toBe("probability of yes");
    expect(drift?.distribution?.statistic).toBeCloseTo(Math.max(...gaps), 9);
  });

  test("are computed again only when something of theirs arrived", async () => {
    const stamps = async () => (await page()).windows.map((window) => window.computedAt);
    const before = await stamps();
    await compute();
    expect(await stamps()).toEqual(before);
    const late = calm(month(7)).map((row, i) => ({ ...row, known: i === 160 }));
    await tell(watched.endpoint.id, "july", late);
    await compute();
    const after = await stamps();
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect((await page()).windows[0]?.outcomes).toBe(161);
  });
});

describe("alerts", () => {
  const open = () => listAlerts(people.alice, project, { status: "unresolved" });

  test("open once per cause, with the figures in words, for those who look after models", async () => {
    const alerts = await open();
    expect(alerts.map((alert) => alert.kind).sort()).toEqual(["drift", "performance"]);
    expect(alerts.find((alert) => alert.kind === "drift")?.title).toBe("1 of 4 features drifted: city in August 2013");
    expect(alerts.find((alert) => alert.kind === "performance")?.sentences[0]).toMatch(
      /^Accuracy is 0\.\d+ .* on 160 outcomes; it was 0\.900 on the hold-out of request 1, 300 rows\./,
    );
    const inboxes = await Promise.all(
      [people.alice, people.dave, people.carol, people.bob].map(
        async (who) => (await listInbox(who, {})).items.filter((item) => item.kind === "alert").length,
      ),
    );
    expect(inboxes).toEqual([2, 2, 0, 0]);
  });

  test("take in later windows of the same cause instead of opening more", async () => {
    await replay(ids(), "september", moved(month(9)));
    await compute();
    const alerts = await open();
    expect(alerts).toHaveLength(2);
    for (const alert of alerts)
      expect(alert.windows.map((window) => window.label)).toEqual(["August 2013", "September 2013"]);
  });

  test("do not open in a window with fewer rows than the monitor asks for", async () => {
    await replay(ids(), "march", moved(month(3)).slice(0, 45));
    await compute();
    expect((await page()).windows[0]).toMatchObject({ label: "March 2013", breaches: [] });
  });

  test("are acknowledged and resolved by those who may, each once and on record", async () => {
    const number = (await open()).find((alert) => alert.kind === "performance")?.number ?? 0;
    expect(await codeOf(acknowledgeAlert(people.carol, project, { number }))).toBe("forbidden");
    expect(await codeOf(acknowledgeAlert(people.bob, project, { number }))).toBe("forbidden");
    await acknowledgeAlert(people.alice, project, { number });
    expect(await codeOf(acknowledgeAlert(people.dave, project, { number }))).toBe("conflict");
    await resolveAlert(people.dave, project, { number, reason: "the data was wrong" });
    expect(await codeOf(resolveAlert(people.alice, project, { number }))).toBe("conflict");
    expect(await getAlert(people.carol, project, { number })).toMatchObject({
      status: "resolved",
      acknowledgedBy: people.alice.name,
      resolvedBy: people.dave.name,
      resolution: "the data was wrong",
    });
    const events = await prisma().auditEvent.findMany({ where: { projectId: project, subjectType: "alert" } });
    expect(events.map((event) => event.action)).toEqual(
      expect.arrayContaining(["alert.opened", "alert.acknowledged", "alert.resolved"]),
    );
  });

  test("that were resolved stay so until a later window crosses the threshold", async () => {
    await prisma().monitorWindow.updateMany({ where: { monitorId: await monitorId() }, data: { fingerprint: "" } });
    await compute();
    expect((await open()).map((alert) => alert.kind)).toEqual(["drift"]);
    await replay(ids(), "october", moved(month(10)));
    await compute();
    expect((await open()).map((alert) => alert.kind).sort()).toEqual(["drift", "performance"]);
  });
});

describe("two projects", () => {
  test("see and change nothing of each other", async () => {
    const { eve, other } = people;
    await watchedProject(other, { name: "shop", monitor: undefined });
    const { monitors, unwatched } = await listMonitors(eve, other.id, {});
    expect(monitors).toEqual([]);
    expect(unwatched).toHaveLength(1);
    expect(await listAlerts(eve, other.id, {})).toEqual([]);
    const foreign = [
      getMonitor(eve, project, { monitor: "shop" }),
      getMonitor(eve, other.id, { monitor: "shop" }),
      getAlert(eve, other.id, { number: 1 }),
      resolveAlert(eve, other.id, { number: 1 }),
      startRetraining(eve, other.id, { number: 1 }),
      createMonitor(eve, other.id, { name: "mine", endpoint: "shop", config: MonitorConfig.parse({}) }),
    ];
    expect(await Promise.all(foreign.map(codeOf))).toEqual(foreign.map(() => "not_found"));
    const checked = await prisma().monitor.findFirstOrThrow({ where: { projectId: project } });
    await runJob(jobs, "monitoring.compute-windows", { projectId: other.id, monitorId: checked.id });
    expect((await prisma().monitor.findFirstOrThrow({ where: { id: checked.id } })).checkedAt).toEqual(
      checked.checkedAt,
    );
  });

  test("a viewer reads and changes nothing", async () => {
    const config = MonitorConfig.parse({});
    expect(await codeOf(createMonitor(people.carol, project, { name: "x", endpoint: "shop", config }))).toBe(
      "forbidden",
    );
    expect(await codeOf(updateMonitor(people.bob, project, { monitor: "shop", enabled: false }))).toBe("forbidden");
    expect((await page()).windows.length).toBeGreaterThan(0);
  });
});
