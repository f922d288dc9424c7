import { pool } from "#server/platform/db.ts";
import type { Log } from "#server/platform/log.ts";
import { type MinuteStats, ServedArm } from "./contract.ts";

const MINUTE_MS = 60_000;
/** Minutes of versions that may wait for the database: a day of ten endpoints. */
const MOST_WAITING = 14_400;

interface Counts {
  readonly endpointId: string;
  readonly versionId: string;
  readonly minute: number;
  readonly arm: ServedArm;
  readonly beside: string;
  requests: number;
  routed: number;
  rows: number;
  errors4xx: number;
  errors5xx: number;
  executions: number;
  skipped: number;
  logDropped: number;
  latency: number[];
}

/** Keeps what a serving process counts by the minute. Counts that the database cannot take now wait and are added up with the next. */
export class MinuteCounts {
  readonly #process: string;
  readonly #log: Log;
  readonly #waiting = new Map<string, Counts>();
  #writing: Promise<void> = Promise.resolve();

  /** `process` tells the counts of processes apart: two of them count the same minute. */
  constructor(process: string, log: Log) {
    this.#process = process;
    this.#log = log;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Adds counts and the rows whose log entry was lost (by "endpoint version arm"), and tries to write all that waits. Never rejects. */
  keep(stats: readonly MinuteStats[], dropped: ReadonlyMap<string, number>): Promise<void> {
    for (const told of stats) this.#add(told);
    for (const [key, rows] of dropped) {
      const [endpointId = "", versionId = "", arm = "champion"] = key.split(" ");
      const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
      this.#countsOf(endpointId, versionId, minute, ServedArm.parse(arm), "").logDropped += rows;
    }
    this.#writing = this.#writing.then(() => this.#writeAll());
    return this.#writing;
  }

  #add(told: MinuteStats): void {
    const counts = this.#countsOf(told.endpointId, told.modelVersionId, told.minute, told.arm, told.beside);
    counts.requests += told.requests;
    counts.routed += told.routed;
    counts.rows += told.rows;
    counts.executions += told.executions;
    counts.skipped += told.skipped;
    for (const [status, n] of Object.entries(told.byStatus)) {
      if (status.startsWith("4")) counts.errors4xx += n;
      if (status.startsWith("5")) counts.errors5xx += n;
    }
    counts.latency = told.latencyCounts.map((n, i) => n + (counts.latency[i] ?? 0));
  }

  #countsOf(endpointId: string, versionId: string, minute: number, arm: ServedArm, beside: string): Counts {
    const key = `${minute} ${endpointId} ${versionId} ${arm} ${beside}`;
    let counts = this.#waiting.get(key);
    if (!counts) {
      counts = {
        endpointId,
        versionId,
        minute,
        arm,
        beside,
        requests: 0,
        routed: 0,
        rows: 0,
        errors4xx: 0,
        errors5xx: 0,
        executions: 0,
        skipped: 0,
        logDropped: 0,
        latency: [],
      };
      this.#waiting.set(key, counts);
      const [oldest] = this.#waiting.keys();
      if (this.#waiting.size > MOST_WAITING && oldest !== undefined) this.#waiting.delete(oldest);
    }
    return counts;
  }

  async #writeAll(): Promise<void> {
    for (const [key, counts] of [...this.#waiting]) {
      this.#waiting.delete(key);
      try {
        await write(this.#process, counts);
      } catch (error) {
        this.#log.warn(
          { err: error, waiting: this.#waiting.size + 1 },
          "counts cannot be kept now; they wait in memory",
        );
        const later = this.#waiting.get(key);
        this.#waiting.set(key, later ? sum(counts, later) : counts);
        return;
      }
    }
  }
}

function sum(a: Counts, b: Counts): Counts {
  const [long, short] = a.latency.length >= b.latency.length ? [a.latency, b.latency] : [b.latency, a.latency];
  return {
    ...a,
    requests: a.requests + b.requests,
    routed: a.routed + b.routed,
    rows: a.rows + b.rows,
    errors4xx: a.errors4xx + b.errors4xx,
    errors5xx: a.errors5xx + b.errors5xx,
    executions: a.executions + b.executions,
    skipped: a.skipped + b.skipped,
    logDropped: a.logDropped + b.logDropped,
    latency: long.map((n, i) => n + (short[i] ?? 0)),
  };
}

/** A version's counts come in several parts of one minute when it is replaced in it: they add up. Those of an endpoint that is gone are not kept. */
async function write(process: string, counts: Counts): Promise<void> {
  await pool().query(
    `insert into endpoint_minutes as m
       (endpoint_id, version_id, minute, process, arm, beside, requests, routed, rows, errors_4xx, errors_5xx, executions, skipped,
        log_dropped, latency)
     select $1, $2, to_timestamp($3::float8 / 1000), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::int[]
     where exists (select from endpoints where id = $1)
     on conflict (endpoint_id, version_id, minute, process, arm, beside) do update set
       requests = m.requests + excluded.requests, routed = m.routed + excluded.routed, rows = m.rows + excluded.rows,
       executions = m.executions + excluded.executions, skipped = m.skipped + excluded.skipped,
       errors_4xx = m.errors_4xx + excluded.errors_4xx, errors_5xx = m.errors_5xx + excluded.errors_5xx,
       log_dropped = m.log_dropped + excluded.log_dropped,
       latency = coalesce((select array_agg(coalesce(a, 0) + coalesce(b, 0) order by i)
         from unnest(m.latency, excluded.latency) with ordinality as t (a, b, i)), '{}')`,
    [
      counts.endpointId,
      counts.versionId,
      counts.minute,
      process,
      counts.arm,
      counts.beside,
      counts.requests,
      counts.routed,
      counts.rows,
      counts.errors4xx,
      counts.errors5xx,
      counts.executions,
      counts.skipped,
      counts.logDropped,
      counts.latency,
    ],
  );
}
