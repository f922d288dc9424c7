import { once } from "node:events";
import { createServer, request as send, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createToken } from "#server/identity/index.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import type { PackedSeriesDto } from "#server/tracking/contract.ts";
import { answerDirect, isDirect } from "./direct.ts";
import { metricHistories } from "./metric-histories.ts";
import { mlflow } from "./mlflow.ts";

testDatabase();

let server: Server;
let authorization: string;
let project: string;
beforeAll(async () => {
  const people = await somePeople();
  const { alice } = people;
  project = people.project.slug;
  const scopes = ["tracking:read", "tracking:write"] as const;
  authorization = `Bearer ${(await createToken(alice, people.project.id, { name: "t", scopes: [...scopes] })).secret}`;
  server = createServer((incoming, outgoing) => void answerDirect(incoming, outgoing)).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());

interface Options {
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
  /** Sends the body in pieces of no stated length. */
  readonly chunked?: boolean;
}

async function ask(method: string, path: string, { body, headers, chunked }: Options = {}) {
  const { port } = server.address() as AddressInfo;
  const all = { authorization, "content-type": "application/json", ...headers };
  const stated = body === undefined || chunked ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const outgoing = send({ port, host: "127.0.0.1", method, path, headers: { ...all, ...stated } });
  if (chunked && body) for (let at = 0; at < body.length; at += 100_000) outgoing.write(body.slice(at, at + 100_000));
  outgoing.end(chunked ? undefined : body);
  const [response] = (await once(outgoing, "response")) as [import("node:http").IncomingMessage];
  const bytes = Buffer.concat(await response.toArray());
  return { status: response.statusCode, headers: response.headers, bytes, text: bytes.toString() };
}

const CREATE = "/api/2.0/mlflow/runs/create";
const run = async (tags: { key: string; value: string }[] = []): Promise<string> => {
  const { text } = await ask("POST", CREATE, { body: JSON.stringify({ experiment_id: "0", tags }) });
  return (JSON.parse(text) as { run: { info: { run_id: string } } }).run.info.run_id;
};

it("takes the addresses of the MLflow API and of metric histories, and no other", () => {
  for (const method of ["GET", "POST"])
    expect(isDirect({ method, url: "/api/v1/projects/x/runs/metrics?a=/" })).toBe(true);
  expect(isDirect({ method: "DELETE", url: "/api/v1/projects/x/runs/metrics" })).toBe(false);
  for (const url of [CREATE, "/ajax-api/3.0/mlflow/runs/search", "/p/x/api/2.0/mlflow-artifacts/artifacts/0/a?b=/"])
    expect(isDirect({ method: "GET", url }), url).toBe(true);
  for (const url of [
    "/",
    "/version",
    "/api/v1/projects/mlflow/runs",
    "/api/v1/projects/x/runs/metrics-of",
    "/api/v1/projects/%zz/runs/metrics",
    "/api/v1/projects/%ff/runs/metrics",
    "/api/v1/projects/x/y/runs/metrics",
    "/p/x/experiments",
    "/x/api/2.0/mlflow/y",
    undefined,
  ])
    expect(isDirect({ method: "GET", url }), url).toBe(false);
});

it.each([
  ["GET", "/api/2.0/mlflow/runs/get?run_id=none", undefined],
  ["GET", "/api/2.0/mlflow/nothing", undefined],
  ["POST", "/api/2.0/mlflow/runs/create", "{not json"],
  ["POST", "/api/2.0/mlflow/traces", "{}"],
  ["POST", "/p/elsewhere/api/2.0/mlflow/runs/search", '{"experiment_ids":["0"]}'],
  ["GET", "/api/2.0/mlflow/experiments/get?experiment_id=0", undefined],
])("answers %s %s as the route does", async (method, path, body) => {
  const headers = { authorization, "content-type": "application/json", "x-request-id": "the-same-request" };
  const direct = await ask(method, path, { ...(body && { body }), headers });
  const routed = await mlflow(new Request(`http://localhost${path}`, { method, headers, ...(body && { body }) }));
  expect({ status: direct.status, text: direct.text }).toEqual({ status: routed.status, text: await routed.text() });
  for (const [name, value] of routed.headers) expect(direct.headers[name], name).toBe(value);
});

it("answers for histories of metrics as the route does, compressed for who takes it so", async () => {
  const id = await run();
  const metrics = Array.from({ length: 1500 }, (_, i) => ({
    key: "loss",
    value: Math.sin(i),
    timestamp: 1_700_000_000_000 + i,
    step: i,
  }));
  for (const some of [metrics.slice(0, 1000), metrics.slice(1000)]) {
    const log = { body: JSON.stringify({ run_id: id, metrics: some }) };
    expect((await ask("POST", "/api/2.0/mlflow/runs/log-batch", log)).status).toBe(200);
  }
  const path = `/api/v1/projects/${project}/runs/metrics`;
  const body = JSON.stringify({ runIds: [id], keys: ["loss"], points: 1500 });
  const headers = { authorization, "content-type": "application/json" };
  const params = Promise.resolve({ project });
  const routed = await metricHistories(new Request(`http://localhost${path}`, { method: "POST", headers, body }), {
    params,
  });
  const text = await routed.text();
  const [series, ...others] = JSON.parse(text) as PackedSeriesDto[];
  expect(others).toEqual([]);
  expect(series).toMatchObject({ runId: id, key: "loss", total: 1500 });
  const bytes = Buffer.from(series?.packed ?? "", "base64");
  expect(Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleBE(i * 8))).toEqual([
    ...metrics.map(({ step }) => step),
    ...metrics.map(({ timestamp }) => timestamp),
    ...metrics.map(({ value }) => value),
  ]);
  const asked = `${path}?runs=${id}&key=loss&points=1500`;
  expect((await ask("POST", path, { body })).text).toBe(text);
  expect((await ask("GET", asked)).text).toBe(text);
  const small = await ask("GET", asked, { headers: { "accept-encoding": "gzip, deflate, br, zstd" } });
  expect(small.headers).toMatchObject({ "content-encoding": "zstd", "cache-control": "private, no-cache" });
  expect(zstdDecompressSync(small.bytes).toString()).toBe(text);
});

it("sends histories again only when a point of them has come, and to nobody who may not read them", async () => {
  const [id, other] = [await run(), await run()];
  const log = async (runId: string, key: string, step: number) => {
    const metrics = [{ key, value: step / 2, timestamp: 1_700_000_000_000, step }];
    const { status } = await ask("POST", "/api/2.0/mlflow/runs/log-batch", {
      body: JSON.stringify({ run_id: runId, metrics }),
    });
    expect(status).toBe(200);
  };
  await log(id, "loss", 1);
  const asked = `/api/v1/projects/${project}/runs/metrics?runs=${id}&key=loss&points=200`;
  const first = await ask("GET", asked);
  const known = { "if-none-match": String(first.headers.etag) };
  const again = () => ask("GET", asked, { headers: known });
  expect(await again()).toMatchObject({ status: 304, text: "", headers: { etag: first.headers.etag } });
  await log(id, "accuracy", 1);
  await log(other, "loss", 1);
  expect((await again()).status).toBe(304);
  for (const wrong of ["", 'W/"1-other"', "nonsense", "*"])
    expect((await ask("GET", asked, { headers: { "if-none-match": wrong } })).text, wrong).toBe(first.text);
  expect((await ask("GET", asked, { headers: { ...known, authorization: "" } })).status).toBe(401);
  expect((await ask("GET", asked.replace(project, "elsewhere"), { headers: known })).status).toBe(404);

  await log(id, "loss", 2);
  const grown = await again();
  expect([grown.status, (JSON.parse(grown.text) as PackedSeriesDto[])[0]?.total]).toEqual([200, 2]);
  expect(grown.headers.etag).not.toBe(first.headers.etag);
  const finished = { body: JSON.stringify({ run_id: id, status: "FINISHED" }) };
  expect((await ask("POST", "/api/2.0/mlflow/runs/update", finished)).status).toBe(200);
  // What was loose points is a chunk now: the same history from somewhere else.
  expect((await ask("GET", asked)).text).toBe(grown.text);
});

it("answers a mistake about histories of metrics with problem details", async () => {
  const unknown = await ask("GET", `/api/v1/projects/${project}/runs/metrics?runs=none&key=loss`);
  expect(unknown.status).toBe(404);
  expect(unknown.headers["content-type"]).toBe("application/problem+json");
  expect((await ask("GET", "/api/v1/projects/elsewhere/runs/metrics?runs=none")).status).toBe(404);
  const stranger = await ask("GET", `/api/v1/projects/${project}/runs/metrics`, { headers: { authorization: "" } });
  expect([stranger.status, JSON.parse(stranger.text)]).toMatchObject([401, { code: "unauthenticated" }]);
});

it("refuses whoever sends no token or a wrong one", async () => {
  for (const wrong of ["", "Bearer tst_wrong"]) {
    const { status, text } = await ask("POST", CREATE, { body: "{}", headers: { authorization: wrong } });
    expect(status).toBe(401);
    expect(JSON.parse(text)).toMatchObject({ error_code: "UNAUTHENTICATED" });
  }
});

it("answers what cannot be read, and takes any Host", async () => {
  const { status, text } = await ask("TRACE", CREATE);
  expect([status, JSON.parse(text)]).toMatchObject([400, { error_code: "BAD_REQUEST" }]);
  const found = await ask("GET", "/api/2.0/mlflow/experiments/get?experiment_id=0", { headers: { host: "a b:[" } });
  expect(found.status).toBe(200);
});

it("compresses a long answer for who takes it so, and no other", async () => {
  await run(Array.from({ length: 60 }, (_, i) => ({ key: `long-${i}`, value: "x".repeat(1000) })));
  const search = { body: JSON.stringify({ experiment_ids: ["0"] }) };
  const path = "/api/2.0/mlflow/runs/search";
  const plain = await ask("POST", path, search);
  const small = await ask("POST", path, { ...search, headers: { "accept-encoding": "gzip, deflate" } });
  expect(plain.headers["content-encoding"]).toBeUndefined();
  expect(small.headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
  expect(gunzipSync(small.bytes).toString()).toBe(plain.text);
  const short = await ask("GET", "/api/2.0/mlflow/experiments/get?experiment_id=0", {
    headers: { "accept-encoding": "gzip" },
  });
  expect(short.headers["content-encoding"]).toBeUndefined();
});

it.each([false, true])("carries files both ways, in pieces of unknown length too (%s)", async (chunked) => {
  const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7) % 251));
  const path = `/api/2.0/mlflow-artifacts/artifacts/0/${await run()}/artifacts/model.bin`;
  const kind = { "content-type": "application/octet-stream" };
  expect((await ask("PUT", path, { body: content, headers: kind, chunked })).status).toBe(200);
  const got = await ask("GET", path);
  expect(got.bytes.equals(content)).toBe(true);
  expect(got.headers["content-type"]).not.toContain("json");
  const head = await ask("HEAD", path);
  expect(head.bytes).toHaveLength(0);
});

it("goes on when a caller leaves in the middle of a body", async () => {
  const { port } = server.address() as AddressInfo;
  const headers = { authorization, "content-type": "application/json", "content-length": "900000" };
  const outgoing = send({ port, host: "127.0.0.1", method: "POST", path: CREATE, headers });
  outgoing.on("error", () => undefined);
  outgoing.write('{"experiment_id"');
  await new Promise((resolve) => setTimeout(resolve, 50));
  outgoing.destroy();
  expect(await run()).toMatch(/^[0-9a-f]{32}$/);
});
