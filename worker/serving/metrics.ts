import { Counter, Gauge, type Metric, type Registry } from "prom-client";
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
  const tallies = new Map<string, Tally>();
  new Counter({
    name: names.requests,
    help: "Inference requests by HTTP status",
    labelNames: [...LABELS, "code"],
    registers,
    collect() {
      this.reset();
      for (const { of, answered, others } of tallies.values()) {
        if (answered > 0) this.inc({ ...of, code: "200" }, answered);
        for (const [code, count] of others) this.inc({ ...of, code: String(code) }, count);
      }
    },
  });
  new Counter({
    name: names.rows,
    help: "Rows answered",
    labelNames: LABELS,
    registers,
    collect() {
      this.reset();
      for (const { of, rows } of tallies.values()) this.inc(of, rows);
    },
  });
  registry.registerMetric(latencyHistogram(names.latency, tallies));
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
      const key = `${model} ${version}`;
      const tally = tallies.get(key) ?? new Tally(labels(model, version));
      tallies.set(key, tally);
      return (status, count, latencyUs) => tally.add(status, count, latencyUs / 1e6);
    },
    remove: () => {
      for (const name of Object.values(names)) registry.removeSingleMetric(name);
    },
  };
}

const labels = (model: string, version: number) => ({ model, version: String(version) });

/** Counts of one version. The metrics library looks its labels up for every count, which costs more than a prediction's validation. */
class Tally {
  readonly of: { readonly model: string; readonly version: string };
  answered = 0;
  rows = 0;
  seconds = 0;
  readonly others = new Map<number, number>();
  /** Answers by bucket of BUCKETS; the last is for what is slower. */
  readonly buckets = new Float64Array(BUCKETS.length + 1);

  constructor(of: Tally["of"]) {
    this.of = of;
  }

  add(status: number, rows: number, seconds: number): void {
    if (status !== 200) {
      this.others.set(status, (this.others.get(status) ?? 0) + 1);
      return;
    }
    this.answered += 1;
    this.rows += rows;
    this.seconds += seconds;
    let bucket = 0;
    while (bucket < BUCKETS.length && seconds > (BUCKETS[bucket] ?? 0)) bucket += 1;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
  }
}

/** A histogram that is made of the counts when it is asked for. */
function latencyHistogram(name: string, tallies: ReadonlyMap<string, Tally>): Metric {
  const read = () =>
    [...tallies.values()].flatMap(({ of, buckets, seconds, answered }) => {
      let below = 0;
      const counts = Array.from(buckets, (count, i) => {
        below += count;
        return { metricName: `${name}_bucket`, labels: { ...of, le: BUCKETS[i] ?? "+Inf" }, value: below };
      });
      return [
        ...counts,
        { metricName: `${name}_sum`, labels: of, value: seconds },
        { metricName: `${name}_count`, labels: of, value: answered },
      ];
    });
  const help = "Time from a request's headers to its answer, of answered requests";
  // The library reads these fields of a metric, and no others.
  return {
    name,
    help,
    type: "histogram",
    aggregator: "sum",
    get: () => Promise.resolve({ name, help, type: "histogram", aggregator: "sum", values: read() }),
  } as unknown as Metric;
}
