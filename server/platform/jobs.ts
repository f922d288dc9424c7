import { fromPrisma, PgBoss } from "pg-boss";
import type { z } from "zod";
import { canonicalJson } from "#server/kernel/canonical-json.ts";
import type { Db } from "./db.ts";
import { env } from "./env.ts";
import { log, type Log } from "./log.ts";
import type { ModelRuntime } from "./runtimes.ts";

export const WORKER_ROLES = ["pipelines", "monitoring", "serving"] as const;
export type WorkerRole = (typeof WORKER_ROLES)[number];

export interface JobContext {
  readonly log: Log;
  readonly signal: AbortSignal;
  /** What the worker can run; handed in so that no domain imports the worker. */
  readonly models: ModelRuntime;
}

export interface Job<S extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly payload: S;
  /** Jobs with the same key wait once: a second is dropped while the first has not started. */
  readonly key: (payload: NoInfer<z.infer<S>>) => string;
  readonly role: WorkerRole;
  readonly retries: number;
  /** Seconds after which an unfinished job counts as lost. */
  readonly timeout: number;
  /** How many of this kind one worker runs at once. */
  readonly concurrency: number;
  readonly handler: () => Promise<(payload: NoInfer<z.infer<S>>, context: JobContext) => Promise<void>>;
}

/** Declares background work. The row it works on holds the truth; the queue only delivers, at least once, so handlers must be idempotent. */
export function defineJob<S extends z.ZodType>(
  job: Pick<Job<S>, "name" | "payload" | "key" | "role" | "handler"> &
    Partial<Pick<Job<S>, "retries" | "timeout" | "concurrency">>,
): Job<S> {
  return { retries: 3, timeout: 900, concurrency: 2, ...job };
}

/** Something that happened, which domains above may react to. */
export interface DomainEvent<S extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly payload: S;
}

export function defineEvent<S extends z.ZodType>(name: string, payload: S): DomainEvent<S> {
  return { name, payload };
}

/** A job that runs for every occurrence of an event; the payload is the event's. */
export interface Subscription {
  readonly event: string;
  readonly job: Job;
}

export function on<S extends z.ZodType>(event: DomainEvent<S>, job: Job<S>): Subscription {
  return { event: event.name, job };
}

const shared = globalThis as unknown as { touchstoneQueue?: Promise<PgBoss> };
const created = new WeakMap<PgBoss, Map<string, Promise<void>>>();

async function open(supervise: boolean): Promise<PgBoss> {
  const { DATABASE_URL } = env();
  if (!DATABASE_URL) throw new Error("DATABASE_URL is not set");
  const boss = new PgBoss({
    connectionString: DATABASE_URL,
    application_name: "touchstone queue",
    max: 4,
    useListenNotify: supervise,
    supervise,
    schedule: supervise,
    // A killed worker's job is noticed by its missing heartbeat; these make that seconds instead of minutes.
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
  });
  boss.on("error", (error) => log.error({ err: error }, "queue error"));
  await boss.start();
  return boss;
}

/** The process's connection to the queue. Workers call `startQueue(true)` once, before anything else asks. */
export function startQueue(supervise = false): Promise<PgBoss> {
  if (!shared.touchstoneQueue) {
    const opening = open(supervise);
    opening.catch(() => delete shared.touchstoneQueue);
    shared.touchstoneQueue = opening;
  }
  return shared.touchstoneQueue;
}

/** Creates the job's queue if this process has not seen it yet. */
export async function ensureQueue(boss: PgBoss, job: Pick<Job, "name" | "retries" | "timeout">): Promise<void> {
  const known = created.get(boss) ?? new Map<string, Promise<void>>();
  created.set(boss, known);
  let pending = known.get(job.name);
  if (!pending) {
    pending = boss.createQueue(job.name, {
      policy: "short",
      retryLimit: job.retries,
      retryBackoff: true,
      retryDelay: 2,
      expireInSeconds: job.timeout,
      heartbeatSeconds: 20,
      notify: true,
    });
    known.set(job.name, pending);
  }
  await pending;
}

/** Queues a job in the caller's transaction: it exists only if the change it belongs to does. */
export async function enqueueJob<S extends z.ZodType>(
  tx: Db,
  job: Job<S>,
  payload: z.input<S>,
  options: { delaySeconds?: number } = {},
): Promise<void> {
  const boss = await startQueue();
  await ensureQueue(boss, job);
  const data = job.payload.parse(payload);
  await boss.send(job.name, data as object, {
    db: fromPrisma(tx),
    singletonKey: job.key(data),
    ...(options.delaySeconds ? { startAfter: options.delaySeconds } : {}),
  });
}

/** Publishes a domain event in the caller's transaction to every subscribed queue. */
export async function publishEvent<S extends z.ZodType>(
  tx: Db,
  event: DomainEvent<S>,
  payload: z.input<S>,
): Promise<void> {
  const boss = await startQueue();
  const data = event.payload.parse(payload) as object;
  // The queues keep one waiting job per key; without a key of its own a second event would be dropped as a repetition.
  await boss.publish(event.name, data, { db: fromPrisma(tx), singletonKey: canonicalJson(data) });
}

/** Ends this process's queue connection, letting running jobs finish for up to `graceMs`. */
export async function stopQueue(graceMs = 5_000): Promise<void> {
  const pending = shared.touchstoneQueue;
  delete shared.touchstoneQueue;
  const boss = await pending?.catch(() => undefined);
  await boss?.stop({ graceful: true, timeout: graceMs, close: true });
}
