import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { LiveService } from "./live-service.ts";

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const LABELS = ["service", "publication"] as const;

export interface ServiceMetrics {
  readonly answered: (service: string, publication: number, status: number, seconds: number) => void;
  readonly remove: () => void;
}

/** Registers the metrics of services: what was asked and answered, what is under way, and how often a process ended by itself. */
export function registerServiceMetrics(registry: Registry, live: () => readonly LiveService[]): ServiceMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: "touchstone_service_requests_total",
    help: "Requests to customised services by HTTP status",
    labelNames: [...LABELS, "code"],
    registers,
  });
  const durations = new Histogram({
    name: "touchstone_service_request_duration_seconds",
    help: "Time from a request's headers to its answer, of answered requests",
    labelNames: LABELS,
    buckets: BUCKETS,
    registers,
  });
  const gauge = (name: string, help: string, value: (service: LiveService) => number) =>
    new Gauge({
      name,
      help,
      labelNames: LABELS,
      registers,
      collect() {
        this.reset();
        for (const service of live())
          this.set({ service: service.entry.name, publication: String(service.entry.publication) }, value(service));
      },
    });
  gauge(
    "touchstone_service_in_flight",
    "Requests that a service has and has not answered",
    (s) => s.process.state.inFlight,
  );
  gauge(
    "touchstone_service_crashes",
    "How often a service's process ended by itself since it was loaded",
    (s) => s.process.state.crashes,
  );
  gauge("touchstone_service_up", "Whether a service's process is ready", (s) =>
    Number(s.process.state.state === "ready"),
  );
  return {
    answered: (service, publication, status, seconds) => {
      const labels = { service, publication: String(publication) };
      requests.inc({ ...labels, code: String(status) });
      if (status < 400) durations.observe(labels, seconds);
    },
    remove: () => {
      for (const name of ["requests_total", "request_duration_seconds", "in_flight", "crashes", "up"])
        registry.removeSingleMetric(`touchstone_service_${name}`);
    },
  };
}
