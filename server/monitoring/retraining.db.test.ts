import { beforeAll, describe, expect, test } from "vitest";
import { openVersion } from "#server/data/index.ts";
import { getRequest, listRequests } from "#server/governance/index.ts";
import { listInbox } from "#server/inbox/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { TableFile } from "#server/platform/table-file.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { jobContext, runJob } from "#server/platform/testing/jobs.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { retrainIfAutomatic } from "./automatic-retraining.ts";
import { MonitorConfig } from "./contract.ts";
import { computeWindowsJob } from "./compute-windows.ts";
import { getAlert, jobs, listAlerts, startRetraining, updateMonitor } from "./index.ts";
import { calm, moved, month, type Logged } from "./testing/sales.ts";
import { completeVersion, crown, monitorFile, replay, watchedProject } from "./testing/watched-project.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
let watched: Awaited<ReturnType<typeof watchedProject>>;
let project: string;
const ids = () => ({ endpointId: watched.endpoint.id, projectId: project, modelVersionId: watched.version.id });
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: unknown) => (isAppError(error) ? error.code : error),
  );

beforeAll(async () => {
  people = await somePeople();
  project = people.project.id;
  watched = await watchedProject(people.project, { name: "shop", monitor: monitorFile("shop") });
  await runJob(jobs, "monitoring.follow-champion", watched.change);
  await replay(ids(), "july", calm(month(7)));
  await replay(ids(), "august", moved(month(8)));
  const { id } = await prisma().monitor.findFirstOrThrow({ where: { projectId: project } });
  await runJob(jobs, "monitoring.compute-windows", { projectId: project, monitorId: id });
}, 60_000);

describe("retraining", () => {
  let alert: number;
  const state = () => getAlert(people.alice, project, { number: alert });
  const ref = async () => ({ projectId: project, alertId: (await state()).id });

  beforeAll(async () => {
    alert =
      (await listAlerts(people.alice, project, { status: "unresolved" })).find((each) => each.kind === "drift")
        ?.number ?? 0;
  });

  test("says before what it will do", async () => {
    // 160 each of July and August.
    expect((await state()).plan).toMatchObject({
      possible: true,
      dataset: "sales",
      basedOn: 1,
      nextVersion: 2,
      baseRows: 400,
      capturedRows: 320,
      reviewers: [people.bob.name],
    });
  });

  test("is for those who may, and one at a time", async () => {
    expect(await codeOf(startRetraining(people.bob, project, { number: alert }))).toBe("forbidden");
    const both = await Promise.all([1, 2].map(() => codeOf(startRetraining(people.alice, project, { number: alert }))));
    expect(both.sort()).toEqual(["conflict", "done"]);
    const sibling =
      (await listAlerts(people.alice, project, { status: "unresolved" })).find((each) => each.number !== alert)
        ?.number ?? 0;
    expect(await codeOf(startRetraining(people.alice, project, { number: sibling }))).toBe("conflict");
  });

  test("freezes captured traffic with outcomes after the base's rows and runs the pipeline on it, once", async () => {
    for (let i = 0; i < 2; i++) await runJob(jobs, "monitoring.prepare-retraining", await ref());
    expect((await state()).chain).toMatchObject({
      dataset: { name: "sales", version: 2, rows: 720 },
      run: { number: 1, status: "queued" },
    });
    const run = await prisma().pipelineRun.findFirstOrThrow({ where: { projectId: project } });
    expect(run).toMatchObject({
      trigger: { kind: "alert", alertId: (await ref()).alertId },
      datasets: { sales: { version: 2 } },
    });
    expect(await prisma().pipelineRun.count({ where: { projectId: project } })).toBe(1);
  });

  test("gives the captured rows what can be known of them, and nothing else", async () => {
    const opened = await openVersion(prisma(), project, "sales@2");
    expect(opened.format).toBe("csv");
    await using table = await TableFile.open(
      opened.path,
      opened.format,
      Object.fromEntries(opened.schema.map(({ name, type }) => [name, type])),
    );
    const [all] = await table.rows(
      `select count(*)::int as n, count(distinct id)::int as ids, max(id)::int as last,
              (count(*) filter (where day <> cast("at" as date) or year <> year("at")))::int as wrong,
              (count(*) filter (where note is null))::int as unnoted from data`,
    );
    expect(all).toEqual({ n: 720, ids: 720, last: 720, wrong: 0, unnoted: 320 });
    const july = await table.rows(
      'select size, "count"::int as "count", flag, city, bought from data where month("at") = 7 order by id limit 3',
    );
    // In the order of events: rows 0, 28 and 56 happened on the first day.
    expect(july).toEqual(
      [0, 28, 56].map((i) => {
        const { size, count, flag, city, bought } = calm(month(7))[i] as Logged;
        return { size, count, flag, city, bought };
      }),
    );
    const [base] = await table.rows('select count(*)::int as n from data where month("at") = 1 and note is not null');
    expect(base).toEqual({ n: 400 });
  });

  test("that fails says why, and can be started again from the same frozen rows", async () => {
    const run = await prisma().pipelineRun.findFirstOrThrow({ where: { projectId: project } });
    await prisma().pipelineRun.update({ where: { id: run.id }, data: { error: "train: exit code 1" } });
    await runJob(jobs, "monitoring.follow-run", { projectId: project, runId: run.id, status: "failed" });
    expect((await state()).retraining).toMatchObject({ state: "failed", error: "Run 1 failed: train: exit code 1" });
    await startRetraining(people.alice, project, { number: alert });
    await runJob(jobs, "monitoring.prepare-retraining", await ref());
    expect((await state()).chain).toMatchObject({ dataset: { version: 2 }, run: { number: 2 } });
  });

  test("proposes what the run registered, once, in the platform's own name", async () => {
    const run = await prisma().pipelineRun.findFirstOrThrow({ where: { projectId: project, number: 2 } });
    const { id } = await openVersion(prisma(), project, "sales@2");
    const version = await completeVersion(project, "shop", id, run.id);
    for (let i = 0; i < 2; i++)
      await runJob(jobs, "monitoring.follow-run", { projectId: project, runId: run.id, status: "succeeded" });
    const requests = await listRequests(people.bob, project, { versionId: version.id });
    expect(requests).toHaveLength(1);
    const request = await getRequest(people.bob, project, { number: requests[0]?.number ?? 0 });
    expect(request.trigger).toEqual({ kind: "retraining", alert, pipelineRun: 2, monitor: "shop" });
    expect(await state()).toMatchObject({
      retraining: { state: "requested" },
      chain: { version: { model: "shop", version: 2 }, request: { number: request.number } },
    });
    expect((await listInbox(people.alice, {})).items.filter((item) => item.kind === "challenger")).toHaveLength(1);
  });

  test("ends the loop when the new version becomes champion: its alerts are resolved", async () => {
    const { chain } = await state();
    const version = await prisma().modelVersion.findFirstOrThrow({
      where: { projectId: project, version: chain.version?.version ?? 0 },
    });
    const request = await crown(project, version, 0.95);
    await runJob(jobs, "monitoring.follow-champion", {
      ...watched.change,
      versionId: version.id,
      requestId: request.id,
    });
    expect(await listAlerts(people.alice, project, { status: "unresolved" })).toEqual([]);
    expect(await state()).toMatchObject({
      status: "resolved",
      resolution: `Version 2, retrained for alert ${alert}, became champion.`,
    });
  });
});

test("an automatic monitor retrains by itself, once for all open alerts, when the traffic rests", async () => {
  const row = await prisma().monitor.findFirstOrThrow({ where: { projectId: project } });
  const config = {
    ...MonitorConfig.parse(row.config),
    retrain: { pipeline: "pipeline.yaml", mode: "automatic" as const },
  };
  await updateMonitor(people.alice, project, { monitor: "shop", config });
  await replay(ids(), "november", moved(month(11)));
  const context = jobContext();
  await computeWindowsJob({ projectId: project, monitorId: row.id }, context);
  const retrained = async () =>
    (await listAlerts(people.alice, project, { status: "unresolved" }))
      .map((alert) => alert.retraining?.state ?? null)
      .sort();
  expect(await retrained()).toEqual([null, null]);
  for (let i = 0; i < 2; i++) await retrainIfAutomatic({ ...row, config }, Date.now() + 60_000);
  expect(await retrained()).toEqual([null, "preparing"].sort());
});
