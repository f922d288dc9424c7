import { readFileSync } from "node:fs";
import { Registry } from "prom-client";
import { beforeAll, expect, test, vi } from "vitest";
import { createToken } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { pool, prisma } from "#server/platform/db.ts";
import { log } from "#server/platform/log.ts";
import { localPath } from "#server/platform/objects.ts";
import { TableFile } from "#server/platform/table-file.ts";
import { crown, registerOnnx } from "#server/platform/testing/champions.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { runJob } from "#server/platform/testing/jobs.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import {
  createEndpoint,
  ensurePartitions,
  findLogged,
  getEndpointUsage,
  getExport,
  jobs,
  listTokenUsage,
  locateExport,
  lookUpPrediction,
  PredictionLog,
  recordOutcomes,
  startExport,
} from "./index.ts";
import { recordOf } from "./testing/records.ts";

testDatabase();
vi.setConfig({ testTimeout: 60_000 });

let people: Awaited<ReturnType<typeof somePeople>>;
let project: string;
let endpointId: string;
let version: Awaited<ReturnType<typeof registerOnnx>>;
let request: number;
let token: { id: string };
const EVENT = Date.parse("2013-07-01T12:00:00Z");

beforeAll(async () => {
  await ensurePartitions();
  people = await somePeople();
  project = people.project.id;
  version = await registerOnnx(people.alice, project, "columns");
  request = (await crown(version, people.alice, people.bob)).number;
  await createEndpoint(people.alice, project, { name: "columns", model: "columns" });
  endpointId = (await prisma().endpoint.findFirstOrThrow({ where: { projectId: project } })).id;
  token = await createToken(people.alice, project, { name: "till", scopes: ["serving:predict"], days: 5 });
  const own = { endpointId, projectId: project, modelVersionId: version.versionId };
  const predictions = new PredictionLog({ log, metrics: new Registry() });
  const add = (predictionId: string, requestId: string, hour: number, label = "yes") =>
    predictions.add(recordOf(own, { predictionId, requestId, eventTime: EVENT + hour * 3_600_000, label }));
  add("order-1", "request-a", 0);
  for (let row = 0; row < 3; row += 1) add(`basket:${row}`, "request-b", 1 + row, row === 2 ? "no" : "yes");
  await predictions.stop();
  await recordOutcomes(endpointId, [{ predictionId: "order-1", label: "no", value: null, observedAt: EVENT }]);
  await pool().query(
    "update serving_log.predictions set caller = $1, entity_key = 'customer-7' where prediction_id = 'order-1'",
    [token.id],
  );
  await pool().query(
    `insert into serving_log.shadow_predictions (endpoint_id, project_id, version_id, arm_id, prediction_id, event_time, received_at, label, probabilities, latency_us)
     values ($1, $2, $3, $4, 'order-1', now(), now(), 'no', '{0.9,0.1}', 120)`,
    [endpointId, project, version.versionId, uuidv7()],
  );
  await pool().query(
    `insert into serving_log.request_errors (endpoint_id, project_id, request_id, received_at, status, message, caller, body, latency_us)
     values ($1, $2, 'request-c', now(), 400, 'inputs[0].data[3]: expected a number', $3, '{"inputs":[]}', 80)`,
    [endpointId, project, token.id],
  );
});

const lookUp = (id: string, who = people.alice, where = project) => lookUpPrediction(who, where, { id });

test("an id leads to what went in, what came out, what shadows said, what happened, and where it comes from", async () => {
  const found = await lookUp("order-1");
  expect(found).toMatchObject({ more: false, errors: [] });
  expect(found.predictions).toMatchObject([
    {
      id: "order-1",
      endpoint: "columns",
      requestId: "request-a",
      label: "yes",
      outcome: { label: "no", observedAt: new Date(EVENT).toISOString() },
      caller: { tokenId: token.id, name: "till", owner: "Alice" },
      shadows: [
        {
          version: 1,
          label: "no",
          agrees: false,
          probabilities: [
            { label: "no", value: 0.9 },
            { label: "yes", value: 0.1 },
          ],
        },
      ],
      lineage: { version: { model: "columns", version: 1 }, request: { number: request, approvedBy: ["Bob"] } },
    },
  ]);
  expect(found.predictions[0]?.features).toContainEqual({ name: "city", value: "Oslo" });
});

test("a request's id finds all its rows, and the errors of one that got no answer", async () => {
  expect((await lookUp("request-b")).predictions.map(({ id }) => id).sort()).toEqual([
    "basket:0",
    "basket:1",
    "basket:2",
  ]);
  expect((await lookUp("basket")).predictions).toHaveLength(3);
  expect(await lookUp("request-c")).toMatchObject({
    predictions: [],
    errors: [{ endpoint: "columns", status: 400, version: null, caller: { name: "till" }, body: '{"inputs":[]}' }],
  });
});

test("what another project logged does not exist, and who may not read the log is refused", async () => {
  for (const id of ["order-1", "request-b", "request-c"])
    await expect(lookUp(id, people.eve, people.other.id)).rejects.toMatchObject({ code: "not_found" });
  await expect(lookUp("order-1", people.carol)).rejects.toMatchObject({ code: "forbidden" });
  expect(await findLogged(prisma(), [people.other.id], "order-1")).toEqual([]);
  expect(await findLogged(prisma(), [project], "basket")).toMatchObject([{ endpoint: "columns", kind: "prediction" }]);
});

async function exported(input: Partial<Parameters<typeof startExport>[2]> = {}) {
  const { id, number } = await startExport(people.alice, project, { name: "columns", ...input });
  await runJob(jobs, "serving.run-export", { projectId: project, workId: id });
  return await getExport(people.alice, project, { number });
}

test("an export holds the log with its outcomes, filtered, in the order of events; it is audited when made and when taken", async () => {
  const done = await exported();
  expect(done).toMatchObject({ status: "done", rowsDone: 4, rowsTotal: 4, error: null });
  const file = await locateExport(people.bob, project, { number: done.number });
  expect(file.fileName).toBe(`columns-predictions-${done.number}.parquet`);
  await using table = await TableFile.open(await localPath(file.sha256), "parquet");
  const rows = await table.rows("select * from data");
  expect(rows.map((row) => row["prediction_id"])).toEqual(["order-1", "basket:0", "basket:1", "basket:2"]);
  expect(rows[0]).toMatchObject({
    request_id: "request-a",
    model_version: 1,
    arm: "champion",
    entity_key: "customer-7",
    size: 0.5,
    city: "Oslo",
    predicted_label: "yes",
    predicted_probability_yes: 0.75,
    predicted_value: null,
    outcome_label: "no",
    outcome_corrections: 0,
  });
  expect(rows[1]).toMatchObject({
    entity_key: null,
    outcome_label: null,
    outcome_observed_at: null,
    outcome_corrections: null,
  });
  const actions = await prisma().auditEvent.findMany({ where: { subjectType: "log-export" }, orderBy: { id: "asc" } });
  expect(actions.map(({ action, actorName }) => [action, actorName])).toEqual([
    ["log-export.started", "Alice"],
    ["log-export.downloaded", "Bob"],
  ]);
});

test("an export as CSV, by label, outcome and time; one of nothing has its columns", async () => {
  const csv = await exported({
    format: "csv",
    label: "yes",
    outcome: "unknown",
    to: new Date(EVENT + 2 * 3_600_000).toISOString(),
  });
  const file = await locateExport(people.alice, project, { number: csv.number });
  const lines = readFileSync(await localPath(file.sha256), "utf8")
    .trim()
    .split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^prediction_id,request_id,event_time,/);
  expect(lines[1]).toContain("basket:0");
  const empty = await exported({ from: "2020-01-01T00:00:00Z" });
  expect(empty).toMatchObject({ status: "done", rowsTotal: 0 });
  const nothing = await locateExport(people.alice, project, { number: empty.number });
  await using table = await TableFile.open(await localPath(nothing.sha256), "parquet");
  expect((await table.columns()).map(({ name }) => name)).toContain("outcome_label");
  await expect(exported({ from: "2020-01-02T00:00:00Z", to: "2020-01-01T00:00:00Z" })).rejects.toMatchObject({
    code: "invalid_input",
  });
  await expect(startExport(people.carol, project, { name: "columns" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(getExport(people.eve, people.other.id, { number: csv.number })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("usage by token and day, with what is left of a quota over all endpoints", async () => {
  await prisma().apiToken.update({ where: { id: token.id }, data: { rowsPerDay: 1000, ratePerSecond: 5 } });
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  const gone = uuidv7();
  for (const [who, endpoint, ago, requests, rows, limited, failed] of [
    [token.id, endpointId, 0, 10, 40, 2, 1],
    [token.id, endpointId, 1, 5, 5, 0, 0],
    [token.id, uuidv7(), 0, 1, 60, 0, 0],
    [gone, endpointId, 1, 7, 7, 0, 0],
  ] as const)
    await pool().query("insert into serving_log.token_days values ($1, $2, $3, $4, $5, $6, $7)", [
      who,
      endpoint,
      day(ago),
      requests,
      rows,
      limited,
      failed,
    ]);
  const usage = await getEndpointUsage(people.bob, project, { name: "columns", days: 7 });
  expect(usage.total).toEqual({ requests: 22, rows: 52, limited: 2, failed: 1 });
  expect(usage.tokens).toMatchObject([
    {
      name: "till",
      owner: "Alice",
      active: true,
      rows: 45,
      quota: { ratePerSecond: 5, rowsPerDay: 1000, rowsToday: 100, rowsLeft: 900 },
    },
    { tokenId: gone, name: null, owner: null, active: false, rows: 7 },
  ]);
  expect(usage.tokens[0]?.days).toHaveLength(7);
  expect(usage.tokens[0]?.days.at(-1)).toEqual({ day: day(0), requests: 10, rows: 40, limited: 2, failed: 1 });
  const own = await listTokenUsage(people.alice, project, {});
  expect(own).toMatchObject([
    { tokenId: token.id, rows: 45, quota: { rowsLeft: 900 }, endpoints: [{ endpoint: "columns", requests: 15 }] },
  ]);
  expect(await listTokenUsage(people.bob, project, {})).toEqual([]);
  await expect(getEndpointUsage(people.eve, people.other.id, { name: "columns" })).rejects.toMatchObject({
    code: "not_found",
  });
});
