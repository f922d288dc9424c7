import { createReadStream, readFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemActor } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { rerun } from "#server/pipelines/index.ts";
import { log } from "#server/platform/log.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { getVersion } from "#server/registry/index.ts";
import { createLoggedModel, createRun, uploadArtifact } from "#server/tracking/index.ts";
import { Executor } from "./executor.ts";
import { type PipelineProject, pipelineProject, stepOf } from "./testing/pipeline-project.ts";

testDatabase();

const FIXTURES = path.join(import.meta.dirname, "../../server/registry/fixtures");
const FILES = {
  "pipeline.yaml": `version: 1
name: train
params: {card: "{}", file: mlp.onnx, model: flights}
steps:
  train:
    run: node train.mjs \${params.file} \${params.card} \${outputs.model}
    outputs: {model: out/model}
  register: {uses: register, with: {model: train.model, name: "\${params.model}"}}
`,
  "train.mjs": `import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
const [file, card, out] = process.argv.slice(2);
mkdirSync(out);
if (file !== "none") copyFileSync(file, out + "/model.onnx");
writeFileSync(out + "/touchstone.json", card);
console.log("trained");`,
  "mlp.onnx": readFileSync(path.join(FIXTURES, "mlp.onnx")),
  "other.onnx": readFileSync(path.join(FIXTURES, "columns.onnx")),
};

let demo: PipelineProject;
let runId = "";
let loggedModelId = "";
const executor = new Executor({ workerId: uuidv7(), slots: 2, log });

beforeAll(async () => {
  demo = await pipelineProject(FILES);
  const tracked = await createRun(demo.alice, demo.project.slug, { name: "train" });
  runId = tracked.id;
  const logged = await createLoggedModel(demo.alice, demo.project.slug, {
    experiment: 0,
    name: "m",
    sourceRunId: runId,
  });
  loggedModelId = logged.id;
  const owner = { kind: "model", id: loggedModelId } as const;
  await uploadArtifact(
    demo.alice,
    demo.project.slug,
    { owner, path: "model.onnx" },
    createReadStream(path.join(FIXTURES, "mlp.onnx")),
  );
  await executor.start();
});
afterAll(async () => {
  await executor.stop();
});

const run = (card: object | string, params: object = {}) =>
  demo.run("pipeline.yaml", { params: { card: typeof card === "string" ? card : JSON.stringify(card), ...params } });

test("a registered version names its run, commit, pipeline run and metrics, and belongs to whoever started the run", async () => {
  const done = await run({ run_id: runId, logged_model_id: loggedModelId, metrics: { auc: 0.71 }, algo: "gbm" });
  expect(done.error).toBeNull();
  expect(stepOf(done, "register").result).toMatchObject({ modelName: "flights", version: 1 });
  expect(stepOf(done, "register").attempts[0]?.isolation).toBe("worker");
  const version = await getVersion(systemActor("test"), demo.project.id, { name: "flights", version: 1 });
  expect(version).toMatchObject({
    runId,
    loggedModelId,
    commit: done.commit,
    source: `models:/${loggedModelId}`,
    metrics: { auc: 0.71 },
    pipelineRun: { id: done.id, number: done.number, pipeline: "train" },
    createdById: demo.alice.userId,
  });
});

test("every run that registers makes a version of its own", async () => {
  const done = await run({ run_id: runId }, { model: "twice" });
  expect(stepOf(done, "register").result?.version).toBe(1);
  const again = await demo.ended((await rerun(demo.alice, demo.project.slug, { number: done.number })).number);
  expect(stepOf(again, "register").result?.version).toBe(2);
});

test.each([
  [
    "no model file",
    { run_id: "x" },
    { file: "none" },
    /^The output train\.model holds no file model\.onnx, and touchstone\.json names no logged model\. Write a folder/,
  ],
  [
    "a logged model that is not there",
    { run_id: "x", logged_model_id: "m-none" },
    { file: "none" },
    /^There is no logged model m-none in this project\./,
  ],
  ["a card that is no JSON", "{nan: NaN}", {}, /^touchstone\.json is not JSON\./],
  [
    "a card without its run",
    { metrics: {} },
    {},
    /^touchstone\.json: 'run_id' must be the id of the run that trained it\./,
  ],
  [
    "a metric that is no number",
    { run_id: "x", metrics: { auc: "high" } },
    {},
    /^touchstone\.json: 'metrics\.auc' must be a number\./,
  ],
  ["a run that is not there", { run_id: "0".repeat(32) }, {}, /Run with id=0+ not found/],
])("%s is refused with what is wrong", async (_, card, params, expected) => {
  const done = await run(card, params);
  expect(done.status).toBe("failed");
  expect(stepOf(done, "register").error).toMatch(expected);
  expect(stepOf(done, "register").reason).toBe("register");
});

test("a model that is not the logged one is refused with both digests", async () => {
  const done = await run({ run_id: runId, logged_model_id: loggedModelId }, { file: "other.onnx" });
  expect(stepOf(done, "register").error).toMatch(
    /^model\.onnx of the step's output \(SHA-256 [0-9a-f]{12}…\) is not the file of the logged model m-/,
  );
});

test("without a model.onnx the logged model that the card names is registered as it was tracked", async () => {
  const done = await run({ run_id: runId, logged_model_id: loggedModelId }, { file: "none", model: "tracked" });
  expect(done.error).toBeNull();
  const version = await getVersion(systemActor("test"), demo.project.id, { name: "tracked", version: 1 });
  expect(version).toMatchObject({ loggedModelId, runtime: "onnx", sha256: expect.any(String), commit: done.commit });
});

test("a logged model of another run, and one that cannot be served, are refused with why", async () => {
  const other = await createRun(demo.alice, demo.project.slug, { name: "other" });
  const foreign = await run({ run_id: other.id, logged_model_id: loggedModelId }, { file: "none" });
  expect(stepOf(foreign, "register").error).toContain(
    `comes from the run ${runId}, and touchstone.json names the run ${other.id}.`,
  );
  const bare = await createLoggedModel(demo.alice, demo.project.slug, { experiment: 0, name: "b", sourceRunId: runId });
  const description = Readable.from([JSON.stringify({ flavors: { python_function: {} } })]);
  await uploadArtifact(
    demo.alice,
    demo.project.slug,
    { owner: { kind: "model", id: bare.id }, path: "MLmodel" },
    description,
  );
  const unsigned = await run({ run_id: runId, logged_model_id: bare.id }, { file: "none" });
  expect(stepOf(unsigned, "register").error).toMatch(
    /^The logged model m-\w+ cannot be served: The model states no signature/,
  );
});
