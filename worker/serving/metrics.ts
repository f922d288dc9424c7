import { Counter, Gauge, type Metric, type Registry } from "prom-client";
import { ArmMeter, type ArmLabels, DURATION_BOUNDS, type Durations } from "./arm-meter.ts";

const LABELS = ["endpoint", "version", "arm"] as const;

/** Requests that wait or are being answered, by arm. */
export interface Pending {
  readonly of: ArmLabels;
  readonly rows: number;
}

export interface ServingMetrics {
  /** The counts of one version of one endpoint in one role; the same as long as the process lives. */
  readonly meterOf: (endpoint: string, version: number, arm: string) => ArmMeter;
  readonly remove: () => void;
}

/**
 * Registers the metrics of a serving process, named after those of Triton's. What is counted anyway is read when Prometheus asks, not on the path of a
 * request.
 */
export function registerMetrics(registry: Registry, pending: () => readonly Pending[]): ServingMetrics {
  const meters = new Map<string, ArmMeter>();
  const registers = [registry];
  const names: string[] = [];
  const counter = (name: string, help: string, value: (meter: ArmMeter) => number) => {
    names.push(name);
    new Counter({
      name,
      help,
      labelNames: LABELS,
      registers,
      collect() {
        this.reset();
        for (const meter of meters.values()) if (meter.isUsed) this.inc({ ...meter.of }, value(meter));
      },
    });
  };
  const histogram = (name: string, help: string, value: (meter: ArmMeter) => Durations) => {
    names.push(name);
    registry.registerMetric(durations(name, help, meters, value));
  };
  counter("touchstone_inference_request_success", "Requests that were answered", (m) => m.success);
  counter("touchstone_inference_request_failure", "Requests that got no prediction", (m) => m.failure);
  counter("touchstone_inference_count", "Rows that were scored", (m) => m.count);
  counter(
    "touchstone_inference_exec_count",
    "Runs of the model; count divided by it is the mean batch",
    (m) => m.executions,
  );
  counter("touchstone_inference_shadow_skipped", "Rows that a shadow left out", (m) => m.skippedRows);
  names.push("touchstone_inference_pending_request_count");
  new Gauge({
    name: "touchstone_inference_pending_request_count",
    help: "Rows that were accepted and are not answered yet",
    labelNames: LABELS,
    registers,
    collect() {
      this.reset();
      for (const { of, rows } of pending()) this.set({ ...of }, rows);
    },
  });
  histogram(
    "touchstone_inference_request_duration_seconds",
    "From a request's headers to its answer, of answered requests",
    (m) => m.request,
  );
  histogram("touchstone_inference_queue_duration_seconds", "From a request's values to its run", (m) => m.queue);
  histogram("touchstone_inference_compute_infer_duration_seconds", "A run of the model", (m) => m.compute);
  return {
    meterOf: (endpoint, version, arm) => {
      const key = `${endpoint} ${version} ${arm}`;
      const meter = meters.get(key) ?? new ArmMeter({ endpoint, version: String(version), arm });
      meters.set(key, meter);
      return meter;
    },
    remove: () => {
      for (const name of names) registry.removeSingleMetric(name);
    },
  };
}

/** A histogram that is made of the counts when it is asked for. */
function durations(
  name: string,
  help: string,
  meters: ReadonlyMap<string, ArmMeter>,
  value: (meter: ArmMeter) => Durations,
): Metric {
  const read = () =>
    [...meters.values()].flatMap((meter) => {
      if (!meter.isUsed) return [];
      const { of } = meter;
      const { buckets, seconds, count } = value(meter);
      let below = 0;
      const counts = Array.from(buckets, (inside, i) => {
        below += inside;
        return { metricName: `${name}_bucket`, labels: { ...of, le: DURATION_BOUNDS[i] ?? "+Inf" }, value: below };
      });
      return [
        ...counts,
        { metricName: `${name}_sum`, labels: { ...of }, value: seconds },
        { metricName: `${name}_count`, labels: { ...of }, value: count },
      ];
    });
  // The library reads these fields of a metric, and no others.
  return {
    name,
    help,
    type: "histogram",
    aggregator: "sum",
    get: () => Promise.resolve({ name, help, type: "histogram", aggregator: "sum", values: read() }),
  } as unknown as Metric;
}
