import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Registry } from "prom-client";
import { createRepository } from "#server/code/index.ts";
import { addVersion, createDataset } from "#server/data/index.ts";
import { writePolicy } from "#server/governance/index.ts";
import { systemActor } from "#server/identity/index.ts";
import { prisma } from "#server/platform/db.ts";
import { log } from "#server/platform/log.ts";
import { putFile } from "#server/platform/objects.ts";
import { assignAlias, registerVersion } from "#server/registry/index.ts";
import { ensureEndpoint, ensurePartitions, PredictionLog, recordOutcomes } from "#server/serving/index.ts";

import { BASE, type Logged, salesCsv } from "./sales.ts";

const FIXTURE = path.join(import.meta.dirname, "../../registry/fixtures/columns.onnx");

const PIPELINE = `version: 1
name: train
steps:
  train:
    run: node train.js --data \${inputs.raw} --out \${outputs.model}
    inputs: {raw: "dataset:sales"}
    outputs: {model: work/model}
`;

export function monitorFile(endpoint: string, mode: "manual" | "automatic" = "manual"): string {
  return `version: 1
endpoint: ${endpoint}
window: month
min_rows: 50
drift: {psi: 0.2, jensen_shannon: 0.1, alpha: 0.01}
prediction_drift: {psi: 90, jensen_shannon: 90}
performance:
  min_coverage: 0.5
  accuracy: {max_drop: 0.1}
retrain: {pipeline: pipeline.yaml, mode: ${mode}}
`;
}

/** Gives a project a repository, a dataset, a champion trained on it (accuracy 0.9 on its hold-out) and an endpoint. */
export async function watchedProject(
  project: { id: string; slug: string },
  options: { name: string; monitor?: string | undefined },
) {
  const platform = systemActor("test");
  const dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-watched-"));
  const files: Record<string, string> = { "pipeline.yaml": PIPELINE, "train.js": "// trains\n" };
  if (options.monitor !== undefined) files["monitor.yaml"] = options.monitor;
  mkdirSync(path.join(dir, "repository"));
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(dir, "repository", file), text);
  await createRepository(project.id, "Test", { name: "Seed", email: "s@example.org" }, path.join(dir, "repository"));
  await createDataset(platform, project.id, { name: "sales", timeColumn: "at", labelColumn: "bought" });
  writeFileSync(path.join(dir, "sales.csv"), salesCsv(BASE));
  const dataset = await addVersion(platform, project.id, {
    dataset: "sales",
    filePath: path.join(dir, "sales.csv"),
    fileName: "sales.csv",
    origin: { kind: "seed", file: "sales.csv" },
  });
  rmSync(dir, { recursive: true });
  await writePolicy(platform, project.id, {
    text: `version: 1\nmodel: ${options.name}\nchecks:\n  - {id: primary, type: holdout, dataset: sales, label: bought, metric: accuracy}\n`,
  });
  const version = await completeVersion(project.id, options.name, dataset.id);
  const { modelId } = version;
  const request = await crown(project.id, version, 0.9);
  await ensurePartitions();
  await ensureEndpoint(platform, project.id, { modelId });
  const endpoint = await prisma().endpoint.findFirstOrThrow({ where: { projectId: project.id } });
  const change = {
    projectId: project.id,
    modelId,
    modelName: options.name,
    versionId: version.id,
    requestId: request.id,
  };
  return { endpoint, version, dataset, change };
}

/** Registers the fixture as a version that lacks nothing. */
export async function completeVersion(
  projectId: string,
  model: string,
  datasetVersionId: string,
  pipelineRunId?: string,
) {
  const { sha256 } = await putFile(FIXTURE);
  const version = await registerVersion(systemActor("test"), projectId, {
    model,
    sha256,
    datasetVersionId,
    commit: "0123456789abcdef0123456789abcdef01234567",
    ...(pipelineRunId ? { pipelineRunId } : {}),
  });
  await prisma().modelVersion.update({ where: { id: version.id }, data: { incomplete: [] } });
  return version;
}

/** What an approved promotion leaves behind: the completed request with its evidence, and the alias. */
export async function crown(projectId: string, version: { id: string; modelId: string }, accuracy: number) {
  const policy = await prisma().policy.findFirstOrThrow({ where: { projectId } });
  const number = (await prisma().promotionRequest.count({ where: { projectId } })) + 1;
  const dataset = { name: "sales", version: 1, sha256: "" };
  const none = { champion: null, difference: null, low: null, high: null, pSuperior: null, pNonInferior: null };
  const request = await prisma().promotionRequest.create({
    data: {
      projectId,
      number,
      modelId: version.modelId,
      versionId: version.id,
      policyId: policy.id,
      status: "completed",
      trigger: { kind: "person" },
      requestedByName: "Alice",
      closedAt: new Date(),
      checks: {
        create: {
          evaluation: 1,
          checkId: "primary",
          kind: "holdout",
          position: 0,
          state: "passed",
          evidence: {
            ...none,
            kind: "holdout",
            metric: "accuracy",
            test: "mcnemar",
            dataset,
            where: null,
            n: 300,
            dropped: 0,
            minN: 30,
            margin: 0,
            alpha: 0.05,
            require: "non_inferior",
            challenger: { value: accuracy, low: null, high: null },
            table: null,
            positives: null,
            detectable: null,
          },
        },
      },
    },
  });
  await assignAlias(prisma(), { modelId: version.modelId, alias: "champion", versionId: version.id });
  return request;
}

/** Writes predictions and outcomes to the log as serving does. Ids are `prefix:0` and so on. */
export async function replay(
  ids: { endpointId: string; projectId: string; modelVersionId: string },
  prefix: string,
  rows: readonly Logged[],
): Promise<void> {
  const predictions = new PredictionLog({ log, metrics: new Registry() });
  rows.forEach((row, i) =>
    predictions.add({
      ...ids,
      arm: 0,
      routed: true,
      entityKey: null,
      caller: null,
      hidden: null,
      predictionId: `${prefix}:${i}`,
      requestId: "request",
      receivedAt: Date.now(),
      eventTime: row.at,
      latencyUs: 1000 + i,
      numbers: new Float64Array([Math.fround(row.size), row.count, row.flag ? 1 : 0]),
      categories: [row.city],
      label: row.probability >= 0.5 ? "yes" : "no",
      probabilities: new Float64Array([1 - row.probability, row.probability]),
      value: null,
    }),
  );
  await predictions.flush(10_000);
  await predictions.stop();
  await tell(ids.endpointId, prefix, rows);
}

/** Tells the outcomes of the rows that are known. */
export async function tell(endpointId: string, prefix: string, rows: readonly Logged[]): Promise<void> {
  const outcomes = rows.flatMap((row, i) =>
    row.known ? [{ predictionId: `${prefix}:${i}`, label: row.bought, value: null, observedAt: null }] : [],
  );
  if (outcomes.length > 0) await recordOutcomes(endpointId, outcomes);
}
