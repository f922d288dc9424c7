import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { addVersion, createDataset } from "#server/data/index.ts";
import { decide, getRequest, jobs as governanceJobs, requestPromotion, writePolicy } from "#server/governance/index.ts";
import { createToken, setMember, systemActor } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import type { RunDetail } from "#server/pipelines/contract.ts";
import { resetEnv } from "#server/platform/env.ts";
import { log } from "#server/platform/log.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { runJob } from "#server/platform/testing/jobs.ts";
import { createPerson } from "#server/platform/testing/people.ts";
import { SAMPLE_PYTHON } from "#server/platform/testing/sample-python.ts";
import { getVersion, jobs as registryJobs } from "#server/registry/index.ts";
import { getPrediction, jobs as servingJobs } from "#server/serving/index.ts";
import { Executor } from "../pipelines/executor.ts";
import { type PipelineProject, pipelineProject, stepOf } from "../pipelines/testing/pipeline-project.ts";
import { provideEnvironments } from "../runtimes/pyfunc/environments.ts";
import { type Stack, startStack } from "./testing/stack.ts";

testDatabase();

const ROOT = path.join(import.meta.dirname, "../..");
const platform = systemActor("test");
const train = (limit: number, name: string) =>
  `    run: ${SAMPLE_PYTHON} train.py \${inputs.data} ${limit} \${outputs.model} ${name}
    inputs: {data: "dataset:flights"}
    outputs: {model: out/model}
`;
const FILES = {
  // The client registers while it logs the model, as registered_model_name has it.
  "client.pipeline.yaml": `version: 1\nname: client\nsteps:\n  train:\n${train(0.5, "delays")}`,
  "step.pipeline.yaml": `version: 1
name: step
steps:
  train:
${train(0.45, "-")}  register: {uses: register, with: {model: train.model, name: delays}}
`,
  "train.py": readFileSync(path.join(import.meta.dirname, "testing/train_delays.py")),
};
const POLICY = `version: 1
model: delays
checks:
  - {id: primary, type: holdout, dataset: flights, where: "number % 2 = 0", label: outcome, metric: accuracy, margin: 0.2, min_n: 30, rows: flights}
  - {id: signature, type: signature}
  - {id: golden, type: golden, min_rows: 8}
  - {id: latency, type: latency, p95_ms: 5000, requests: 50}
approvals: {reviewers: 1}
`;

/** Flights of which those from Rome are late when they are small, the others when they are large. */
function flights(): string {
  const lines = Array.from({ length: 160 }, (_, i) => {
    const [size, count, city] = [((i * 37) % 200) / 10, i % 9, ["Oslo", "Rome", "Zürich"][i % 3] ?? ""];
    const late = size + count > 14 !== (city === "Rome");
    return `${i},${size},${count},${i % 4 === 0},${city},${late ? "late" : "on time"}`;
  });
  return `number,size,count,flag,city,outcome\n${lines.join("\n")}\n`;
}

describe.skipIf(!existsSync(SAMPLE_PYTHON))("a model that only Python can load goes the whole way", () => {
  let demo: PipelineProject;
  let bob: Awaited<ReturnType<typeof createPerson>>;
  let mlflow: ChildProcess;
  let folder: string;
  let stack: Stack;
  let token: string;
  const executor = new Executor({ workerId: uuidv7(), slots: 2, log });

  beforeAll(async () => {
    mlflow = spawn(process.execPath, [path.join(ROOT, "server/protocols/mlflow/contract/serve.ts")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: mlflow.stdout! })) {
      vi.stubEnv("APP_URL", `http://127.0.0.1:${line}`);
      break;
    }
    resetEnv();
    const home = execFileSync(SAMPLE_PYTHON, ["-c", "import sys; print(sys.base_prefix)"]).toString().trim();
    provideEnvironments(() =>
      Promise.resolve({ interpreter: SAMPLE_PYTHON, folders: [path.dirname(path.dirname(SAMPLE_PYTHON)), home] }),
    );
    demo = await pipelineProject(FILES);
    bob = await createPerson("Bob", ["reviewer"]);
    await setMember(platform, demo.project.slug, { handle: bob.handle, role: "reviewer" });
    folder = await mkdtemp(path.join(tmpdir(), "promotion-"));
    const filePath = path.join(folder, "flights.csv");
    await writeFile(filePath, flights());
    await createDataset(platform, demo.project.id, { name: "flights", labelColumn: "outcome" });
    await addVersion(platform, demo.project.id, {
      dataset: "flights",
      filePath,
      fileName: "flights.csv",
      origin: { kind: "seed", file: "flights.csv" },
    });
    await writePolicy(platform, demo.project.id, { text: POLICY });
    await executor.start();
    stack = await startStack(uuidv7());
    token = (await createToken(demo.alice, demo.project.slug, { name: "t", scopes: ["serving:predict"], days: 1 }))
      .secret;
  }, 60_000);
  afterAll(async () => {
    mlflow.kill();
    await once(mlflow, "exit");
    await executor.stop();
    await stack.stop();
    await rm(folder, { recursive: true });
  });

  /** Runs a pipeline to its end, and says in the test's own words why it failed. */
  async function ran(file: string): Promise<RunDetail> {
    const { number } = await demo.start(file);
    const run = await demo.ended(number, 120_000);
    const failed = run.stepRuns.find((step) => step.status !== "succeeded");
    expect(failed && (failed.error ?? (await demo.log(run, failed)))).toBeUndefined();
    return run;
  }

  /** What the worker does after a registration, then a request, its checks, and Bob's approval. */
  async function promoted(version: number) {
    const { id, modelId } = await getVersion(platform, demo.project.id, { name: "delays", version });
    await runJob(registryJobs, "registry.check-golden", { projectId: demo.project.id, versionId: id });
    expect(await getVersion(platform, demo.project.id, { name: "delays", version })).toMatchObject({
      runtime: "pyfunc",
      golden: { rows: 8, check: { state: "agrees" } },
      incomplete: [],
    });
    const asked = await requestPromotion(demo.alice, demo.project.id, { model: "delays", version: String(version) });
    await runJob(governanceJobs, "governance.evaluate-request", {
      projectId: demo.project.id,
      requestId: asked.id,
      evaluation: 1,
    });
    const request = await getRequest(bob, demo.project.id, { number: asked.number });
    const results = request.checkResults.map(({ checkId, state, summary }) => [checkId, state, summary]);
    expect(request.status, JSON.stringify(results)).toBe("ready");
    const vote = { number: asked.number, vote: "approve" as const, digest: request.digest ?? "" };
    expect(await decide(bob, demo.project.id, vote)).toMatchObject({ status: "completed" });
    const change = { projectId: demo.project.id, modelId, modelName: "delays", versionId: id, requestId: asked.id };
    await runJob(servingJobs, "serving.ensure-endpoint", change);
    return request;
  }

  const infer = {
    inputs: [
      { name: "size", datatype: "FP64", shape: [1, 1], data: [0] },
      { name: "count", datatype: "INT64", shape: [1, 1], data: [0] },
      { name: "flag", datatype: "BOOL", shape: [1, 1], data: [true] },
      { name: "city", datatype: "BYTES", shape: [1, 1], data: ["Oslo"] },
    ],
  };
  const first = { size: 0, count: 0, flag: true, city: "Oslo" };
  const answered = async () => (await stack.post("/v2/models/delays/infer", token, infer)).body;

  test("the mlflow client registers it out of a pipeline's step, and its promotion has it answer", async () => {
    const run = await ran("client.pipeline.yaml");
    const version = await getVersion(platform, demo.project.id, { name: "delays", version: 1 });
    expect(version).toMatchObject({
      runtime: "pyfunc",
      commit: run.commit,
      dataset: { name: "flights" },
      pipelineRun: { number: run.number },
      signature: { classes: ["on time", "late"], positive: "late" },
    });
    await promoted(1);
    await expect.poll(answered, { timeout: 60_000, interval: 300 }).toMatchObject({ model_version: "1" });
  }, 240_000);

  test("it is asked in the words of every protocol, by token, and each answer is in the log", async () => {
    const { outputs, parameters } = await answered();
    const label = outputs?.find(({ name }) => name === "label")?.data[0];
    const plain = await stack.post("/v2/models/delays/predict", token, { features: first });
    expect(plain.body).toMatchObject({ predictions: [{ label }] });
    const invocations = { dataframe_records: [first] };
    expect(await stack.post("/endpoints/delays/invocations", token, invocations)).toMatchObject({
      status: 200,
      body: { predictions: [{ label }] },
    });
    expect((await stack.post("/v2/models/delays/infer", null, infer)).status).toBe(401);
    const [id = ""] = parameters?.["prediction_ids"] ?? [];
    await expect
      .poll(() => getPrediction(demo.alice, demo.project.slug, { name: "delays", id }).catch(() => null), {
        timeout: 15_000,
      })
      .toMatchObject({ lineage: { version: { model: "delays", version: 1 } } });
  }, 60_000);

  test("the step `uses: register` registers the next one, which is compared with the first and takes over", async () => {
    const run = await ran("step.pipeline.yaml");
    expect(stepOf(run, "register").result).toMatchObject({ modelName: "delays", version: 2 });
    const version = await getVersion(platform, demo.project.id, { name: "delays", version: 2 });
    expect(version).toMatchObject({ runtime: "pyfunc", metrics: { limit: 0.45 }, createdById: demo.alice.userId });
    const request = await promoted(2);
    expect(request.checkResults.find(({ checkId }) => checkId === "primary")?.evidence).toMatchObject({
      champion: { version: 1 },
      n: 80,
    });
    await expect.poll(answered, { timeout: 60_000, interval: 300 }).toMatchObject({ model_version: "2" });
  }, 240_000);
});
