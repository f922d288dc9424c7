import { parseArgs } from "node:util";
import { Connection, quantile } from "./tracking-client.ts";

// Clients that log as fast as they are answered, each into a run of its own: batches of 1,000 values of ten metrics over a hundred steps. Prints one line
// of JSON. A process of its own, so that it is not measured with the server.
const { values } = parseArgs({
  options: {
    port: { type: "string" },
    token: { type: "string", default: "" },
    clients: { type: "string", default: "20" },
    points: { type: "string" },
    experiment: { type: "string", default: "0" },
  },
});
const port = Number(values.port);
const clients = Number(values.clients);
const batches = Math.ceil(Number(values.points) / 1000);

const KEYS = 10;
const STEPS = 100;
const latencies: number[] = [];
let errors = 0;
let sent = 0;

function batch(runId: string, from: number): string {
  const metrics: string[] = [];
  for (let step = from; step < from + STEPS; step += 1)
    for (let key = 0; key < KEYS; key += 1)
      metrics.push(
        `{"key":"metric-${key}","value":${(step * 7919 + key) % 10007}.25,"timestamp":${1_700_000_000_000 + step},"step":${step}}`,
      );
  return `{"run_id":"${runId}","metrics":[${metrics.join(",")}]}`;
}

async function client(number: number): Promise<string> {
  const connection = new Connection(port, values.token);
  const created = await connection.call(
    "POST",
    "/api/2.0/mlflow/runs/create",
    `{"experiment_id":"${values.experiment}"}`,
  );
  const runId = (JSON.parse(created.body) as { run: { info: { run_id: string } } }).run.info.run_id;
  for (let i = number, step = 0; i < batches; i += clients, step += STEPS) {
    try {
      const { milliseconds } = await connection.call("POST", "/api/2.0/mlflow/runs/log-batch", batch(runId, step));
      latencies.push(milliseconds);
      sent += 1;
    } catch (error) {
      errors += 1;
      process.stderr.write(`${String(error)}\n`);
    }
  }
  connection.close();
  return runId;
}

const started = performance.now();
const runs = await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
const seconds = (performance.now() - started) / 1000;
process.stdout.write(
  `${JSON.stringify({ points: sent * KEYS * STEPS, seconds, errors, p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95), runs })}\n`,
);
