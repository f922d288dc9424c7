import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { actorOfToken, createOwnToken, systemActor, type Actor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { answerMlflow } from "./index.ts";
import { at, send, tokenActor } from "./testing.ts";

testDatabase();

interface Point {
  readonly run_id: string;
  readonly step: number;
}

let people: Awaited<ReturnType<typeof somePeople>>;
let alice: Actor;
let eve: Actor;

const post = (path: string, body: unknown, actor = alice) => send(actor, "POST", `/api/2.0/mlflow/${path}`, body);
const get = (path: string, actor = alice) => send(actor, "GET", `/api/2.0/mlflow/${path}`);
const newRun = async (actor = alice): Promise<string> =>
  at(await post("runs/create", { experiment_id: "0", start_time: 5 }, actor), "run.info.run_id");

beforeAll(async () => {
  people = await somePeople();
  alice = await tokenActor(people.alice, people.project.id);
  eve = await tokenActor(people.eve, people.other.id);
});

describe("who calls", () => {
  test("the project is the token's; a person, a token of none and nobody get told what to do", async () => {
    expect(at(await get("experiments/get?experiment_id=0"), "experiment.name")).toBe("Default");
    const person = await get("experiments/get?experiment_id=0", people.alice);
    expect(person).toMatchObject({ status: 400, body: { error_code: "INVALID_PARAMETER_VALUE" } });
    expect(at(person, "message")).toContain("MLFLOW_TRACKING_TOKEN");
    const unbound: Actor = {
      ...people.alice,
      kind: "token",
      token: { id: "x", scopes: ["tracking:read"], projectId: null },
    };
    expect(at(await get("experiments/get?experiment_id=0", unbound), "message")).toContain(
      "This token belongs to no project.",
    );
    expect(await get("experiments/get?experiment_id=0", systemActor("worker"))).toMatchObject({ status: 400 });
    const nobody = await send(
      new AppError("unauthenticated", "The API token is unknown."),
      "GET",
      "/api/2.0/mlflow/experiments/get?experiment_id=0",
    );
    expect(nobody).toMatchObject({
      status: 401,
      body: { error_code: "UNAUTHENTICATED", message: "The API token is unknown." },
    });
  });

  test("below /p/<project> a token of all projects works where its owner is a member, and one of a project only in its own", async () => {
    const own = await createOwnToken(people.alice, { name: "mine", scopes: ["tracking:read", "tracking:write"] });
    const everywhere = (await actorOfToken(own.secret))!;
    const path = (slug: string) => `/p/${slug}/api/2.0/mlflow/experiments/get?experiment_id=0`;
    const { slug } = people.project;
    for (const actor of [everywhere, alice])
      expect(at(await send(actor, "GET", path(slug)), "experiment.name")).toBe("Default");
    const made = await send(everywhere, "POST", `/p/${slug}/ajax-api/3.0/mlflow/runs/create`, { experiment_id: "0" });
    const run = at<string>(made, "run.info.run_id");
    expect((await get(`runs/get?run_id=${run}`)).status).toBe(200);
    for (const actor of [everywhere, alice, people.alice])
      expect(await send(actor, "GET", path(people.other.slug))).toMatchObject({
        status: 404,
        body: { error_code: "RESOURCE_DOES_NOT_EXIST", message: expect.stringContaining(people.other.slug) },
      });
    await expect(createOwnToken(people.alice, { name: "more", scopes: ["governance:decide"] })).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(createOwnToken(everywhere, { name: "child", scopes: ["tracking:read"] })).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  test("a token without the scope is denied, with the scope's name", async () => {
    const reader: Actor = { ...alice, token: { ...alice.token!, scopes: ["tracking:read"] } };
    const denied = await post("runs/create", { experiment_id: "0" }, reader);
    expect(denied).toMatchObject({
      status: 403,
      body: {
        error_code: "PERMISSION_DENIED",
        message: "The token lacks the scope tracking:write.",
        sqlstate: "KAM00",
        error_class: "PERMISSION_DENIED",
      },
    });
  });

  test("another project's run, model and file are not there", async () => {
    const theirs = await newRun(eve);
    expect(await get(`runs/get?run_id=${theirs}`)).toMatchObject({
      status: 404,
      body: { error_code: "RESOURCE_DOES_NOT_EXIST", message: `Run with id=${theirs} not found` },
    });
    expect((await post("runs/log-metric", { run_id: theirs, key: "a", value: 1, timestamp: 1 })).status).toBe(404);
    const put = await send(alice, "PUT", `/api/2.0/mlflow-artifacts/artifacts/0/${theirs}/artifacts/x`, "x");
    expect(put.status).toBe(404);
    await send(eve, "PUT", `/api/2.0/mlflow-artifacts/artifacts/0/${theirs}/artifacts/x`, "x");
    expect((await send(alice, "GET", `/api/2.0/mlflow-artifacts/artifacts/0/${theirs}/artifacts/x`)).status).toBe(404);
    const model = at<string>(
      await post("logged-models", { experiment_id: "0", name: "m" }, eve),
      "model.info.model_id",
    );
    expect((await get(`logged-models/${model}`)).status).toBe(404);
  });
});

describe("messages", () => {
  test("a run as the client reads it: numbers are numbers, what is not set is left out", async () => {
    const runId = await newRun();
    await post("runs/log-batch", {
      run_id: runId,
      metrics: [
        { key: "loss", value: "NaN", timestamp: 7, step: 2 },
        { key: "top", value: "-Infinity", timestamp: "8" },
      ],
      params: [{ key: "lr", value: "0.1" }],
      tags: [{ key: "t" }],
    });
    const run = await get(`runs/get?run_uuid=${runId}`);
    expect(at(run, "run.info")).toEqual({
      run_id: runId,
      run_uuid: runId,
      run_name: expect.any(String),
      experiment_id: "0",
      user_id: "",
      status: "RUNNING",
      start_time: 5,
      artifact_uri: `mlflow-artifacts:/0/${runId}/artifacts`,
      lifecycle_stage: "active",
    });
    expect(at(run, "run.data.metrics")).toEqual([
      { key: "loss", value: "NaN", timestamp: 7, step: 2 },
      { key: "top", value: -Number.MAX_VALUE, timestamp: 8, step: 0 },
    ]);
    expect(at(run, "run.data.tags")).toContainEqual({ key: "t", value: "" });
    expect(at(run, "run.inputs")).toEqual({});
  });

  test("camelCase names, numbers as text, unknown fields and JSON in JSON are understood", async () => {
    const made = await post("runs/create", { experimentId: "0", startTime: "12", surprise: { a: 1 } });
    expect(at(made, "run.info.start_time")).toBe(12);
    const twice = await send(
      alice,
      "POST",
      "/api/2.0/mlflow/runs/create",
      JSON.stringify(JSON.stringify({ start_time: 3 })),
      { "content-type": "application/json" },
    );
    expect(at(twice, "run.info.start_time")).toBe(3);
    const status = await post("runs/update", { run_id: at(made, "run.info.run_id"), status: 3, end_time: 99 });
    expect(at(status, "run_info")).toMatchObject({ status: "FINISHED", end_time: 99 });
  });

  test.each([
    [
      "runs/log-metric",
      { run_id: "x", value: 1, timestamp: 1 },
      "Missing value for required parameter 'key'. See the API docs for more information about request parameters.",
    ],
    [
      "runs/log-metric",
      { run_id: "x", key: "k", value: "high", timestamp: 1 },
      "Invalid value \"high\" for parameter 'value' supplied:  Hint: Value was of type 'str'. See the API docs",
    ],
    [
      "runs/log-metric",
      { run_id: "x", key: "k", value: 1, timestamp: 1.5 },
      "Invalid value 1.5 for parameter 'timestamp' supplied:  Hint: Value was of type 'float'.",
    ],
    [
      "runs/log-batch",
      { run_id: "x", metrics: [{ key: "k", timestamp: 1 }] },
      "Missing value for required parameter 'metrics[0].value'.",
    ],
    [
      "runs/log-batch",
      { run_id: "x", tags: { a: 1 } },
      "Invalid value {\"a\":1} for parameter 'tags' supplied:  Hint: Value was of type 'dict'.",
    ],
    ["runs/log-parameter", { run_id: "x", key: "a\u0000b", value: "1" }, "NUL"],
    ["runs/update", { run_id: "x", status: "DONE" }, "Invalid value \"DONE\" for parameter 'status' supplied."],
    ["runs/search", { experiment_ids: ["one"] }, "Invalid experiment ID 'one'. Experiment ID must be a valid integer."],
    [
      "runs/search",
      { experiment_ids: ["0"], max_results: 50_001 },
      "Invalid value 50001 for parameter 'max_results' supplied",
    ],
    ["experiments/search", {}, "Invalid value for max_results. It must be a positive integer, but got 0"],
    ["experiments/create", {}, "Missing value for required parameter 'name'."],
  ])("%s %j is refused in MLflow's words", async (path, body, words) => {
    const answer = await post(path, body);
    expect(answer).toMatchObject({
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE", message: expect.stringContaining(words) },
    });
  });

  test("a body that is no JSON, or is not called so, is the caller's mistake", async () => {
    const json = { "content-type": "application/json" };
    expect(await send(alice, "POST", "/api/2.0/mlflow/runs/create", "{", json)).toMatchObject({ status: 400 });
    expect(await send(alice, "POST", "/api/2.0/mlflow/runs/create", "[]", json)).toMatchObject({ status: 400 });
    const form = await send(alice, "POST", "/api/2.0/mlflow/runs/create", "a=b", { "content-type": "text/plain" });
    expect(at(form, "message")).toBe("Bad Request. Content-Type must be one of ['application/json'].");
  });

  test("what MLflow has and Touchstone has not is 501; what nobody has is 404", async () => {
    for (const [method, path] of [
      ["GET", "/api/3.0/mlflow/gateway/endpoints/list"],
      ["POST", "/ajax-api/3.0/mlflow/prompt-optimization/jobs"],
      ["POST", "/api/3.0/mlflow/datasets/create"],
      ["POST", "/api/3.0/mlflow/traces"],
      ["GET", "/api/3.0/mlflow/scorers/list"],
    ] as const)
      expect(await send(alice, method, path, method === "POST" ? {} : undefined)).toMatchObject({
        status: 501,
        body: { error_code: "NOT_IMPLEMENTED" },
      });
    expect(await get("nothing/here")).toMatchObject({ status: 404, body: { error_code: "ENDPOINT_NOT_FOUND" } });
    expect(await get("runs/create")).toMatchObject({ status: 404, body: { error_code: "ENDPOINT_NOT_FOUND" } });
    expect(await send(alice, "GET", "/api/3.0/mlflow/server-info")).toMatchObject({
      status: 200,
      body: { workspaces_enabled: false },
    });
  });
});

describe("metrics", () => {
  test("history with and without a page size, and thinned out for several runs", async () => {
    const [one, two] = [await newRun(), await newRun()];
    for (const run_id of [one, two])
      await post("runs/log-batch", {
        run_id,
        metrics: Array.from({ length: 900 }, (_, i) => ({ key: "m", value: i, timestamp: i, step: i })),
      });
    expect(at(await get(`metrics/get-history?run_id=${one}&metric_key=m`), "metrics")).toHaveLength(900);
    const page = await get(`metrics/get-history?run_id=${one}&metric_key=m&max_results=300`);
    expect(at(page, "metrics")).toHaveLength(300);
    expect(at(page, "next_page_token")).toEqual(expect.any(String));
    expect((await get(`metrics/get-history?run_id=${one}&metric_key=m&max_results=0`)).status).toBe(400);
    const bulk = await get(
      `metrics/get-history-bulk-interval?run_ids=${one}&run_ids=${two}&metric_key=m&max_results=50`,
    );
    const ofOne = at<Point[]>(bulk, "metrics").filter((m) => m.run_id === one);
    expect(ofOne.length).toBeLessThanOrEqual(50);
    expect([ofOne[0]?.step, ofOne.at(-1)?.step]).toEqual([0, 899]);
    const part = await get(`metrics/get-history-bulk-interval?run_ids=${one}&metric_key=m&start_step=10&end_step=12`);
    expect(at<Point[]>(part, "metrics").map((m) => m.step)).toEqual([10, 11, 12]);
    expect(
      at(await get(`metrics/get-history-bulk-interval?run_ids=${one}&metric_key=m&start_step=10`), "message"),
    ).toContain("both must be specified");
  });
});

describe("files", () => {
  test("bytes come back as they went, whole, in part, listed, deleted", async () => {
    const run = await newRun();
    const bytes = randomBytes(3_000_000);
    const folder = `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts`;
    expect((await send(alice, "PUT", `${folder}/a%20b/%C3%BC.bin`, bytes)).body).toEqual({});
    const request = new Request(`http://localhost${folder}/a%20b/%C3%BC.bin`);
    const response = await answerMlflow(request, { requestId: "r", actorOf: async () => alice });
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    const part = await send(alice, "GET", `${folder}/a%20b/%C3%BC.bin`, undefined, { range: "bytes=0-3" });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 0-3/3000000"]);
    const listed = await send(alice, "GET", `/api/2.0/mlflow-artifacts/artifacts?path=0/${run}/artifacts/a%20b`);
    expect(listed.body).toEqual({ files: [{ path: "ü.bin", is_dir: false, file_size: 3_000_000 }] });
    expect((await get(`artifacts/list?run_id=${run}`)).body).toEqual({
      root_uri: `mlflow-artifacts:/0/${run}/artifacts`,
      files: [{ path: "a b", is_dir: true }],
    });
    await send(alice, "DELETE", `${folder}/a%20b`);
    expect(at(await get(`artifacts/list?run_id=${run}`), "files")).toBeUndefined();
  });

  test.each([
    "0/%RUN%/artifacts/../../secret",
    "0/%RUN%/artifacts/..%2f..%2fx",
    "..%2f..%2fetc/passwd",
    "0/%RUN%/artifacts/%00",
  ])("the path %s leads nowhere", async (path) => {
    const run = await newRun();
    const answer = await send(alice, "PUT", `/api/2.0/mlflow-artifacts/artifacts/${path.replace("%RUN%", run)}`, "x");
    expect([400, 404]).toContain(answer.status);
    expect(await prisma().artifact.count({ where: { root: { contains: run } } })).toBe(0);
  });

  test("an upload that was cut off is refused and leaves nothing", async () => {
    const run = await newRun();
    const cut = await send(alice, "PUT", `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/x`, "abc", {
      "content-length": "10",
    });
    expect(cut).toMatchObject({ status: 400, body: { message: "3 of 10 announced bytes arrived." } });
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from("abc"));
        controller.error(new Error("connection reset"));
      },
    });
    const request = new Request(`http://localhost/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/y`, {
      method: "PUT",
      body,
      duplex: "half",
    } as RequestInit);
    const broken = await answerMlflow(request, { requestId: "r", actorOf: async () => alice });
    expect(broken.status).toBe(500);
    expect(at(await get(`artifacts/list?run_id=${run}&path=y`), "files")).toBeUndefined();
    expect(await prisma().artifact.count({ where: { root: `0/${run}`, path: "y" } })).toBe(0);
  });
});

describe("registry", () => {
  test("a free alias is set by any client, a protected one by none", async () => {
    await post("registered-models/create", { name: "m" });
    const run = await newRun();
    const version = await post("model-versions/create", { name: "m", source: `runs:/${run}/model`, run_id: run });
    expect(at(version, "model_version")).toMatchObject({
      version: "1",
      status: "READY",
      current_stage: "None",
      run_id: run,
    });
    expect((await post("registered-models/alias", { name: "m", alias: "trial", version: "1" })).status).toBe(200);
    expect(at(await get("registered-models/alias?name=m&alias=trial"), "model_version.aliases")).toEqual(["trial"]);
    const alias = (name: string) => post("registered-models/alias", { name: "m", alias: name, version: "1" });
    const production = () => post("model-versions/transition-stage", { name: "m", version: "1", stage: "Production" });
    for (const ask of [() => alias("champion"), () => alias("challenger"), production]) {
      const denied = await ask();
      expect(denied).toMatchObject({ status: 403, body: { error_code: "PERMISSION_DENIED" } });
      expect(at(denied, "message")).toContain(
        `it moves only by an approved promotion. Request one at http://localhost:3000/p/${people.project.slug}/models/m/1`,
      );
    }
    expect(await get("registered-models/alias?name=m&alias=champion")).toMatchObject({
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE", message: "Registered model alias champion not found." },
    });
    expect((await send(eve, "GET", "/api/2.0/mlflow/registered-models/get?name=m")).status).toBe(404);
  });

  test("search as prompts are told apart", async () => {
    await post("registered-models/create", {
      name: "prompt",
      tags: [{ key: "mlflow.prompt.is_prompt", value: "true" }],
    });
    const names = async (filter: string) => {
      const found = await get(`registered-models/search?filter=${encodeURIComponent(filter)}&max_results=100`);
      return (at<{ name: string }[] | undefined>(found, "registered_models") ?? []).map((m) => m.name);
    };
    expect(await names("tag.`mlflow.prompt.is_prompt` != 'true'")).not.toContain("prompt");
    expect(await names("name LIKE 'pr%' AND tags.`mlflow.prompt.is_prompt` = 'true'")).toEqual(["prompt"]);
  });
});
