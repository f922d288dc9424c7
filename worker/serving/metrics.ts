import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { LiveModel } from "./live-model.ts";

/** Upper bounds in seconds of the latency shown to Prometheus. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LABELS = ["model", "version"] as const;

/** Tells Prometheus of one request of a version. */
export type Observe = (status: number, rows: number, latencyUs: number) => void;

export interface ServingMetrics {
  readonly observer: (model: string, version: number) => Observe;
  readonly remove: () => void;
}

/** Registers the metrics of a serving process. What is counted anyway is read when Prometheus asks, not on the path of a request. */
export function registerMetrics(registry: Registry, live: () => readonly LiveModel[]): ServingMetrics {
  const registers = [registry];
  const names = {
    requests: "touchstone_serving_requests_total",
    rows: "touchstone_serving_rows_total",
    latency: "touchstone_serving_request_duration_seconds",
    executions: "touchstone_serving_executions_total",
    queue: "touchstone_serving_queue_rows",
  };
  const requests = new Counter({
    name: names.requests,
    help: "Inference requests by HTTP status",
    labelNames: [...LABELS, "code"],
    registers,
  });
  const rows = new Counter({ name: names.rows, help: "Rows answered", labelNames: LABELS, registers });
  const latency = new Histogram({
    name: names.latency,
    help: "Time from a request's headers to its answer, of answered requests",
    labelNames: LABELS,
    buckets: BUCKETS,
    registers,
  });
  new Counter({
    name: names.executions,
    help: "Runs of the model; rows divided by executions is the mean batch",
    labelNames: LABELS,
    registers,
    collect() {
      this.reset();
      for (const { endpoint, entry, stats } of live()) this.inc(labels(endpoint, entry.version), stats.executions);
    },
  });
  new Gauge({
    name: names.queue,
    help: "Rows accepted and not yet answered",
    labelNames: LABELS,
    registers,
    collect() {
      this.reset();
      for (const { endpoint, entry, batcher } of live()) this.set(labels(endpoint, entry.version), batcher.waiting);
    },
  });
  return {
    observer: (model, version) => {
      const mine = labels(model, version);
      const answered = requests.labels({ ...mine, code: "200" });
      const [myRows, myLatency] = [rows.labels(mine), latency.labels(mine)];
      return (status, count, latencyUs) => {
        if (status !== 200) {
          requests.inc({ ...mine, code: String(status) });
          return;
        }
        answered.inc();
        myRows.inc(count);
        myLatency.observe(latencyUs / 1e6);
      };
    },
    remove: () => {
      for (const name of Object.values(names)) registry.removeSingleMetric(name);
    },
  };
}

const labels = (model: string, version: number) => ({ model, version: String(version) });
