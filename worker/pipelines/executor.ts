import {
  BEAT_MS,
  claimStep,
  listRunningAttempts,
  recoverLostAttempts,
  renewLeases,
  SELF_FENCE_MS,
} from "#server/pipelines/index.ts";
import { changes } from "#server/platform/events.ts";
import type { Log } from "#server/platform/log.ts";
import { Attempt } from "./attempt.ts";
import { sweepAttemptFolders } from "./attempt-folder.ts";
import { Preparer } from "./environment/prepare.ts";

const TICK_MS = 1_000;
const CANCEL_GRACE_MS = 1_000;
const STOP_GRACE_MS = 1_500;

export interface ExecutorOptions {
  readonly workerId: string;
  /** How many one-processor steps run at once. */
  readonly slots: number;
  readonly log: Log;
}

interface Holding {
  readonly attempt: Attempt;
  readonly cost: number;
  /** When, on this process's own clock, the lease was last known to be ours. */
  heldAt: number;
}

/**
 * Runs steps: takes what is ready as long as there are free slots, keeps the leases alive, ends what was cancelled or lost, and gives back what dead
 * workers held. It looks when something changed and once a second; the database decides who gets what.
 */
export class Executor {
  readonly #options: ExecutorOptions;
  readonly #holding = new Map<string, Holding>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #stopListening: (() => void)[] = [];
  readonly #preparer: Preparer;
  #stopping = false;
  #claiming: Promise<void> | null = null;
  #claimAgain = false;
  #beating: Promise<void> | null = null;
  #preparation: Promise<void> | null = null;
  #prepareAgain = false;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#preparer = new Preparer(options.workerId, options.log);
  }

  async start(): Promise<void> {
    await sweepAttemptFolders(listRunningAttempts);
    const hub = changes();
    await hub.ready();
    this.#stopListening.push(
      hub.on((change) => {
        if (change.topic !== "pipelines") return;
        this.#claim();
        this.#prepare();
        // Somebody may have cancelled a run whose step is here.
        if ([...this.#holding.values()].some((h) => h.attempt.claimed.run.id === change.id)) this.#beat();
      }),
      hub.onReconnected(() => this.#claim()),
    );
    this.#timers.push(
      setInterval(() => this.#tick(), TICK_MS),
      setInterval(() => this.#beat(), BEAT_MS),
    );
    this.#tick();
  }

  /** Ends the running steps, gives them back, and takes no more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const off of this.#stopListening) off();
    await this.#claiming;
    // Leases last longer than this, so nobody else takes the steps before they are given back.
    for (const { attempt } of this.#holding.values())
      attempt.end({
        status: "lost",
        reason: "stopped",
        message: "The worker was stopped; the step will start again.",
        graceMs: STOP_GRACE_MS,
      });
    await Promise.all([...this.#holding.values()].map((holding) => holding.attempt.done));
    await Promise.all([this.#beating, this.#preparation, this.#preparer.stop()]);
  }

  /** How many steps are running here. */
  get running(): number {
    return this.#holding.size;
  }

  #tick(): void {
    this.#fenceSilent();
    this.#guard("recover", recoverLostAttempts());
    this.#claim();
    this.#prepare();
  }

  #guard(what: string, work: Promise<unknown>): void {
    work.catch((error: unknown) =>
      this.#options.log.warn({ err: error, what }, "the database could not be asked; trying again"),
    );
  }

  get #freeSlots(): number {
    return this.#options.slots - [...this.#holding.values()].reduce((sum, holding) => sum + holding.cost, 0);
  }

  #claim(): void {
    if (this.#claiming) {
      this.#claimAgain = true;
      return;
    }
    this.#claiming = this.#claimAll().finally(() => {
      this.#claiming = null;
      if (!this.#claimAgain || this.#stopping) return;
      this.#claimAgain = false;
      this.#claim();
    });
    this.#guard("claim", this.#claiming);
  }

  async #claimAll(): Promise<void> {
    const { workerId, slots, log } = this.#options;
    this.#claimAgain = false;
    while (!this.#stopping && this.#freeSlots > 0) {
      const heldAt = performance.now();
      const claimed = await claimStep({ id: workerId, slots, freeSlots: this.#freeSlots });
      if (!claimed) return;
      const attempt = new Attempt(claimed, workerId, log);
      this.#holding.set(claimed.attemptId, { attempt, heldAt, cost: Math.min(slots, Math.ceil(claimed.step.cpu)) });
      void attempt.done.finally(() => {
        this.#holding.delete(claimed.attemptId);
        this.#claim();
      });
    }
  }

  #beat(): void {
    this.#beating ??= this.#renew().finally(() => {
      this.#beating = null;
    });
    this.#guard("beat", this.#beating);
  }

  async #renew(): Promise<void> {
    const asked = [...this.#holding.keys()];
    const askedAt = performance.now();
    const { held, cancelled } = await renewLeases(this.#options.workerId, asked);
    for (const id of asked) {
      const holding = this.#holding.get(id);
      if (!holding) continue;
      if (!held.has(id)) {
        // An attempt that is just being ended by ourselves is gone from the list too; fencing it then changes nothing.
        holding.attempt.fence();
        continue;
      }
      holding.heldAt = askedAt;
      if (cancelled.has(id))
        holding.attempt.end({
          status: "cancelled",
          reason: "cancelled",
          message: "The run was cancelled.",
          graceMs: CANCEL_GRACE_MS,
        });
    }
  }

  /** Ends what is held by a lease that this worker could not renew: after it another worker starts the same step. */
  #fenceSilent(): void {
    for (const holding of this.#holding.values())
      if (performance.now() - holding.heldAt > SELF_FENCE_MS) holding.attempt.fence();
  }

  #prepare(): void {
    if (this.#preparation) {
      this.#prepareAgain = true;
      return;
    }
    this.#prepareAgain = false;
    this.#preparation = this.#preparer.look().finally(() => {
      this.#preparation = null;
      if (this.#prepareAgain && !this.#stopping) this.#prepare();
    });
    this.#guard("prepare", this.#preparation);
  }
}
