import { setTimeout as sleep } from "node:timers/promises";
import { Counter, Gauge, type Registry } from "prom-client";
import type { Log } from "#server/platform/log.ts";
import type { LogBatch, LogLine } from "./log-batch.ts";
import { ensurePartitions } from "./log-partitions.ts";

/** One kind of lines of the serving log. */
export interface LogKind<L extends LogLine, B extends LogBatch<L>> {
  /** Of its metrics, as touchstone_serving_log. */
  readonly metric: string;
  /** What the lines are called, as "predictions". */
  readonly lines: string;
  /** What may wait in memory; beyond it lines are dropped and counted. */
  readonly maxBytes: number;
  readonly open: () => B;
  /** What a line is counted as when it is lost, as "endpoint version arm". */
  readonly keyOf: (line: L) => string;
  readonly write: (batch: B) => Promise<void>;
}

/** A transaction costs as much as hundreds of rows. */
const FLUSH_BYTES = 1024 * 1024;
const FLUSH_MS = 100;
const RETRY_MS = [100, 250, 500, 1000, 2000];

/**
 * Keeps lines off the path of requests: they wait in memory for up to 100 ms or 1 MiB, then go by one COPY at a time. While the database cannot take
 * them they wait and are tried again; what does not fit is dropped and counted, and no request ever waits.
 * A connection that breaks between commit and answer may write a batch twice; readers take a prediction's id once.
 */
export class LogQueue<L extends LogLine, B extends LogBatch<L> = LogBatch<L>> {
  readonly #kind: LogKind<L, B>;
  readonly #log: Log;
  readonly #onWritten: (endpoints: ReadonlyMap<string, string>) => void;
  readonly #dropCounter: Counter;
  readonly #rowCounter: Counter;
  readonly #metrics: Registry;
  readonly #dropped = new Map<string, number>();
  #open: B;
  #sealed: B[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> | undefined;
  #stopped = false;

  /** `onWritten` is called after lines were written, with the endpoints and the projects they belong to. */
  constructor(
    kind: LogKind<L, B>,
    log: Log,
    metrics: Registry,
    onWritten: (endpoints: ReadonlyMap<string, string>) => void = () => undefined,
  ) {
    this.#kind = kind;
    this.#log = log;
    this.#metrics = metrics;
    this.#onWritten = onWritten;
    this.#open = kind.open();
    const registers = [metrics];
    this.#rowCounter = new Counter({
      name: `${kind.metric}_rows_total`,
      help: `Lines of ${kind.lines} written to the log`,
      registers,
    });
    this.#dropCounter = new Counter({
      name: `${kind.metric}_dropped_total`,
      help: `Lines of ${kind.lines} that could not be logged`,
      registers,
    });
    const bytes = () => this.#bytes;
    new Gauge({
      name: `${kind.metric}_waiting_bytes`,
      help: `Lines of ${kind.lines} that wait to be logged`,
      registers,
      collect() {
        this.set(bytes());
      },
    });
  }

  /** Takes a line. Never throws and never waits. */
  add(line: L): void {
    if (this.#stopped || this.#bytes >= this.#kind.maxBytes) {
      this.#drop(this.#kind.keyOf(line), 1);
      return;
    }
    try {
      this.#bytes += this.#open.add(line);
    } catch (error) {
      this.#log.error({ err: error, requestId: line.requestId, of: this.#kind.lines }, "a line cannot be logged");
      this.#drop(this.#kind.keyOf(line), 1);
      return;
    }
    if (this.#open.rows.bytes >= FLUSH_BYTES) this.#seal();
    else this.#timer ??= setTimeout(() => this.#seal(), FLUSH_MS);
  }

  /** Resolves when every line that was added before is written or dropped, at the latest after `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    this.#seal();
    if (this.#work) await Promise.race([this.#work, sleep(timeoutMs, undefined, { ref: false })]);
  }

  /** Lines that were dropped since the last call, by what they are counted as. */
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
      this.#metrics.removeSingleMetric(`${this.#kind.metric}_${name}`);
  }

  #seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#open.count > 0) {
      this.#sealed.push(this.#open);
      this.#open = this.#kind.open();
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
      if (written) {
        this.#onWritten(batch.projects);
        batch.release();
      } else this.#count(batch);
    }
  }

  /** Tries until the batch is written or the database refuses its content. Whether it was written. */
  async #write(batch: B): Promise<boolean> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#kind.write(batch);
        this.#rowCounter.inc(batch.count);
        if (attempt > 0) this.#log.info({ attempt, of: this.#kind.lines }, "the log is written again");
        return true;
      } catch (error) {
        if (this.#stopped) return false;
        const state = sqlState(error);
        if (state === NO_PARTITION && attempt === 0) {
          await ensurePartitions(batch.since).catch(() => undefined);
          continue;
        }
        if (!canPass(state, error)) {
          this.#log.error({ err: error, rows: batch.count, of: this.#kind.lines }, "the database refuses a batch");
          return false;
        }
        if (attempt === 0)
          this.#log.warn({ err: error, of: this.#kind.lines }, "lines cannot be logged; they wait in memory");
        await sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
      }
    }
  }

  #dropBatch(batch: B): void {
    this.#bytes -= batch.rows.bytes;
    this.#count(batch);
  }

  #count(batch: B): void {
    for (const [key, lines] of batch.counted) this.#drop(key, lines);
  }

  #drop(key: string, lines: number): void {
    this.#dropped.set(key, (this.#dropped.get(key) ?? 0) + lines);
    this.#dropCounter.inc(lines);
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
