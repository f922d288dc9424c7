import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Registry } from "prom-client";
import { uuidv7 } from "#server/kernel/ids.ts";
import { readOnnxSignature } from "#server/registry/index.ts";
import { openSession } from "#worker/runtimes/onnx/ort.ts";
import { ArmStats } from "#worker/serving/arm-stats.ts";
import { Batch } from "#worker/serving/batch.ts";
import { compileAnswer } from "#worker/serving/infer-answer.ts";
import { compileReader } from "#worker/serving/infer-request.ts";
import { registerMetrics } from "#worker/serving/metrics.ts";
import { Totals } from "#worker/serving/totals.ts";

// What the product is measured beside: `node serving-target.ts <port> hello` answers a constant; `… each <file.onnx>` runs the model once per request through
// the public API of ONNX Runtime, with the product's own reading, counting and answering, but neither token nor log.
const TOLD = '"arm":"champion","version":"1"';
const [port, kind, file = ""] = process.argv.slice(2);
const answer = kind === "each" ? await runEach(file) : null;

createServer((request, response) => {
  const reply = (json: string) =>
    response
      .writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(json) })
      .end(json);
  if (!answer || request.method === "GET") {
    reply('{"hello":"world"}');
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => void answer(JSON.parse(Buffer.concat(chunks).toString())).then(reply));
}).listen(Number(port), "127.0.0.1");

async function runEach(path: string): Promise<(body: unknown) => Promise<string>> {
  const signature = await readOnnxSignature(path);
  const session = await openSession(readFileSync(path), "public");
  const reader = compileReader(signature);
  const write = compileAnswer("model", 1, signature);
  const meter = registerMetrics(new Registry(), () => []).meterOf("model", 1, "champion");
  const of = { endpoint: "model", endpointId: "", projectId: "", modelVersionId: "", version: 1 };
  const stats = new ArmStats({ ...of, arm: "champion", beside: "" }, { meter, totals: new Totals() });
  const outputs = signature.outputs.map((output) => output.name);
  return async (body) => {
    const started = performance.now();
    const { rows, ...request } = reader.read(body);
    const batch = new Batch(reader.inputs, rows);
    reader.write({ rows, ...request }, batch.data, 0);
    const run = { outputs: await session.run(batch.feeds(0, rows), outputs), rows, ms: 0 };
    const json = write(uuidv7(), rows, outputs, null, [{ run, batch, from: 0, at: 0, rows }], TOLD);
    stats.request(200, rows, (performance.now() - started) * 1000, true);
    return typeof json === "string" ? json : json.json;
  };
}
