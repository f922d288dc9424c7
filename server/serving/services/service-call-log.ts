import { setTimeout as sleep } from "node:timers/promises";
import { pool } from "#server/platform/db.ts";
import type { Log } from "#server/platform/log.ts";
import type { ServiceCallRecord } from "../contract.ts";
import { ensurePartitions } from "../log-partitions.ts";

/** A call with input and output as the log keeps them: JSON text, redacted already. */
export type KeptCall = Omit<ServiceCallRecord, "input" | "output"> & {
  readonly input: string | null;
  readonly output: string | null;
};

const FLUSH_MS = 200;
const BATCH = 200;
const MAX_CHARS = 16 * 1024 * 1024;
const RETRY_MS = [200, 500, 1000, 2000];
const NO_PARTITION = "23514";

/**
 * Keeps calls off the path of requests: they wait in memory and go to the database in batches. While it cannot take them they wait and are tried again; what
 * does not fit is dropped and counted, and no request ever waits.
 */
export class ServiceCallLog {
  readonly #log: Log;
  readonly #onDropped: (serviceId: string, publication: number, calls: number) => void;
  readonly #onWritten: (services: ReadonlyMap<string, string>) => void;
  #waiting: KeptCall[] = [];
  #chars = 0;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> | undefined;
  #stopped = false;

  constructor(options: {
    log: Log;
    onDropped: (serviceId: string, publication: number, calls: number) => void;
    /** Called after calls were written, with the services and the projects they belong to. */
    onWritten: (services: ReadonlyMap<string, string>) => void;
  }) {
    this.#log = options.log;
    this.#onDropped = options.onDropped;
    this.#onWritten = options.onWritten;
  }

  /** Takes a call. Never throws and never waits. */
  add(call: KeptCall): void {
    const chars = sizeOf(call);
    if (this.#stopped || this.#chars + chars > MAX_CHARS) {
      this.#onDropped(call.serviceId, call.publication, 1);
      return;
    }
    this.#chars += chars;
    this.#waiting.push(call);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS);
  }

  /** Writes what waits. Resolves when it is written or dropped. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#work ??= this.#writeAll().finally(() => (this.#work = undefined));
    await this.#work;
  }

  /** Writes what waits, for at most `timeoutMs`; what is left is dropped and counted. */
  async stop(timeoutMs = 3_000): Promise<void> {
    await Promise.race([this.flush(), sleep(timeoutMs, undefined, { ref: false })]);
    this.#stopped = true;
    for (const call of this.#waiting.splice(0)) this.#onDropped(call.serviceId, call.publication, 1);
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH);
      const written = await this.#write(batch);
      for (const call of batch) {
        this.#chars -= sizeOf(call);
        if (!written) this.#onDropped(call.serviceId, call.publication, 1);
      }
      if (written) this.#onWritten(new Map(batch.map((call) => [call.serviceId, call.projectId])));
    }
  }

  async #write(batch: readonly KeptCall[]): Promise<boolean> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await insert(batch);
        return true;
      } catch (error) {
        const state = error instanceof Error && "code" in error ? String(error.code) : "";
        if (state === NO_PARTITION && attempt === 0) {
          await ensurePartitions(Math.min(...batch.map((call) => call.receivedAt))).catch(() => undefined);
          continue;
        }
        // What Postgres says of the rows themselves (class 22, 23, 42) will not pass with time.
        if (this.#stopped || /^(22|23|42)/.test(state)) {
          this.#log.error({ err: error, calls: batch.length }, "the database refuses calls of services");
          return false;
        }
        if (attempt === 0) this.#log.warn({ err: error }, "calls of services cannot be logged; they wait in memory");
        await sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
      }
    }
  }
}

function sizeOf({ input, output, error }: KeptCall): number {
  return 300 + (input?.length ?? 0) + (output?.length ?? 0) + (error?.length ?? 0);
}

async function insert(batch: readonly KeptCall[]): Promise<void> {
  const column = <T>(pick: (call: KeptCall) => T): T[] => batch.map(pick);
  await pool().query(
    `insert into serving_log.service_calls
       (service_id, project_id, publication, request_id, received_at, status, latency_us, caller, input, output, error)
     select service_id, project_id, publication, request_id, to_timestamp(received_at / 1000), status, latency_us, caller,
            input::jsonb, output::jsonb, error
     from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::float8[], $6::int[], $7::int[], $8::uuid[], $9::text[],
       $10::text[], $11::text[])
       as t (service_id, project_id, publication, request_id, received_at, status, latency_us, caller, input, output, error)`,
    [
      column((call) => call.serviceId),
      column((call) => call.projectId),
      column((call) => call.publication),
      column((call) => call.requestId),
      column((call) => call.receivedAt),
      column((call) => call.status),
      column((call) => Math.min(2_147_483_647, Math.round(call.latencyUs))),
      column((call) => call.caller),
      column((call) => call.input),
      column((call) => call.output),
      column((call) => call.error?.replaceAll("\0", "").slice(0, 4000) ?? null),
    ],
  );
}
