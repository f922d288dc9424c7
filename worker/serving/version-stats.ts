import { LATENCY_BOUNDS_US, latencyBucket } from "#server/kernel/statistics/latency-histogram.ts";
import type { Observe } from "./metrics.ts";
import { Totals } from "./totals.ts";
import type { MinuteStats, PlanEntry } from "#server/serving/contract.ts";

const MINUTE_MS = 60_000;
/** Statuses are counted by number, without a lookup for the common one. */
const OK = 200;

/** Counts what one version of one endpoint does, by the minute. */
export class VersionStats {
  readonly #entry: PlanEntry;
  readonly #observe: Observe;
  /** Since it went live. */
  readonly #totals = new Totals();
  #minute = new Counts();
  #since = Date.now();

  constructor(entry: PlanEntry, observe: Observe) {
    this.#entry = entry;
    this.#observe = observe;
  }

  request(status: number, rows: number, latencyUs: number): void {
    this.#observe(status, rows, latencyUs);
    this.#minute.request(status, rows, latencyUs);
    this.#totals.request(status, rows, latencyUs);
  }

  ran(rows: number, ms: number, requests: number, waitedMs: number): void {
    this.#totals.ran(rows, ms, requests, waitedMs);
    this.#minute.executions += 1;
  }

  /** Runs of the model since it went live. */
  get executions(): number {
    return this.#totals.executions;
  }

  /** Its statistics in the shape of the protocol's statistics extension, durations in nanoseconds. */
  describe(endpoint: string): unknown {
    return { name: endpoint, version: String(this.#entry.version), ...this.#totals.describe() };
  }

  /** What happened since the last call, or null if nothing did. The minute is the one in which it began. */
  take(): MinuteStats | null {
    const counts = this.#minute;
    const minute = Math.floor(this.#since / MINUTE_MS) * MINUTE_MS;
    this.#minute = new Counts();
    this.#since = Date.now();
    if (counts.requests === 0 && counts.executions === 0) return null;
    const { endpointId, projectId, modelVersionId } = this.#entry;
    return {
      endpointId,
      projectId,
      modelVersionId,
      minute,
      requests: counts.requests,
      byStatus: Object.fromEntries(counts.byStatus),
      rows: counts.rows,
      executions: counts.executions,
      latencyCounts: [...counts.latency],
      latencySumUs: counts.latencySumUs,
      latencyMaxUs: counts.latencyMaxUs,
    };
  }
}

class Counts {
  requests = 0;
  rows = 0;
  executions = 0;
  readonly byStatus = new Map<number, number>();
  readonly latency = new Float64Array(LATENCY_BOUNDS_US.length + 1);
  latencySumUs = 0;
  latencyMaxUs = 0;

  request(status: number, rows: number, latencyUs: number): void {
    this.requests += 1;
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
    if (status !== OK) return;
    this.rows += rows;
    const bucket = latencyBucket(latencyUs);
    this.latency[bucket] = (this.latency[bucket] ?? 0) + 1;
    this.latencySumUs += latencyUs;
    this.latencyMaxUs = Math.max(this.latencyMaxUs, latencyUs);
  }
}
