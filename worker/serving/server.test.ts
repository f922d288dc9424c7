import type { Access } from "#server/serving/contract.ts";
import { request } from "node:http";
import { connect } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { latencyQuantile } from "#server/kernel/statistics/latency-histogram.ts";
import { columnsInputs, fixtureEntry } from "./testing/fixture.ts";
import { forestFile } from "../runtimes/onnx/forest/testing/flat-forest.ts";
import { forestEntry } from "./testing/forest.ts";
import { sendTogether, serve, type TestServing } from "./testing/serve.ts";

let serving: TestServing;
beforeAll(async () => {
  serving = await serve({
    columns: fixtureEntry("columns"),
    lookup: fixtureEntry("lookup"),
    price: fixtureEntry("regression"),
  });
});
afterAll(() => serving.stop());

describe("the routes of the protocol", () => {
  it("describe server, health and model", async () => {
    expect((await serving.call("/v2")).body).toMatchObject({
      name: "touchstone",
      version: "1.2.3",
      extensions: expect.any(Array),
    });
    expect(await serving.call("/v2/health/live")).toMatchObject({ status: 200, body: { live: true } });
    expect(await serving.call("/v2/health/ready")).toMatchObject({ status: 200, body: { ready: true } });
    expect((await serving.call("/v2/models/columns")).body).toEqual({
      name: "columns",
      versions: ["3"],
      platform: "onnx_onnxv1",
      inputs: [
        { name: "size", datatype: "FP32", shape: [-1, 1] },
        { name: "count", datatype: "INT64", shape: [-1, 1] },
        { name: "flag", datatype: "BOOL", shape: [-1, 1] },
        { name: "city", datatype: "BYTES", shape: [-1, 1] },
      ],
      outputs: [
        { name: "label", datatype: "BYTES", shape: [-1] },
        { name: "probabilities", datatype: "FP32", shape: [-1, 2] },
      ],
    });
    expect((await serving.call("/v2/models/columns/versions/3")).status).toBe(200);
    expect((await serving.call("/v2/models/columns/versions/3/ready")).body).toEqual({ name: "columns", ready: true });
  });

  it("are not ready before the first plan, and tell callers to come again rather than that there is no endpoint", async () => {
    const { startServing } = await import("./server.ts");
    const { Registry } = await import("prom-client");
    const { log } = await import("#server/platform/log.ts");
    const nothing = () => Promise.reject(new Error("not called"));
    let access: Access = "allowed";
    const fresh = await startServing({
      host: "127.0.0.1",
      port: 0,
      publicUrl: "",
      version: "1",
      log,
      metrics: new Registry(),
      whyNotApproved: () => null,
      // As a token is judged for an endpoint that nobody knows.
      authenticate: () => access,
      admitRequest: () => null,
      admitRows: () => null,
      logPrediction: () => undefined,
      logShadow: () => undefined,
      logError: () => undefined,
      recordOutcomes: nothing,
      flushStats: nothing,
    });
    const ask = async () => {
      const url = `http://127.0.0.1:${fresh.port}/v2/models/columns/predict`;
      const { status, headers } = await fetch(url, { method: "POST", body: "{}" });
      return [status, headers.get("retry-after")];
    };
    for (access of ["hidden", "allowed"] as const) expect(await ask()).toEqual([503, "1"]);
    access = "unauthenticated";
    expect(await ask()).toEqual([401, null]);
    access = "hidden";
    const ready = await fetch(`http://127.0.0.1:${fresh.port}/v2/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false }]);
    await fresh.applyPlan(new Map());
    expect((await fetch(`http://127.0.0.1:${fresh.port}/v2/health/ready`)).status).toBe(200);
    expect(await ask()).toEqual([404, null]);
    await fresh.stop();
  });

  it("cannot be served twice on one port, which is said in one line", async () => {
    const twice = serve({}, { port: serving.port });
    await expect(twice).rejects.toMatchObject({ code: "unavailable", message: `Port ${serving.port} is taken.` });
  });

  it("answer what does not exist with a sentence", async () => {
    const wrongs: [string, number, string][] = [
      ["/v2/modelz", 404, "There is nothing at /v2/modelz."],
      ["/v2/models/none", 404, "no live endpoint named 'none'"],
      ["/v2/models/columns/versions/9", 404, "Version 9 of 'columns' is not live; version 3 is."],
      ["/v2/models/%E0%A4%A", 400, "percent-encoded"],
      ["/v2/models/columns/infer", 405, "takes POST, not GET"],
    ];
    for (const [route, status, error] of wrongs) {
      const answer = await serving.call(route);
      expect(answer.status).toBe(status);
      expect(answer.body.error).toContain(error);
    }
    const { status, headers } = await serving.call("/v2/models/columns", {}, { method: "DELETE" });
    expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});

describe("requests", () => {
  const INFER = "/v2/models/columns/infer";
  const good = { inputs: columnsInputs() };

  it("carry an id from end to end", async () => {
    const { headers } = await serving.call(INFER, good, { headers: { "x-request-id": "abc-1" } });
    expect(headers.get("x-request-id")).toBe("abc-1");
    const made = await serving.call(INFER, good, { headers: { "x-request-id": "bad id\u00e9" } });
    expect(made.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    await expect.poll(() => serving.predictions.some((p) => p.requestId === "abc-1")).toBe(true);
  });

  it("are taken whatever they call themselves, and refused by encoding and by size", async () => {
    const typed = (headers: Record<string, string>) => serving.call(INFER, good, { headers });
    for (const type of ["application/octet-stream", "text/plain", "application/json; charset=utf-8", "text/csv"])
      expect((await typed({ "content-type": type })).status, type).toBe(200);
    const whole = { "inference-header-content-length": String(JSON.stringify(good).length) };
    expect((await typed(whole)).status, "JSON alone, said in the words of the binary extension").toBe(200);
    expect((await typed({ "content-encoding": "gzip" })).status).toBe(415);
    const large = await serving.call(INFER, `{"id":"${"x".repeat(8 * 1024 * 1024)}"}`);
    expect(large).toMatchObject({ status: 413, body: { error: expect.stringContaining("larger than 8388608 bytes") } });
  });

  it("are cut off when more comes than was said", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${serving.url}${INFER}`, {
        method: "POST",
        headers: { authorization: "Bearer good", "content-type": "application/json" },
      });
      sent.on("response", (response) => resolve(response.statusCode));
      sent.on("error", reject);
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      for (let i = 0; i < 9; i += 1) sent.write(chunk);
    });
    expect(status).toBe(413);
  });

  it("that end in the middle harm nobody", async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(serving.port, "127.0.0.1", () => {
        socket.write(`POST ${INFER} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"inputs"`);
        setTimeout(() => socket.destroy(), 50);
      });
      socket.on("close", () => resolve());
    });
    expect((await serving.call(INFER, good)).status).toBe(200);
  });
});

describe("access", () => {
  it("is asked for every model route, and tells bad tokens from wrong names", async () => {
    const asked: (string | null)[] = [];
    const guarded = await serve(
      { columns: fixtureEntry("columns") },
      {
        authenticate: (token, act, target) => {
          asked.push(`${act} ${target?.endpoint ?? null}`);
          const access =
            token === "good"
              ? "allowed"
              : token === "poor"
                ? "forbidden"
                : token === "foreign"
                  ? "hidden"
                  : "unauthenticated";
          return act === "outcome" ? Promise.resolve(access) : access;
        },
      },
    );
    const paths = [
      "/v2/models/columns",
      "/v2/models/columns/ready",
      "/v2/models/columns/openapi.json",
      "/v2/models/columns/infer",
      "/v2/models/columns/outcomes",
    ];
    for (const [token, status] of [
      ["", 401],
      ["poor", 403],
      ["foreign", 404],
    ] as const) {
      for (const route of paths) {
        const body = route.endsWith("infer")
          ? { inputs: columnsInputs() }
          : route.endsWith("outcomes")
            ? { outcomes: [] }
            : undefined;
        const answer = await guarded.call(route, body, { headers: { authorization: `Bearer ${token}` } });
        expect([route, answer.status]).toEqual([route, status]);
        expect(answer.body.error).toBeTypeOf("string");
      }
    }
    const unauthenticated = await guarded.call(paths[0] ?? "", undefined, { headers: { authorization: "" } });
    expect(unauthenticated.headers.get("www-authenticate")).toBe("Bearer");
    expect((await guarded.call("/v2/models/none", undefined, { headers: { authorization: "" } })).status).toBe(401);
    expect((await guarded.call("/v2/models/none")).status).toBe(404);
    expect(new Set(asked)).toEqual(new Set(["predict columns", "outcome columns", "predict null"]));
    expect(guarded.predictions).toEqual([]);
    expect(guarded.outcomes).toEqual([]);
    await guarded.stop();
  });

  it("that cannot be decided is a bland 500 with the request id", async () => {
    const broken = await serve(
      { columns: fixtureEntry("columns") },
      { authenticate: () => Promise.reject(new Error("secret detail")) },
    );
    const { status, body, headers } = await broken.call("/v2/models/columns/infer", { inputs: columnsInputs() });
    expect(status).toBe(500);
    expect(body.error).toContain(headers.get("x-request-id"));
    expect(body.error).not.toContain("secret");
    await broken.stop();
  });
});

describe("what the model cannot compute", () => {
  const ask = (...index: number[]) => ({
    inputs: [{ name: "index", datatype: "INT64", shape: [index.length, 1], data: index }],
  });
  const lookup = (...index: number[]) => serving.call("/v2/models/lookup/infer", ask(...index));

  it("fails its own request and no other in the same run", async () => {
    const bodies = Array.from({ length: 40 }, (_, i) => ask(i % 10 === 3 ? 99 : i % 4));
    const answers = await sendTogether(serving, "/v2/models/lookup/infer", bodies);
    expect(answers).toHaveLength(40);
    answers.forEach(({ status, body }, i) => {
      expect(status).toBe(i % 10 === 3 ? 400 : 200);
      if (status === 200) expect(body.outputs?.[0]?.data).toEqual([[10, 20, 30, 40][i % 4]]);
      else expect(body.error).toContain("The model cannot compute these values");
    });
  });

  it("fails a request of many runs once", async () => {
    const index = Array.from({ length: 500 }, (_, i) => (i === 300 ? 99 : i % 4));
    expect((await lookup(...index)).status).toBe(400);
    expect((await lookup(...index.map((i) => i % 4))).body.outputs?.[0]?.data).toHaveLength(500);
  });
});

describe("too many requests", () => {
  it("are answered 429 with Retry-After, and the others are answered", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "busy-"));
    const file = forestFile(300, 8, 1, { copied: true });
    await writeFile(path.join(folder, "forest.onnx"), file);
    const busy = await serve(
      { forest: forestEntry(path.join(folder, "forest.onnx"), file, 1) },
      { limits: { queuedRows: 200 } },
    );
    const data = new Array(50 * 8).fill(1);
    const answers = await Promise.all(
      Array.from({ length: 40 }, () =>
        busy.call("/v2/models/forest/infer", { inputs: [{ name: "x", datatype: "FP32", shape: [50, 8], data }] }),
      ),
    );
    const refused = answers.filter((a) => a.status === 429);
    const answered = answers.filter((a) => a.status === 200);
    expect(refused.length + answered.length).toBe(40);
    expect(refused.length).toBeGreaterThan(0);
    expect(answered.length).toBeGreaterThanOrEqual(4);
    expect(refused[0]?.headers.get("retry-after")).toBe("1");
    for (const { body } of answered) expect(body.outputs?.[0]?.data).toEqual(new Array(50).fill(300));
    await busy.stop();
    // They may have come in two minutes.
    const counted = (status: number) => busy.stats.reduce((sum, { byStatus }) => sum + (byStatus[status] ?? 0), 0);
    expect([counted(200), counted(429)]).toEqual([answered.length, refused.length]);
    await rm(folder, { recursive: true });
  });
});

describe("outcomes", () => {
  const send = (outcomes: unknown, model = "columns") => serving.call(`/v2/models/${model}/outcomes`, { outcomes });

  it("reach the recorder with label or value and time", async () => {
    serving.outcomes.length = 0;
    const { status, body } = await send([
      { id: "a", label: "yes", observed_at: "2013-07-02" },
      { id: "b:1", label: "no" },
    ]);
    expect([status, body]).toEqual([200, { accepted: 2, unknown: [] }]);
    await send([{ id: "c", value: 1.5 }], "price");
    expect(serving.outcomes).toEqual([
      { predictionId: "a", label: "yes", value: null, observedAt: Date.parse("2013-07-02T00:00:00Z") },
      { predictionId: "b:1", label: "no", value: null, observedAt: null },
      { predictionId: "c", label: null, value: 1.5, observedAt: null },
    ]);
  });

  it("reach it by the key of an entity, with the times that say which prediction is meant", async () => {
    serving.outcomes.length = 0;
    const observed_at = "2013-07-02T08:00:00Z";
    const { status } = await send([
      { entity_key: "N14228", label: "yes", observed_at },
      { entity_key: "N14229", label: "no", observed_at, since: "2013-07-01" },
    ]);
    expect(status).toBe(200);
    const observedAt = Date.parse(observed_at);
    expect(serving.outcomes).toEqual([
      { entityKey: "N14228", label: "yes", value: null, observedAt, since: null },
      { entityKey: "N14229", label: "no", value: null, observedAt, since: Date.parse("2013-07-01T00:00:00Z") },
    ]);
  });

  it("are refused at the exact place, all or none", async () => {
    serving.outcomes.length = 0;
    const wrongs: [unknown, string][] = [
      [undefined, "outcomes: expected a list of 1 to 10000 outcomes, got nothing"],
      [
        [
          { id: "a", label: "yes" },
          { id: "", label: "yes" },
        ],
        "outcomes[1].id: expected the id of a prediction",
      ],
      [[{ id: "a" }], "outcomes[0]: expected either label or value"],
      [[{ id: "a", label: "perhaps" }], 'outcomes[0].label: expected one of "no", "yes", got "perhaps"'],
      [[{ id: "a", value: 1 }], "outcomes[0]: expected label"],
      [[{ id: "a", label: "no", observed_at: "soon" }], "outcomes[0].observed_at: expected an ISO 8601 time"],
      [[{ id: "a", entity_key: "k", label: "no" }], "outcomes[0]: expected either id or entity_key"],
      [[{ id: "a", since: "2013-07-01", label: "no" }], "outcomes[0].since: expected nothing beside id"],
      [[{ entity_key: 7, label: "no", observed_at: "2013-07-02" }], "outcomes[0].entity_key: expected the key"],
      [[{ id: "a\u0000", label: "no" }], "outcomes[0].id: expected an id without control characters"],
      [[{ entity_key: "\u0000", label: "no", observed_at: "2013-07-02" }], "outcomes[0].entity_key: expected the key"],
      [[{ entity_key: "k", label: "no" }], "outcomes[0].observed_at: expected a time, got nothing"],
      [
        [{ entity_key: "k", label: "no", observed_at: "2013-07-02", since: "2013-07-03" }],
        "outcomes[0].since: expected a time before observed_at",
      ],
    ];
    for (const [outcomes, error] of wrongs) {
      const answer = await send(outcomes);
      expect(answer.status).toBe(400);
      expect(answer.body.error).toContain(error);
    }
    // A clock may run a little before ours; what comes true tomorrow was not observed, in no row of a batch.
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
    const tomorrow = at(24 * 60);
    for (const whose of [{ id: "b" }, { entity_key: "k" }]) {
      const late = await send([
        { id: "a", label: "no", observed_at: at(-1) },
        { ...whose, label: "no", observed_at: tomorrow },
      ]);
      expect(late.status).toBe(400);
      expect(late.body.error).toContain(
        `outcomes[1].observed_at: expected a time that has come, got "${tomorrow}"; it is `,
      );
    }
    expect((await send([{ id: "a", label: "x" }], "price")).body.error).toContain("expected value");
    expect(serving.outcomes).toEqual([]);
    expect((await send([{ id: "a", label: "no", observed_at: at(4) }])).status).toBe(200);
  });
});

describe("counts", () => {
  it("are handed out by version with statuses and latencies", async () => {
    const counted = await serve({ columns: fixtureEntry("columns") });
    for (let i = 0; i < 10; i += 1) await counted.call("/v2/models/columns/infer", { inputs: columnsInputs(2) });
    await counted.call("/v2/models/columns/infer", { inputs: [] });
    const text = String((await counted.call("/metrics")).body["text"]);
    expect(text).toContain('touchstone_inference_request_success{endpoint="columns",version="3",arm="champion"} 10');
    expect(text).toContain('touchstone_inference_request_failure{endpoint="columns",version="3",arm="champion"} 1');
    expect(text).toContain('touchstone_inference_count{endpoint="columns",version="3",arm="champion"} 20');
    expect(text).toContain(
      'touchstone_inference_request_duration_seconds_count{endpoint="columns",version="3",arm="champion"} 10',
    );
    await counted.stop();
    const total = (pick: (stats: (typeof counted.stats)[number]) => number) =>
      counted.stats.reduce((sum, s) => sum + pick(s), 0);
    expect(total((s) => s.requests)).toBe(11);
    expect(total((s) => s.byStatus[200] ?? 0)).toBe(10);
    expect(total((s) => s.rows)).toBe(20);
    expect(total((s) => s.executions)).toBe(10);
    expect(total((s) => s.latencyCounts.reduce((a, b) => a + b, 0))).toBe(10);
    const [first] = counted.stats;
    expect(first?.minute).toBe(Math.floor((first?.minute ?? 1) / 60_000) * 60_000);
    expect(latencyQuantile(first?.latencyCounts ?? [], 0.5)).toBeLessThanOrEqual((first?.latencyMaxUs ?? 0) * 1.1);
  });
});
