import { collectDefaultMetrics, Registry } from "prom-client";

const shared = globalThis as unknown as { touchstoneMetrics?: Registry };

function create(): Registry {
  const created = new Registry();
  collectDefaultMetrics({ register: created });
  return created;
}

/** The Prometheus registry of this process, shown at its /metrics. */
export const registry: Registry = (shared.touchstoneMetrics ??= create());
