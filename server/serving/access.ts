import { setTimeout as sleep } from "node:timers/promises";
import { accessTo, actorOfToken } from "#server/identity/index.ts";
import type { Scope } from "#server/identity/contract.ts";
import { AppError, isAppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import type { Log } from "#server/platform/log.ts";
import type { Access, Caller } from "./contract.ts";

/** What a token may do in a project; without a project only whether it is one. */
type Grant = "unauthenticated" | "hidden" | { readonly scopes: readonly Scope[]; readonly caller: Caller };

interface Known {
  readonly grant: Grant;
  /** Milliseconds since 1970: asked for again in the background after the first, waited for after the second. */
  staleAt: number;
  deadAt: number;
  /** When the database said so. */
  readonly since: number;
}

const FRESH_MS = 5_000;
/** How long a revoked token may still work. */
const LIFE_MS = 10_000;
/** How long a token that was good is believed while the database cannot be asked. */
const TRUST_MS = 3_600_000;
const PATIENCE_MS = 3_000;
const MOST = 10_000;

const SCOPE_OF = { predict: "serving:predict", outcome: "serving:outcomes" } as const satisfies Record<string, Scope>;
export type ServingAct = keyof typeof SCOPE_OF;

/**
 * Decides what API tokens may do at endpoints, from memory where it can: an answer of the database holds for 10 seconds. While the database is away,
 * tokens that were good within the last hour stay good, so that no request fails for it; unknown ones are answered 503.
 */
export class TokenAccess {
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<Known>>();
  readonly #log: Log;
  readonly #now: () => number;
  readonly #ask: (token: string, projectId: string | null) => Promise<Grant>;

  constructor(log: Log, options: { now?: () => number; ask?: typeof askDatabase } = {}) {
    this.#log = log;
    this.#now = options.now ?? Date.now;
    this.#ask = options.ask ?? askDatabase;
  }

  /** Whose the token is, if it may act on an endpoint of the project (null: of none that exists). Answers at once when it knows. */
  check(token: string | null, act: ServingAct, projectId: string | null): Access | Caller | Promise<Access | Caller> {
    if (token === null) return "unauthenticated";
    const key = `${projectId ?? ""} ${token}`;
    const known = this.#known.get(key);
    const now = this.#now();
    if (known && now < known.deadAt) {
      // A refused refresh changes nothing here: the next request after `deadAt` waits for it.
      if (now >= known.staleAt) this.#refresh(key, token, projectId, known).catch(() => undefined);
      return decide(known.grant, act, projectId);
    }
    return this.#refresh(key, token, projectId, known).then(({ grant }) => decide(grant, act, projectId));
  }

  /** Asks the database, once for all who want to know the same at the same time. */
  #refresh(key: string, token: string, projectId: string | null, known: Known | undefined): Promise<Known> {
    let asking = this.#asking.get(key);
    if (!asking) {
      asking = this.#load(key, token, projectId, known).finally(() => this.#asking.delete(key));
      this.#asking.set(key, asking);
    }
    return asking;
  }

  async #load(key: string, token: string, projectId: string | null, known: Known | undefined): Promise<Known> {
    let grant: Grant;
    try {
      grant = await inTime(this.#ask(token, projectId));
    } catch (error) {
      return this.#bridge(error, known);
    }
    const now = this.#now();
    const fresh: Known = { grant, staleAt: now + FRESH_MS, deadAt: now + LIFE_MS, since: now };
    this.#known.delete(key);
    this.#known.set(key, fresh);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
    return fresh;
  }

  /** Goes on with what is known while the database cannot be asked. */
  #bridge(error: unknown, known: Known | undefined): Known {
    const now = this.#now();
    if (known && known.grant !== "unauthenticated" && now - known.since < TRUST_MS) {
      this.#log.warn({ err: error }, "tokens cannot be checked; those that were good stay good for an hour");
      known.staleAt = now + FRESH_MS;
      known.deadAt = now + LIFE_MS;
      return known;
    }
    throw new AppError("unavailable", "The token cannot be checked at the moment.", {
      remedy: "Try again in a few seconds.",
      cause: error,
    });
  }
}

function decide(grant: Grant, act: ServingAct, projectId: string | null): Access | Caller {
  if (typeof grant === "string") return grant;
  return projectId === null || grant.scopes.includes(SCOPE_OF[act]) ? grant.caller : "forbidden";
}

async function inTime<T>(asked: Promise<T>): Promise<T> {
  const limit = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: limit.signal, ref: false }).then(() => {
    throw new Error(`the database did not answer within ${PATIENCE_MS} ms`);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    limit.abort();
    late.catch(() => undefined);
  }
}

async function askDatabase(token: string, projectId: string | null): Promise<Grant> {
  const actor = await actorOfToken(token);
  if (!actor?.token) return "unauthenticated";
  const { id, limits } = actor.token;
  const caller = { id, ratePerSecond: limits?.ratePerSecond ?? null, rowsPerDay: limits?.rowsPerDay ?? null };
  if (projectId === null) return { scopes: [], caller };
  try {
    return { scopes: (await accessTo(prisma(), actor, projectId)).scopes, caller };
  } catch (error) {
    if (isAppError(error, "not_found")) return "hidden";
    throw error;
  }
}
