import { Counter, Histogram } from "prom-client";
import { registry } from "#server/platform/metrics.ts";

const shared = globalThis as unknown as { touchstoneHttp?: { requests: Counter; seconds: Histogram } };

function instruments(): { requests: Counter; seconds: Histogram } {
  shared.touchstoneHttp ??= {
    requests: new Counter({
      name: "touchstone_http_requests_total",
      help: "Requests answered",
      labelNames: ["method", "status"],
      registers: [registry],
    }),
    seconds: new Histogram({
      name: "touchstone_http_request_seconds",
      help: "Time to answer",
      labelNames: ["method"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    }),
  };
  return shared.touchstoneHttp;
}

/** Counts one answered request; `ms` is its duration in milliseconds. */
export function observeRequest(method: string, status: number, ms: number): void {
  const { requests, seconds } = instruments();
  requests.inc({ method, status: String(status) });
  seconds.observe({ method }, ms / 1000);
}
