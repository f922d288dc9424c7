import { LATENCY_BOUNDS_US, latencyBucket } from "#server/kernel/statistics/latency-histogram.ts";
import type { MinuteStats, ServedArm } from "#server/serving/contract.ts";
import type { ArmMeter } from "./arm-meter.ts";
import type { Totals } from "./totals.ts";

const MINUTE_MS = 60_000;
/** Statuses are counted by number, without a lookup for the common one. */
const OK = 200;

/** Whose counts these are. */
export interface Counted {
  readonly endpoint: string;
  readonly endpointId: string;
  readonly projectId: string;
  readonly modelVersionId: string;
  readonly version: number;
  readonly arm: ServedArm;
  /** The canary or A/B that has a part of the requests meanwhile, its own counts included; "" while none has. */
  readonly beside: string;
}

/** Counts what one version of one endpoint does in one role, by the minute; and since it was first seen, whatever is beside it. */
export class ArmStats {
  readonly of: Counted;
  readonly #meter: ArmMeter;
  readonly #totals: Totals;
  #minute = new Counts();
  #since = Date.now();

  constructor(of: Counted, { meter, totals }: { readonly meter: ArmMeter; readonly totals: Totals }) {
    this.of = of;
    this.#meter = meter;
    this.#totals = totals;
  }

  /** A request that was answered with this status; `routed` says whether the router gave it to this arm. */
  request(status: number, rows: number, latencyUs: number, routed: boolean): void {
    this.#minute.request(status, rows, latencyUs);
    if (routed) this.#minute.routed += 1;
    this.#totals.request(status, rows, latencyUs);
    if (status === OK) this.#meter.answered(rows, latencyUs);
    else this.#meter.failed();
  }

  /** A run of the model: its rows, how long it took, and how long its requests had waited together (milliseconds). */
  ran(rows: number, ms: number, requests: number, waitedMs: number): void {
    this.#totals.ran(rows, ms, requests, waitedMs);
    this.#minute.executions += 1;
    this.#meter.ran(ms, requests, waitedMs);
  }

  /** Rows that a shadow scored, for which nobody waited. */
  scored(rows: number): void {
    this.#minute.rows += rows;
    this.#meter.scored(rows);
  }

  /** Rows that a shadow did not score. */
  skip(rows: number): void {
    this.#minute.skipped += rows;
    this.#meter.skipped(rows);
  }

  /** Its statistics in the shape of the protocol's statistics extension, durations in nanoseconds. */
  describe(): unknown {
    const { endpoint, version, arm } = this.of;
    return { name: endpoint, version: String(version), arm, ...this.#totals.describe() };
  }

  /** What happened since the last call, or null if nothing did. The minute is the one in which it began. */
  take(): MinuteStats | null {
    const counts = this.#minute;
    const minute = Math.floor(this.#since / MINUTE_MS) * MINUTE_MS;
    this.#minute = new Counts();
    this.#since = Date.now();
    if (counts.requests === 0 && counts.executions === 0 && counts.skipped === 0) return null;
    const { endpointId, projectId, modelVersionId, arm, beside } = this.of;
    return {
      endpointId,
      projectId,
      modelVersionId,
      arm,
      beside,
      minute,
      requests: counts.requests,
      routed: counts.routed,
      byStatus: Object.fromEntries(counts.byStatus),
      rows: counts.rows,
      executions: counts.executions,
      skipped: counts.skipped,
      latencyCounts: [...counts.latency],
      latencySumUs: counts.latencySumUs,
      latencyMaxUs: counts.latencyMaxUs,
    };
  }
}

class Counts {
  requests = 0;
  routed = 0;
  rows = 0;
  executions = 0;
  skipped = 0;
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
