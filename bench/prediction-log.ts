import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Registry } from "prom-client";
import { startCluster } from "#bin/launch/cluster.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { closeDatabase, pool } from "#server/platform/db.ts";
import { deploy } from "#server/platform/deploy.ts";
import { resetEnv } from "#server/platform/env.ts";
import { log } from "#server/platform/log.ts";
import {
  ensurePartitions,
  listTrafficRange,
  PredictionLog,
  readTrafficWindow,
  recordOutcomes,
} from "#server/serving/index.ts";

// The prediction log on a Postgres of its own: writing, joining outcomes, reading a window by column. `node bench/prediction-log.ts [rows]`.
// 20 features: 16 numbers, 4 categories. Every row has an outcome, and another window of the same size lies beside the one that is read.
const ROWS = Number(process.argv[2] ?? 100_000);
const [NUMBERS, CATEGORIES] = [16, 4];
const T0 = Date.parse("2013-07-01T00:00:00Z");
const DAY_MS = 86_400_000;

const dir = mkdtempSync(path.join(tmpdir(), "bench-log-"));
const cluster = await startCluster(dir);
try {
  process.env["DATABASE_URL"] = cluster.url("postgres");
  resetEnv();
  await deploy(cluster.url("postgres"));
  await ensurePartitions();
  await measure();
} finally {
  await closeDatabase();
  await cluster.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const [projectId, modelId, versionId, endpointId] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  const tensor = (name: string, datatype: string) => ({ name, datatype, shape: [-1, 1], symbols: [null, null] });
  const signature = {
    inputs: [
      ...Array.from({ length: NUMBERS }, (_, i) => tensor(`n${i}`, "FP32")),
      ...Array.from({ length: CATEGORIES }, (_, i) => tensor(`c${i}`, "BYTES")),
    ],
    outputs: [],
    opset: [],
    irVersion: 8,
    producer: { name: "", version: "" },
    metadata: {},
    task: "classification",
    classes: ["0", "1"],
    positive: "1",
    labelColumn: null,
    roles: {},
  };
  await pool().query("insert into projects (id, slug, name) values ($1, 'bench', 'Bench')", [projectId]);
  await pool().query("insert into registered_models (id, project_id, name) values ($1, $2, 'bench')", [
    modelId,
    projectId,
  ]);
  await pool().query(
    "insert into model_versions (id, project_id, model_id, version, signature) values ($1, $2, $3, 1, $4)",
    [versionId, projectId, modelId, JSON.stringify(signature)],
  );
  await pool().query("insert into endpoints (id, project_id, name, model_id) values ($1, $2, 'bench', $3)", [
    endpointId,
    projectId,
    modelId,
  ]);

  const records = Array.from({ length: 2 * ROWS }, (_, i) => ({
    endpointId,
    projectId,
    modelVersionId: versionId,
    predictionId: `bench:${i}`,
    requestId: "request",
    receivedAt: Date.now(),
    eventTime: T0 + (i / ROWS) * 30 * DAY_MS,
    arm: 0,
    routed: true,
    entityKey: null,
    caller: null,
    hidden: null,
    latencyUs: 900,
    numbers: Float64Array.from({ length: NUMBERS }, (_value, k) => Math.sin(i * 31 + k)),
    categories: Array.from({ length: CATEGORIES }, (_value, k) => `category ${(i * 7 + k) % 12}`),
    label: i % 3 === 0 ? "1" : "0",
    probabilities: new Float64Array([0.3, 0.7]),
    value: null,
  }));
  const predictions = new PredictionLog({ log, metrics: new Registry(), maxBytes: 1024 ** 3 });
  const cpu = process.cpuUsage();
  let started = performance.now();
  for (const record of records) predictions.add(record);
  const added = performance.now() - started;
  await predictions.flush(600_000);
  const { user, system } = process.cpuUsage(cpu);
  say(
    "write",
    performance.now() - started,
    records.length,
    `${((user + system) / records.length).toFixed(1)} µs of this process a row, ${((added * 1000) / records.length).toFixed(1)} µs on the request's path`,
  );
  await predictions.stop();

  started = performance.now();
  for (let i = 0; i < records.length; i += 1000)
    await recordOutcomes(
      endpointId,
      records.slice(i, i + 1000).map(({ predictionId }) => ({ predictionId, label: "1", value: null, observedAt: T0 })),
    );
  say("outcomes", performance.now() - started, records.length, "a thousand a request");

  for (let i = 0; i < 3; i += 1) {
    started = performance.now();
    const before = process.cpuUsage();
    const window = await readTrafficWindow(endpointId, new Date(T0), new Date(T0 + 30 * DAY_MS));
    say(
      "window",
      performance.now() - started,
      window.rows,
      `${NUMBERS + CATEGORIES} features, ${window.outcomes.known} outcomes, ${(process.cpuUsage(before).user / 1000).toFixed(0)} ms of this process`,
    );
  }
  started = performance.now();
  const { days } = await listTrafficRange(endpointId);
  say("range", performance.now() - started, days.length, "days");
}

function say(what: string, ms: number, rows: number, note: string): void {
  console.log(
    `${what.padEnd(10)} ${String(rows).padStart(8)} rows ${ms.toFixed(0).padStart(7)} ms ${((rows / ms) * 1000).toFixed(0).padStart(9)}/s  ${note}`,
  );
}
