import { uuidv7 } from "#server/kernel/ids.ts";
import { AppError, isAppError, messageOf } from "#server/kernel/errors.ts";
import { pool, transaction } from "#server/platform/db.ts";
import { announceNow } from "#server/platform/events.ts";
import { putFile } from "#server/platform/objects.ts";
import type { Log } from "#server/platform/log.ts";

/** How long a worker may be silent before its work is given to another, and how often it says that it lives. */
const LEASE_MS = 15_000;
const BEAT_MS = 1_000;
/** Tries that end without one whole part. */
const MOST_TRIES = 4;

export interface WorkRow {
  readonly id: string;
  readonly projectId: string;
  readonly number: number;
  readonly spec: unknown;
  readonly rowsTotal: number;
  readonly rowsDone: number;
  readonly phase: string;
  readonly createdBy: string | null;
  readonly createdByName: string;
}

/** The work was taken from this worker, or cancelled: nothing of it may be stored any more. */
class Taken extends Error {
  readonly cancelled: boolean;
  constructor(cancelled: boolean) {
    super(cancelled ? "cancelled" : "another worker has it");
    this.cancelled = cancelled;
  }
}

/**
 * Takes a piece of work, if it is to be done and nobody has it. Any worker may try at any time: the row decides. One whose workers died several times
 * without a whole part is ended as failed.
 */
export async function takeWork(id: string, log: Log): Promise<HeldWork | null> {
  const holder = uuidv7();
  const { rows } = await pool().query<WorkRow & { tries: number }>(
    `update bulk_works set status = 'running', holder = $2, lease_until = now() + $3 * interval '1 millisecond', held_since = now(),
       held_rows = rows_done, started_at = coalesce(started_at, now()), tries = tries + 1
     where id = $1 and status in ('queued', 'running') and cancel_requested_at is null and (lease_until is null or lease_until < now())
     returning id, project_id as "projectId", number, spec, rows_total::float8 as "rowsTotal", rows_done::float8 as "rowsDone", phase, tries,
       created_by as "createdBy", created_by_name as "createdByName"`,
    [id, holder, LEASE_MS],
  );
  const [row] = rows;
  if (!row) return null;
  await announceNow({ projectId: row.projectId, topic: "bulk", id });
  const held = new HeldWork(row, holder, log);
  if (row.tries <= MOST_TRIES) return held;
  await held.fail(
    new AppError(
      "internal",
      `${MOST_TRIES} workers ended one after the other while they worked on the rows after ${row.rowsDone}.`,
      {
        field: "rows",
        value: row.rowsDone,
        remedy: "Ask an administrator to look at the workers' log and memory; then start it again.",
      },
    ),
  );
  return null;
}

/** A piece of work in the hands of this worker. It keeps the lease until `run` returns, and stores nothing once the lease is lost. */
export class HeldWork {
  readonly row: WorkRow;
  readonly #holder: string;
  readonly #log: Log;
  readonly #ending = new AbortController();

  constructor(row: WorkRow, holder: string, log: Log) {
    this.row = row;
    this.#holder = holder;
    this.#log = log.child({ work: row.id });
  }

  /** Aborted when the work was cancelled or taken away. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /**
   * Does the work and settles how it ended: `work` has stored its result by `finish`, or throws. A refusal (AppError) ends it as failed with its words; a
   * worker that stops (`stopping`) gives it back as it stands.
   */
  async run(stopping: AbortSignal, work: () => Promise<void>): Promise<void> {
    const beat = setInterval(() => void this.#beat(), BEAT_MS);
    const stop = () => this.#ending.abort(new Taken(false));
    stopping.addEventListener("abort", stop, { once: true });
    try {
      this.#ending.signal.throwIfAborted();
      await work();
    } catch (error) {
      if (stopping.aborted) await this.#giveBack();
      else if (error instanceof Taken || this.signal.aborted) await this.#settleTaken();
      else {
        if (!isAppError(error)) this.#log.error({ err: error }, "bulk work failed unexpectedly");
        await this.fail(error);
      }
    } finally {
      clearInterval(beat);
      stopping.removeEventListener("abort", stop);
    }
  }

  /** Stores a whole part of the rows: from now on the next worker goes on after it. The file is copied. Throws when the work is no longer ours. */
  async addPart(number: number, rows: number, file: string): Promise<void> {
    const { sha256, sizeBytes } = await putFile(file);
    await transaction(async (client) => {
      const { rowCount } = await client.query(
        "update bulk_works set rows_done = rows_done + $3, tries = 0 where id = $1 and holder = $2 and status = 'running' and cancel_requested_at is null",
        [this.row.id, this.#holder, rows],
      );
      if (rowCount !== 1) throw this.#taken();
      await client.query(
        "insert into bulk_parts (work_id, number, rows, sha256, size_bytes) values ($1, $2, $3, $4, $5)",
        [this.row.id, number, rows, sha256, sizeBytes],
      );
    });
    await announceNow({ projectId: this.row.projectId, topic: "bulk", id: this.row.id });
  }

  /** The stored parts in their order. */
  async parts(): Promise<{ number: number; rows: number; sha256: string }[]> {
    const { rows } = await pool().query<{ number: number; rows: number; sha256: string }>(
      "select number, rows, sha256 from bulk_parts where work_id = $1 order by number",
      [this.row.id],
    );
    return rows;
  }

  /** Begins anew: nothing that an earlier worker did counts, and so many rows are to be done. */
  async restart(rowsTotal: number): Promise<void> {
    await this.#set("rows_total = $3, rows_done = 0, held_rows = 0", [rowsTotal]);
  }

  /** So many rows are done; nothing of them is stored yet. */
  async count(rowsDone: number): Promise<void> {
    await this.#set("rows_done = $3", [rowsDone]);
  }

  /** All rows are done: what came out is `writing`, and after that, when a cancellation comes too late, `registering`. */
  async enter(phase: "writing" | "registering"): Promise<void> {
    await this.#set("phase = $3", [phase]);
  }

  /** Changes the row while it is ours; throws when it was cancelled or taken over. */
  async #set(set: string, values: unknown[]): Promise<void> {
    const { rowCount } = await pool().query(
      `update bulk_works set ${set} where id = $1 and holder = $2 and status = 'running' and cancel_requested_at is null`,
      [this.row.id, this.#holder, ...values],
    );
    if (rowCount !== 1) throw this.#taken();
    await announceNow({ projectId: this.row.projectId, topic: "bulk", id: this.row.id });
  }

  /** Ends it as done, with what came out. `days`: how long the result's own file is kept. */
  async finish(result: object, days: number | null = null): Promise<void> {
    await this.#end(
      "status = 'done', result = $3::jsonb, expires_at = case when $4::int is null then null else now() + $4::int * interval '1 day' end",
      [JSON.stringify(result), days],
    );
  }

  /** Ends it as failed, with the words of the refusal. */
  async fail(error: unknown): Promise<void> {
    const place = isAppError(error) ? error.place : {};
    const said = {
      message: isAppError(error) ? error.message : `Something went wrong here: ${messageOf(error)}`,
      field: place.field ?? null,
      value: place.value ?? null,
      remedy: place.remedy ?? null,
    };
    await this.#end("status = 'failed', error = $3::jsonb", [JSON.stringify(said)]);
  }

  async #beat(): Promise<void> {
    try {
      const { rows } = await pool().query<{ cancelled: boolean }>(
        `update bulk_works set lease_until = now() + $3 * interval '1 millisecond' where id = $1 and holder = $2 and status = 'running'
         returning cancel_requested_at is not null as cancelled`,
        [this.row.id, this.#holder, LEASE_MS],
      );
      if (rows[0]?.cancelled !== false) this.#ending.abort(new Taken(rows[0]?.cancelled === true));
    } catch (error) {
      this.#log.warn({ err: error }, "the lease of bulk work could not be renewed");
    }
  }

  #taken(): Taken {
    const taken = new Taken(false);
    this.#ending.abort(taken);
    return taken;
  }

  /** A cancelled one ends; one that another worker has is left to it. */
  async #settleTaken(): Promise<void> {
    const { rows } = await pool().query<{ id: string }>(
      "select id from bulk_works where id = $1 and holder = $2 and status = 'running' and cancel_requested_at is not null",
      [this.row.id, this.#holder],
    );
    if (rows.length > 0) await this.#end("status = 'cancelled'", []);
    else this.#log.warn("bulk work was taken over by another worker");
  }

  async #giveBack(): Promise<void> {
    await pool().query(
      "update bulk_works set status = 'queued', holder = null, lease_until = null, tries = greatest(tries - 1, 0) where id = $1 and holder = $2 and status = 'running'",
      [this.row.id, this.#holder],
    );
    await announceNow({ projectId: this.row.projectId, topic: "bulk", id: this.row.id });
  }

  async #end(set: string, values: unknown[]): Promise<void> {
    await endWork(this.row.id, `holder = '${this.#holder}'`, set, values);
  }
}

/**
 * Ends running or queued work on a condition and lets its parts go: content that nobody refers to is removed by retention. `set` takes parameters from $3
 * on.
 */
export async function endWork(id: string, condition: string, set: string, values: unknown[]): Promise<boolean> {
  const ended = await transaction(async (client) => {
    const { rows } = await client.query<{ projectId: string }>(
      `update bulk_works set ${set}, finished_at = now(), holder = null, lease_until = null
       where id = $1 and status = any($2::text[]) and ${condition} returning project_id as "projectId"`,
      [id, ["queued", "running"], ...values],
    );
    if (rows[0])
      await client.query(
        `with gone as (delete from bulk_parts where work_id = $1 returning sha256, size_bytes)
         insert into orphan_objects (sha256, size_bytes) select distinct on (sha256) sha256, size_bytes from gone
         on conflict (sha256) do nothing`,
        [id],
      );
    return rows[0];
  });
  if (ended) await announceNow({ projectId: ended.projectId, topic: "bulk", id });
  return ended !== undefined;
}
