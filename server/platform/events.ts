import { EventEmitter } from "node:events";
import pg from "pg";
import { z } from "zod";
import { type Db, pool } from "./db.ts";
import { env } from "./env.ts";
import { log } from "./log.ts";

const CHANNEL = "touchstone";
/** How many changes are kept, at most, for those who come to listen a moment after they read. */
const KEPT = 1000;

/** Says that something under a topic changed. Browsers and workers fetch the new state; the message carries only names. */
const Change = z.object({
  projectId: z.string().nullable(),
  topic: z.string(),
  id: z.string(),
  userId: z.string().optional(),
});
export type Change = z.infer<typeof Change>;

/** What `pg_notify` sends on the channel "touchstone" for a change, for SQL that announces by itself. */
export function changeNotice(change: Change): string {
  return JSON.stringify(change);
}

/** Announces a change; inside a transaction it is delivered at commit, and not at all on rollback. */
export async function announce(db: Db, change: Change): Promise<void> {
  await db.$executeRaw`select pg_notify(${CHANNEL}, ${changeNotice(change)})`;
}

/** As `announce`, for code that works on the plain pool. */
export async function announceNow(change: Change): Promise<void> {
  await pool().query("select pg_notify($1, $2)", [CHANNEL, changeNotice(change)]);
}

/** One LISTEN connection per process, fanned out to every listener in it; reconnects by itself. */
class Hub {
  readonly #out = new EventEmitter().setMaxListeners(0);
  #client: pg.Client | undefined;
  #closed = false;
  #ready: Promise<void>;
  #kept: { readonly at: number; readonly change: Change }[] = [];
  /** Since when `#kept` misses nothing. */
  #whole = Number.POSITIVE_INFINITY;

  constructor() {
    this.#ready = this.#connect();
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: env().DATABASE_URL,
      application_name: "touchstone listen",
      keepAlive: true,
    });
    client.on("notification", (message) => {
      const parsed = Change.safeParse(JSON.parse(message.payload ?? "null"));
      if (!parsed.success) return;
      this.#keep(parsed.data);
      this.#out.emit("change", parsed.data);
    });
    client.on("error", (error) => log.warn({ err: error }, "the listening database connection failed"));
    client.on("end", () => {
      this.#client = undefined;
      if (!this.#closed) setTimeout(() => void this.#connect(), 500).unref();
    });
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      this.#client = client;
      this.#kept = [];
      this.#whole = performance.now();
      this.#out.emit("reconnected");
    } catch {
      await client.end().catch(() => undefined);
    }
  }

  #keep(change: Change): void {
    if (this.#kept.length >= KEPT) {
      this.#kept = this.#kept.slice(-KEPT / 2);
      this.#whole = this.#kept[0]?.at ?? performance.now();
    }
    this.#kept.push({ at: performance.now(), change });
  }

  /** The changes of the last `ms` milliseconds, oldest first; null when that is further back than is remembered. */
  recent(ms: number): Change[] | null {
    const from = performance.now() - ms;
    if (from < this.#whole) return null;
    return this.#kept.filter((each) => each.at >= from).map((each) => each.change);
  }

  /** Calls `listener` for every change until the returned function is called. */
  on(listener: (change: Change) => void): () => void {
    this.#out.on("change", listener);
    return () => void this.#out.off("change", listener);
  }

  /** Calls `listener` after every (re)connection: changes may have been missed before it. */
  onReconnected(listener: () => void): () => void {
    this.#out.on("reconnected", listener);
    return () => void this.#out.off("reconnected", listener);
  }

  async ready(): Promise<void> {
    await this.#ready;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client?.end().catch(() => undefined);
  }
}

const shared = globalThis as unknown as { touchstoneHub?: Hub };

/** The process's listener for changes. */
export function changes(): Hub {
  shared.touchstoneHub ??= new Hub();
  return shared.touchstoneHub;
}

/** Ends the listening connection; the next `changes()` opens a new one. */
export async function closeChanges(): Promise<void> {
  const hub = shared.touchstoneHub;
  delete shared.touchstoneHub;
  await hub?.close();
}
