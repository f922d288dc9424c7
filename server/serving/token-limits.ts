import { pool } from "#server/platform/db.ts";
import type { Log } from "#server/platform/log.ts";
import type { Caller, Limited } from "./contract.ts";
import { isoDay } from "./log-partitions.ts";

const DAY_MS = 86_400_000;
/** Tokens whose counts are kept in memory; more are forgotten once they are written. */
const MOST = 10_000;

/** What a token asked of an endpoint since it was last written. */
interface Asked {
  requests: number;
  rows: number;
  limited: number;
  failed: number;
}

/** A token as this process knows it. */
class Known {
  /** Requests that it may send now. */
  tokens: number;
  filledAt: number;
  day: number;
  /** Rows of the day: those that are written, by all processes, and those of this one that are not. */
  written = 0;
  fresh = 0;
  hasQuota = false;
  readonly endpoints = new Map<string, Asked>();

  constructor(tokens: number, now: number, day: number) {
    this.tokens = tokens;
    this.filledAt = now;
    this.day = day;
  }
}

/**
 * Holds tokens to their limits and counts what they ask. The rate is a bucket in this process that holds a second's requests; the rows of a day are
 * added up in Postgres every few seconds, so that several processes agree, each ahead by what it counted since. While the database is away, each process
 * goes on with what it knows.
 */
export class TokenLimits {
  readonly #log: Log;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  #writing: Promise<void> = Promise.resolve();

  constructor(log: Log, now: () => number = Date.now) {
    this.#log = log;
    this.#now = now;
  }

  /** Counts a request, or says that it comes too soon. */
  admitRequest(caller: Caller, endpointId: string): Limited | null {
    const now = this.#now();
    const known = this.#knownOf(caller, now);
    const asked = askedOf(known, endpointId);
    asked.requests += 1;
    const rate = caller.ratePerSecond;
    if (rate === null) return null;
    const most = Math.max(1, rate);
    known.tokens = Math.min(most, known.tokens + ((now - known.filledAt) / 1000) * rate);
    known.filledAt = now;
    if (known.tokens >= 1) {
      known.tokens -= 1;
      return null;
    }
    asked.limited += 1;
    const seconds = (1 - known.tokens) / rate;
    return {
      message: `This token may send ${rate} request${rate === 1 ? "" : "s"} a second; wait, or ask for a token with a higher rate.`,
      retryAfterSeconds: Math.max(1, Math.ceil(seconds)),
    };
  }

  /** Counts the rows of a request, or says that they are more than the day allows. */
  admitRows(caller: Caller, endpointId: string, rows: number): Limited | null {
    const now = this.#now();
    const known = this.#knownOf(caller, now);
    const asked = askedOf(known, endpointId);
    const used = known.written + known.fresh;
    if (caller.rowsPerDay !== null && used + rows > caller.rowsPerDay) {
      asked.limited += 1;
      const left = Math.max(0, caller.rowsPerDay - used);
      return {
        message: `This token may ask for ${caller.rowsPerDay} rows a day (UTC) and has ${left} left; ${rows} were asked for. Wait for the next day, or ask for a token with a larger quota.`,
        retryAfterSeconds: Math.ceil(((known.day + 1) * DAY_MS - now) / 1000),
      };
    }
    known.fresh += rows;
    asked.rows += rows;
    return null;
  }

  /** Counts a request of a token that got no prediction. */
  failed(tokenId: string, endpointId: string): void {
    const known = this.#known.get(tokenId);
    if (known) askedOf(known, endpointId).failed += 1;
  }

  /** Writes what was counted and reads what all processes counted. Never rejects: what cannot be written now is written with the next. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#flush());
    return this.#writing;
  }

  async #flush(): Promise<void> {
    const taken: { tokenId: string; endpointId: string; day: number; asked: Asked; known: Known }[] = [];
    for (const [tokenId, known] of this.#known)
      for (const [endpointId, asked] of known.endpoints) {
        if (asked.requests + asked.rows + asked.limited + asked.failed === 0) continue;
        taken.push({ tokenId, endpointId, day: known.day, asked: { ...asked }, known });
        Object.assign(asked, { requests: 0, rows: 0, limited: 0, failed: 0 });
      }
    try {
      if (taken.length > 0) await write(taken);
      for (const { known, asked, day } of taken)
        if (known.day === day) {
          known.fresh -= asked.rows;
          known.written += asked.rows;
        }
    } catch (error) {
      this.#log.warn({ err: error, tokens: taken.length }, "what tokens asked cannot be written; trying again");
      for (const { known, endpointId, asked } of taken) addTo(askedOf(known, endpointId), asked);
      return;
    }
    await this.#readBack().catch((error: unknown) =>
      this.#log.warn({ err: error }, "what tokens asked elsewhere cannot be read; trying again"),
    );
    this.#forget();
  }

  async #readBack(): Promise<void> {
    const day = Math.floor(this.#now() / DAY_MS);
    const ids = [...this.#known].filter(([, known]) => known.hasQuota && known.day === day).map(([id]) => id);
    if (ids.length === 0) return;
    const { rows } = await pool().query<{ token_id: string; rows: string }>(
      "select token_id, sum(rows) as rows from serving_log.token_days where day = $1::date and token_id = any($2::uuid[]) group by 1",
      [isoDay(day * DAY_MS), ids],
    );
    for (const { token_id, rows: total } of rows) {
      const known = this.#known.get(token_id);
      if (known?.day === day) known.written = Number(total);
    }
  }

  #knownOf(caller: Caller, now: number): Known {
    const day = Math.floor(now / DAY_MS);
    let known = this.#known.get(caller.id);
    if (!known) {
      known = new Known(Math.max(1, caller.ratePerSecond ?? 0), now, day);
      this.#known.set(caller.id, known);
      // What others have counted of it today is known a moment later.
      if (caller.rowsPerDay !== null) void this.flush();
    }
    known.hasQuota = caller.rowsPerDay !== null;
    if (known.day !== day) {
      known.day = day;
      known.written = 0;
      known.fresh = 0;
    }
    return known;
  }

  #forget(): void {
    for (const [id, known] of this.#known) {
      if (this.#known.size <= MOST) return;
      if (
        [...known.endpoints.values()].every((asked) => asked.requests + asked.rows + asked.limited + asked.failed === 0)
      )
        this.#known.delete(id);
    }
  }
}

function askedOf(known: Known, endpointId: string): Asked {
  let asked = known.endpoints.get(endpointId);
  if (!asked) known.endpoints.set(endpointId, (asked = { requests: 0, rows: 0, limited: 0, failed: 0 }));
  return asked;
}

function addTo(asked: Asked, more: Asked): void {
  asked.requests += more.requests;
  asked.rows += more.rows;
  asked.limited += more.limited;
  asked.failed += more.failed;
}

interface Line {
  readonly tokenId: string;
  readonly endpointId: string;
  readonly day: number;
  readonly asked: Asked;
}

/** Sorted, so that two processes which write at once take their locks in the same order. */
async function write(lines: readonly Line[]): Promise<void> {
  const sorted = [...lines].sort((a, b) =>
    `${a.tokenId} ${a.endpointId} ${a.day}` < `${b.tokenId} ${b.endpointId} ${b.day}` ? -1 : 1,
  );
  await pool().query(
    `insert into serving_log.token_days as d (token_id, endpoint_id, day, requests, rows, limited, failed)
     select * from unnest($1::uuid[], $2::uuid[], $3::date[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
     on conflict (token_id, endpoint_id, day) do update set
       requests = d.requests + excluded.requests, rows = d.rows + excluded.rows,
       limited = d.limited + excluded.limited, failed = d.failed + excluded.failed`,
    [
      sorted.map((line) => line.tokenId),
      sorted.map((line) => line.endpointId),
      sorted.map((line) => isoDay(line.day * DAY_MS)),
      sorted.map((line) => line.asked.requests),
      sorted.map((line) => line.asked.rows),
      sorted.map((line) => line.asked.limited),
      sorted.map((line) => line.asked.failed),
    ],
  );
}
