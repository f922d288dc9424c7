import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Registry } from "prom-client";
import { startCluster } from "#bin/launch/cluster.ts";
import { addVersion, createDataset } from "#server/data/index.ts";
import { systemActor } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { MonitorConfig } from "#server/monitoring/contract.ts";
import { createMonitor, getMonitor, jobs } from "#server/monitoring/index.ts";
import { closeDatabase, pool } from "#server/platform/db.ts";
import { deploy } from "#server/platform/deploy.ts";
import { resetEnv } from "#server/platform/env.ts";
import { stopQueue } from "#server/platform/jobs.ts";
import { log } from "#server/platform/log.ts";
import { runJob } from "#server/platform/testing/jobs.ts";
import { createProject } from "#server/projects/index.ts";
import { ensurePartitions, PredictionLog, recordOutcomes } from "#server/serving/index.ts";

// One monitoring window on a Postgres of its own, as the worker computes it: the log read by column, 16 numbers and 4 categories compared with a reference
// of as many rows by all methods, accuracy, AUC and log-loss on all outcomes, stored. `node bench/monitoring.ts [rows]`.
// The first window of a process also prepares the reference; later ones find it prepared.
const ROWS = Number(process.argv[2] ?? 100_000);
const [NUMBERS, CATEGORIES] = [16, 4];
const T0 = Date.parse("2013-07-01T00:00:00Z");
const SPAN_MS = 27 * 86_400_000;
const actor = systemActor("bench");

const dir = mkdtempSync(path.join(tmpdir(), "bench-monitoring-"));
const cluster = await startCluster(path.join(dir, "pg"));
try {
  process.env["DATABASE_URL"] = cluster.url("postgres");
  process.env["DATA_DIR"] = path.join(dir, "data");
  resetEnv();
  await deploy(cluster.url("postgres"));
  await ensurePartitions();
  await measure();
} finally {
  await stopQueue();
  await closeDatabase();
  await cluster.stop();
  rmSync(dir, { recursive: true, force: true });
}

/** The same pseudo-random number between 0 and 1 for the same row and column, shifted a little in half of the columns of the window. */
function noise(row: number, column: number): number {
  const x = Math.sin(row * 12.9898 + column * 78.233) * 43758.5453;
  return x - Math.floor(x);
}

async function endpointOf(projectId: string): Promise<{ endpointId: string; versionId: string }> {
  const header = [
    ...Array.from({ length: NUMBERS }, (_, i) => `n${i}`),
    ...Array.from({ length: CATEGORIES }, (_, i) => `c${i}`),
  ];
  const lines = Array.from({ length: ROWS }, (_, row) =>
    header
      .map((name, i) => (name.startsWith("n") ? noise(row, i).toFixed(6) : `k${Math.floor(noise(row, i) * 12)}`))
      .join(","),
  );
  const file = path.join(dir, "reference.csv");
  writeFileSync(file, `${header.join(",")}\n${lines.join("\n")}\n`);
  await createDataset(actor, projectId, { name: "reference" });
  const origin = { kind: "seed" as const, file: "reference.csv" };
  const dataset = await addVersion(actor, projectId, {
    dataset: "reference",
    filePath: file,
    fileName: "reference.csv",
    origin,
  });
  const tensor = (name: string) => ({
    name,
    datatype: name.startsWith("n") ? "FP32" : "BYTES",
    shape: [-1, 1],
    symbols: [null, null],
  });
  const signature = {
    inputs: header.map(tensor),
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
  const [modelId, versionId, endpointId] = [uuidv7(), uuidv7(), uuidv7()];
  await pool().query("insert into registered_models (id, project_id, name) values ($1, $2, 'bench')", [
    modelId,
    projectId,
  ]);
  await pool().query(
    "insert into model_versions (id, project_id, model_id, version, signature, dataset_version_id) values ($1, $2, $3, 1, $4, $5)",
    [versionId, projectId, modelId, JSON.stringify(signature), dataset.id],
  );
  await pool().query("insert into endpoints (id, project_id, name, model_id) values ($1, $2, 'bench', $3)", [
    endpointId,
    projectId,
    modelId,
  ]);
  return { endpointId, versionId };
}

async function measure(): Promise<void> {
  const { id: projectId } = await createProject(actor, { slug: "bench", name: "Bench" });
  const { endpointId, versionId } = await endpointOf(projectId);
  const predictions = new PredictionLog({ log, metrics: new Registry(), maxBytes: 1 << 30 });
  for (let row = 0; row < ROWS; row++) {
    const p = noise(row, 99);
    predictions.add({
      endpointId,
      projectId,
      modelVersionId: versionId,
      arm: 0,
      routed: true,
      entityKey: null,
      caller: null,
      hidden: null,
      predictionId: `bench:${row}`,
      requestId: "request",
      receivedAt: Date.now(),
      eventTime: T0 + Math.floor((row / ROWS) * SPAN_MS),
      latencyUs: 800,
      numbers: Float64Array.from({ length: NUMBERS }, (_, i) => Math.fround(noise(row + 7, i) * (i % 2 ? 1 : 1.1))),
      categories: Array.from({ length: CATEGORIES }, (_, i) => `k${Math.floor(noise(row + 7, NUMBERS + i) * 12)}`),
      label: p > 0.5 ? "1" : "0",
      probabilities: new Float64Array([1 - p, p]),
      value: null,
    });
  }
  await predictions.flush(120_000);
  await predictions.stop();
  const tell = async (from: number, to: number) => {
    const outcomes = Array.from({ length: to - from }, (_, i) => ({
      predictionId: `bench:${from + i}`,
      label: noise(from + i, 98) < noise(from + i, 99) ? "1" : "0",
      value: null,
      observedAt: null,
    }));
    for (let at = 0; at < outcomes.length; at += 10_000)
      await recordOutcomes(endpointId, outcomes.slice(at, at + 10_000));
  };
  await tell(0, ROWS - 10);
  const config = MonitorConfig.parse({ window: "month" });
  const { id: monitorId } = await createMonitor(actor, projectId, { name: "bench", endpoint: "bench", config });
  const seconds: number[] = [];
  const processor: number[] = [];
  for (let round = 0; round < 4; round++) {
    const [started, worked] = [performance.now(), process.cpuUsage()];
    await runJob(jobs, "monitoring.compute-windows", { projectId, monitorId });
    const { user, system } = process.cpuUsage(worked);
    seconds.push((performance.now() - started) / 1000);
    processor.push((user + system) / 1e6);
    await tell(ROWS - 10 + round, ROWS - 9 + round);
  }
  const { windows } = await getMonitor(actor, projectId, { monitor: "bench" });
  const [window] = windows;
  const drifted = window?.drift.filter((feature) => feature.status === "drifted").length ?? 0;
  const [first, ...later] = seconds;
  console.log(
    `rows ${window?.rows ?? 0}, outcomes ${window?.outcomes ?? 0}, features ${window?.drift.length ?? 0}, drifted ${drifted}`,
  );
  console.log(`first window, with the reference prepared   ${first?.toFixed(2) ?? ""} s`);
  console.log(
    `a later window                              ${Math.min(...later).toFixed(2)} s (least of ${later.length}), of which processor time here ${Math.min(...processor.slice(1)).toFixed(2)} s`,
  );
}
