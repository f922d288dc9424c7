import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { addVersion, getDatasetVersion } from "#server/data/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { prisma } from "#server/platform/db.ts";
import { log } from "#server/platform/log.ts";
import { registerOnnx } from "#server/platform/testing/champions.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { runJob } from "#server/platform/testing/jobs.ts";
import { jobs } from "#server/serving/index.ts";
import { Executor } from "./executor.ts";
import { type PipelineProject, pipelineProject, stepOf } from "./testing/pipeline-project.ts";

testDatabase();
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const FILES = {
  "pipeline.yaml": `version: 1
name: score
params: {version: latest, into: places-scored}
steps:
  score:
    uses: score
    inputs: {data: "dataset:places@1"}
    with: {model: lookup, version: "\${params.version}", into: "\${params.into}", keep: [name]}
  count:
    run: node count.mjs \${inputs.scored}
    inputs: {scored: score.predictions}
`,
  "count.mjs": `import { readFileSync } from "node:fs";
if (readFileSync(process.argv[2]).toString("latin1", 0, 4) !== "PAR1") process.exit(3);`,
};

let demo: PipelineProject;
let folder: string;
const executor = new Executor({ workerId: uuidv7(), slots: 2, log });
const loop = { on: true };
let working: Promise<void>;

/** What a worker's job loop does. */
async function workOff(): Promise<void> {
  while (loop.on) {
    for (const { id } of await prisma().bulkWork.findMany({ where: { status: "queued" } }))
      await runJob(jobs, "serving.run-scoring", { projectId: demo.project.id, workId: id });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

beforeAll(async () => {
  demo = await pipelineProject(FILES);
  folder = mkdtempSync(path.join(os.tmpdir(), "touchstone-score-step-"));
  for (const [n, rows] of [
    [1, "a,0\nb,3\n"],
    [2, "a,0\nb,77\n"],
  ] as const) {
    const filePath = path.join(folder, `places-${n}.csv`);
    writeFileSync(filePath, `name,index\n${rows}`);
    await addVersion(demo.alice, demo.project.id, {
      dataset: "places",
      filePath,
      fileName: `places-${n}.csv`,
      origin: { kind: "upload", fileName: "places.csv" },
      create: { source: "", licence: "", description: "" },
    });
  }
  await registerOnnx(
    demo.alice,
    demo.project.id,
    "lookup",
    path.join(import.meta.dirname, "../../server/registry/fixtures/lookup.onnx"),
  );
  await executor.start();
  working = workOff();
});
afterAll(async () => {
  loop.on = false;
  await working;
  await executor.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a step scores its dataset; the predictions are a dataset version of whoever started the run, and an output for later steps", async () => {
  const done = await demo.run("pipeline.yaml", {});
  expect(done.error).toBeNull();
  const step = stepOf(done, "score");
  expect(step).toMatchObject({
    kind: "score",
    status: "succeeded",
    command: `uses: score (lookup version \${params.version} into \${params.into})`,
    result: { scoring: 1, dataset: "places-scored", version: 1, rows: 2 },
    outputs: { predictions: { kind: "file", path: "predictions.parquet" } },
  });
  expect(stepOf(done, "count").status).toBe("succeeded");
  const made = await getDatasetVersion(demo.alice, demo.project.id, { dataset: "places-scored" });
  expect(made.schema.map(({ name }) => name)).toEqual(["name", "predicted_value", "predicted_model_version"]);
  expect(made.origin).toMatchObject({ kind: "batch-scoring", dataset: "places", datasetVersion: 1, model: "lookup" });
  expect(made.createdBy).toBe("Alice");
});

test("what the scoring refuses ends the step with its words", async () => {
  const failed = await demo.run("pipeline.yaml", { params: { version: "9" } });
  expect(stepOf(failed, "score")).toMatchObject({
    status: "failed",
    reason: "score",
    error: expect.stringContaining("version=9) not found") as string,
  });
  expect(stepOf(failed, "count").status).toBe("skipped");
});
