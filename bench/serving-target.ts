import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Registry } from "prom-client";
import { log } from "#server/platform/log.ts";
import { openSession } from "#worker/runtimes/onnx/ort.ts";
import { Batch } from "#worker/serving/batch.ts";
import { compileAnswer } from "#worker/serving/infer-answer.ts";
import { compileReader } from "#worker/serving/infer-request.ts";
import { startServing } from "#worker/serving/server.ts";
import { fixtureEntry } from "#worker/serving/testing/fixture.ts";

// One server of the comparison, in a process of its own: `hello` answers a constant, `parse` parses JSON and answers a constant,
// `each` runs the model once per request through the public API, `serving` is the product with its prediction log switched on.
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
      logPrediction: () => {
        logged += 1;
      },
      recordOutcomes: () => Promise.resolve({ accepted: 0, unknown: [] }),
      flushStats: () => Promise.resolve(),
    });
    await serving.applyPlan(new Map([["model", fixtureEntry(name)]]));
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

const constant = (_: unknown) => Promise.resolve('{"hello":"world"}');

async function runEach(): Promise<(body: unknown) => Promise<string>> {
  const { signature, path } = fixtureEntry(name);
  const session = await openSession(path, "public");
  const reader = compileReader(signature);
  const write = compileAnswer("model", 1, signature);
  const outputs = signature.outputs.map((output) => output.name);
  return async (body) => {
    const request = reader.read(body);
    const batch = new Batch(reader.inputs, request.rows);
    reader.write(request, batch.data, 0);
    const run = { outputs: await session.run(batch.feeds(0, request.rows), outputs), rows: request.rows };
    return write("id", request.rows, outputs, [{ run, batch, from: 0, at: 0, rows: request.rows }]);
  };
}

const port = await start();
process.on("message", () => process.send?.({ cpu: process.cpuUsage(), logged }));
process.send?.({ port });
