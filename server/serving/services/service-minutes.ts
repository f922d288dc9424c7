import { pool } from "#server/platform/db.ts";
import type { Log } from "#server/platform/log.ts";
import { latencyBucket, emptyLatencies } from "#server/kernel/statistics/latency-histogram.ts";
import type { ServiceMinuteStats } from "../contract.ts";
import { addCounts, emptyCounts, type TrafficCounts } from "../traffic-totals.ts";

const MINUTE_MS = 60_000;
/** Minutes of publications that may wait for the database: a day of ten services. */
const MOST_WAITING = 14_400;

/** Counts what services answer by the minute, and writes it down; what the database cannot take now waits. */
export class ServiceMinutes {
  readonly #process: string;
  readonly #log: Log;
  #open = new Map<string, ServiceMinuteStats>();
  #writing: Promise<void> = Promise.resolve();

  /** `process` tells the counts of processes apart: two of them count the same minute. */
  constructor(process: string, log: Log) {
    this.#process = process;
    this.#log = log;
  }

  answered(serviceId: string, publication: number, status: number, latencyUs: number): void {
    const counts = this.#of(serviceId, publication);
    counts.requests += 1;
    if (status >= 500) counts.errors5xx += 1;
    else if (status >= 400) counts.errors4xx += 1;
    else {
      const bucket = latencyBucket(latencyUs);
      counts.latency[bucket] = (counts.latency[bucket] ?? 0) + 1;
    }
  }

  crashed(serviceId: string, publication: number, times: number): void {
    this.#of(serviceId, publication).crashes += times;
  }

  dropped(serviceId: string, publication: number, calls: number): void {
    this.#of(serviceId, publication).logDropped += calls;
  }

  /** Tries to write all that waits. Never rejects. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  #of(serviceId: string, publication: number): ServiceMinuteStats {
    const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    const key = `${serviceId} ${publication} ${minute}`;
    let counts = this.#open.get(key);
    if (!counts) {
      counts = {
        serviceId,
        publication,
        minute,
        requests: 0,
        errors4xx: 0,
        errors5xx: 0,
        crashes: 0,
        logDropped: 0,
        latency: emptyLatencies(),
      };
      this.#open.set(key, counts);
    }
    return counts;
  }

  async #write(): Promise<void> {
    const taken = this.#open;
    this.#open = new Map();
    for (const [key, counts] of taken)
      try {
        await add(this.#process, counts);
      } catch (error) {
        this.#log.warn({ err: error }, "counts of a service could not be kept yet");
        if (this.#open.size < MOST_WAITING) this.#putBack(key, counts);
      }
  }

  #putBack(key: string, counts: ServiceMinuteStats): void {
    const open = this.#open.get(key);
    if (!open) {
      this.#open.set(key, counts);
      return;
    }
    for (const name of ["requests", "errors4xx", "errors5xx", "crashes", "logDropped"] as const)
      open[name] += counts[name];
    counts.latency.forEach((n, i) => (open.latency[i] = (open.latency[i] ?? 0) + n));
  }
}

async function add(process: string, counts: ServiceMinuteStats): Promise<void> {
  await pool().query(
    `insert into service_minutes as m
       (service_id, publication, minute, process, requests, errors_4xx, errors_5xx, crashes, log_dropped, latency)
     select $1, $2, to_timestamp($3::float8 / 1000), $4, $5, $6, $7, $8, $9, $10::int[]
     where exists (select from custom_services where id = $1)
     on conflict (service_id, publication, minute, process) do update set
       requests = m.requests + excluded.requests, errors_4xx = m.errors_4xx + excluded.errors_4xx,
       errors_5xx = m.errors_5xx + excluded.errors_5xx, crashes = m.crashes + excluded.crashes,
       log_dropped = m.log_dropped + excluded.log_dropped,
       latency = coalesce((select array_agg(coalesce(a, 0) + coalesce(b, 0) order by i)
         from unnest(m.latency, excluded.latency) with ordinality as t (a, b, i)), '{}')`,
    [
      counts.serviceId,
      counts.publication,
      counts.minute,
      process,
      counts.requests,
      counts.errors4xx,
      counts.errors5xx,
      counts.crashes,
      counts.logDropped,
      counts.latency,
    ],
  );
}

export interface ServiceCounts extends TrafficCounts {
  crashes: number;
}

/** The counts of services from `from` until now, one call of `take` per service and minute. */
export async function readServiceMinutes(
  serviceIds: readonly string[],
  from: number,
  take: (serviceId: string, minute: number, counts: ServiceCounts) => void,
): Promise<void> {
  if (serviceIds.length === 0) return;
  const { rows } = await pool().query<{
    service_id: string;
    minute: Date;
    requests: number;
    errors_4xx: number;
    errors_5xx: number;
    crashes: number;
    log_dropped: number;
    latency: number[];
  }>(
    `select service_id, minute, requests, errors_4xx, errors_5xx, crashes, log_dropped, latency from service_minutes
     where service_id = any($1::uuid[]) and minute >= to_timestamp($2::float8 / 1000)`,
    [serviceIds, from],
  );
  for (const row of rows) {
    const counts: ServiceCounts = { ...emptyCounts(), crashes: row.crashes };
    addCounts(counts, {
      ...emptyCounts(),
      requests: row.requests,
      rows: row.requests,
      refused: row.errors_4xx,
      failed: row.errors_5xx,
      logDropped: row.log_dropped,
      latency: row.latency,
    });
    take(row.service_id, row.minute.getTime(), counts);
  }
}
