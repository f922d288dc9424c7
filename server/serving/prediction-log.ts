import { setTimeout as sleep } from "node:timers/promises";
import { Counter, Gauge, type Registry } from "prom-client";
import { copyIn } from "#server/platform/copy.ts";
import { transaction } from "#server/platform/db.ts";
import type { Log } from "#server/platform/log.ts";
import type { PredictionRecord } from "./contract.ts";
import { ensurePartitions, isoDay } from "./log-partitions.ts";
import { PredictionBatch } from "./prediction-batch.ts";
import { PREDICTIONS } from "./prediction-row.ts";

export interface PredictionLogOptions {
  readonly log: Log;
  readonly metrics: Registry;
  /** Called after rows were written, with the endpoints and the projects they belong to. */
  readonly onWritten?: (endpoints: ReadonlyMap<string, string>) => void;
  /** What may wait in memory; beyond it rows are dropped and counted. */
  readonly maxBytes?: number;
}

const FLUSH_BYTES = 256 * 1024;
const FLUSH_MS = 100;
const MAX_BYTES = 32 * 1024 * 1024;
const DAY_MS = 86_400_000;
const RETRY_MS = [100, 250, 500, 1000, 2000];

/**
 * Keeps predictions off the path of requests: rows wait in memory for up to 100 ms or 256 KiB, then go by one COPY at a time. While the database
 * cannot take them they wait and are tried again; what does not fit is dropped and counted, and no request ever waits.
 * A connection that breaks between commit and answer may write a batch twice; readers take a prediction's id once.
 */
export class PredictionLog {
  readonly #log: Log;
  readonly #maxBytes: number;
  readonly #onWritten: NonNullable<PredictionLogOptions["onWritten"]>;
  readonly #dropCounter: Counter;
  readonly #rowCounter: Counter;
  readonly #metrics: Registry;
  readonly #dropped = new Map<string, number>();
  #open = new PredictionBatch();
  #sealed: PredictionBatch[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> | undefined;
  #stopped = false;

  constructor({ log, metrics, onWritten, maxBytes }: PredictionLogOptions) {
    this.#log = log;
    this.#metrics = metrics;
    this.#maxBytes = maxBytes ?? MAX_BYTES;
    this.#onWritten = onWritten ?? (() => undefined);
    const registers = [metrics];
    this.#rowCounter = new Counter({
      name: "touchstone_serving_log_rows_total",
      help: "Predictions written to the log",
      registers,
    });
    this.#dropCounter = new Counter({
      name: "touchstone_serving_log_dropped_total",
      help: "Predictions that were answered but could not be logged",
      registers,
    });
    const bytes = () => this.#bytes;
    new Gauge({
      name: "touchstone_serving_log_waiting_bytes",
      help: "Predictions that wait to be logged",
      registers,
      collect() {
        this.set(bytes());
      },
    });
  }

  /** Takes a record. Never throws and never waits. */
  add(record: PredictionRecord): void {
    if (this.#stopped || this.#bytes >= this.#maxBytes) {
      this.#drop(record.endpointId, record.modelVersionId, 1);
      return;
    }
    try {
      this.#bytes += this.#open.add(record);
    } catch (error) {
      this.#log.error({ err: error, requestId: record.requestId }, "a prediction cannot be logged");
      this.#drop(record.endpointId, record.modelVersionId, 1);
      return;
    }
    if (this.#open.rows.bytes >= FLUSH_BYTES) this.#seal();
    else this.#timer ??= setTimeout(() => this.#seal(), FLUSH_MS);
  }

  /** Resolves when every record that was added before is written or dropped, at the latest after `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    this.#seal();
    if (this.#work) await Promise.race([this.#work, sleep(timeoutMs, undefined, { ref: false })]);
  }

  /** Rows that were dropped since the last call, by endpoint and version ("endpoint version"). */
  takeDropped(): Map<string, number> {
    const taken = new Map(this.#dropped);
    this.#dropped.clear();
    return taken;
  }

  /** Writes what waits, for at most `timeoutMs`; what is left is dropped and counted. */
  async stop(timeoutMs = 5_000): Promise<void> {
    await this.flush(timeoutMs);
    this.#stopped = true;
    for (const batch of this.#sealed.splice(0)) this.#dropBatch(batch);
    for (const name of ["rows_total", "dropped_total", "waiting_bytes"])
      this.#metrics.removeSingleMetric(`touchstone_serving_log_${name}`);
  }

  #seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#open.count > 0) {
      this.#sealed.push(this.#open);
      this.#open = new PredictionBatch();
    }
    if (this.#sealed.length > 0) this.#work ??= this.#writeAll().finally(() => (this.#work = undefined));
  }

  async #writeAll(): Promise<void> {
    for (let batch = this.#sealed[0]; batch; batch = this.#sealed[0]) {
      const written = await this.#write(batch);
      // A stop has dropped it meanwhile; it may have been written all the same, which is no loss.
      if (this.#sealed[0] !== batch) return;
      this.#sealed.shift();
      this.#bytes -= batch.rows.bytes;
      if (written) this.#onWritten(batch.projects);
      else this.#count(batch);
    }
  }

  /** Tries until the batch is written or the database refuses its content. Whether it was written. */
  async #write(batch: PredictionBatch): Promise<boolean> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await writeBatch(batch);
        this.#rowCounter.inc(batch.count);
        if (attempt > 0) this.#log.info({ attempt }, "predictions are logged again");
        return true;
      } catch (error) {
        if (this.#stopped) return false;
        const state = sqlState(error);
        if (state === NO_PARTITION && attempt === 0) {
          await ensurePartitions(batch.since).catch(() => undefined);
          continue;
        }
        if (!canPass(state, error)) {
          this.#log.error({ err: error, rows: batch.count }, "the database refuses a batch of predictions");
          return false;
        }
        if (attempt === 0) this.#log.warn({ err: error }, "predictions cannot be logged; they wait in memory");
        await sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
      }
    }
  }

  #dropBatch(batch: PredictionBatch): void {
    this.#bytes -= batch.rows.bytes;
    this.#count(batch);
  }

  #count(batch: PredictionBatch): void {
    for (const { endpointId, versionId, predictions } of batch.days()) this.#drop(endpointId, versionId, predictions);
  }

  #drop(endpointId: string, versionId: string, rows: number): void {
    const key = `${endpointId} ${versionId}`;
    this.#dropped.set(key, (this.#dropped.get(key) ?? 0) + rows);
    this.#dropCounter.inc(rows);
  }
}

/** check_violation: what Postgres says of a row for which no partition exists. */
const NO_PARTITION = "23514";

/** SQLSTATE of an answer of Postgres; null when none came. */
function sqlState(error: unknown): string | null {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && "severity" in (error as Error) ? code : null;
}

/** Whether the same rows may be taken later: a lost connection, resources, an operator's intervention, a conflict, a read-only moment. */
function canPass(state: string | null, error: unknown): boolean {
  if (state === null) return !(error instanceof TypeError || error instanceof RangeError);
  return /^(08|25|40|53|55|57)/.test(state);
}

async function writeBatch(batch: PredictionBatch): Promise<void> {
  await transaction(async (client) => {
    await copyIn(client, PREDICTIONS, batch.rows.rows());
    const days = batch.days();
    await client.query(
      `insert into serving_log.event_days as d (endpoint_id, version_id, day, predictions, last_received_at)
       select endpoint_id, version_id, day, predictions, now()
       from unnest($1::uuid[], $2::uuid[], $3::date[], $4::int[]) as t (endpoint_id, version_id, day, predictions)
       on conflict (endpoint_id, day, version_id)
       do update set predictions = d.predictions + excluded.predictions, last_received_at = now()`,
      [
        days.map((d) => d.endpointId),
        days.map((d) => d.versionId),
        days.map((d) => isoDay(d.day * DAY_MS)),
        days.map((d) => d.predictions),
      ],
    );
  });
}
