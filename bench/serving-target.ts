import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Registry } from "prom-client";
import { uuidv7 } from "#server/kernel/ids.ts";
import { log } from "#server/platform/log.ts";
import { openSession } from "#worker/runtimes/onnx/ort.ts";
import { ArmStats } from "#worker/serving/arm-stats.ts";
import { Batch } from "#worker/serving/batch.ts";
import { compileAnswer } from "#worker/serving/infer-answer.ts";
import { compileReader } from "#worker/serving/infer-request.ts";
import { registerMetrics } from "#worker/serving/metrics.ts";
import { compileRecords } from "#worker/serving/prediction-records.ts";
import { startServing } from "#worker/serving/server.ts";
import { fixtureEntry } from "#worker/serving/testing/fixture.ts";
import { servingPlan } from "#worker/serving/testing/plan.ts";

// One server of the comparison, in a process of its own: `hello` answers a constant, `parse` parses JSON and answers a constant,
// `each` runs the model once per request through the public API, with ids, counts and log like the product, `serving` is the product with its prediction log switched on.
const [kind, fixture] = process.argv.slice(2);
const name = fixture === "columns" ? "columns" : "mlp";
let logged = 0;

async function start(): Promise<number> {
  if (kind === "serving") {
    const serving = await startServing({
      host: "127.0.0.1",
      port: 0,
      publicUrl: "",
      version: "bench",
      log,
      metrics: new Registry(),
      authenticate: (token) => (token === "good" ? "allowed" : "unauthenticated"),
      admitRequest: () => null,
      admitRows: () => null,
      logPrediction: count,
      logShadow: () => undefined,
      logError: () => undefined,
      recordOutcomes: () => Promise.resolve({ accepted: 0, unknown: [] }),
      flushStats: () => Promise.resolve(),
    });
    await serving.applyPlan(servingPlan({ model: fixtureEntry(name) }));
    return serving.port;
  }
  const answer = kind === "each" ? await runEach() : constant;
  const server = createServer((request, response) => {
    const reply = (json: string) =>
      response
        .writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(json) })
        .end(json);
    if (kind === "hello") {
      reply('{"hello":"world"}');
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void answer(JSON.parse(Buffer.concat(chunks).toString())).then(reply));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function count(): void {
  logged += 1;
}

const constant = (_: unknown) => Promise.resolve('{"hello":"world"}');

/** What the product does for a request, ids, counts and log included, but with a run of its own for each. */
async function runEach(): Promise<(body: unknown) => Promise<string>> {
  const entry = fixtureEntry(name);
  const { signature } = entry;
  const session = await openSession(entry.path, "public");
  const reader = compileReader(signature);
  const write = compileAnswer("model", 1, signature);
  const records = compileRecords(entry, 0, { keeps: () => true, redaction: null });
  const meter = registerMetrics(new Registry(), () => []).meterOf("model", 1, "champion");
  const stats = new ArmStats({ ...entry, endpoint: "model", arm: "champion" }, meter);
  const outputs = signature.outputs.map((output) => output.name);
  return async (body) => {
    const started = performance.now();
    const { rows, ...request } = reader.read(body);
    const id = uuidv7();
    const batch = new Batch(reader.inputs, rows);
    reader.write({ rows, ...request }, batch.data, 0);
    const run = { outputs: await session.run(batch.feeds(0, rows), outputs), rows, ms: 0 };
    const pieces = [{ run, batch, from: 0, at: 0, rows }];
    const json = write(id, rows, outputs, null, pieces, '"arm":"champion","version":"1"');
    const latencyUs = (performance.now() - started) * 1000;
    stats.request(200, rows, latencyUs, true);
    const told = { id, requestId: id, rows, receivedAt: Date.now(), eventTimes: null, latencyUs };
    records({ ...told, keys: null, caller: null, routed: true }, pieces, count);
    return typeof json === "string" ? json : json.json;
  };
}

const port = await start();
process.on("message", () => process.send?.({ cpu: process.cpuUsage(), logged }));
process.send?.({ port });
