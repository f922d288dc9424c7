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
import { Preparer } from "./prepare-environments.ts";
import { Pulse } from "./pulse.ts";

const TICK_MS = 1_000;
/** Every step of every run announces itself several times; these keep the answers few. */
const BEAT_SPACING_MS = 200;
const PREPARE_SPACING_MS = 200;
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
  readonly #ends: (() => void)[] = [];
  readonly #preparer: Preparer;
  readonly #claiming: Pulse;
  readonly #beating: Pulse;
  readonly #preparing: Pulse;
  readonly #recovering: Pulse;
  #stopping = false;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#preparer = new Preparer(options.workerId, options.log);
    const pulse = (what: string, spacingMs: number, work: () => Promise<unknown>) =>
      new Pulse(work, {
        spacingMs,
        onError: (error) => options.log.warn({ err: error, what }, "the database could not be asked; trying again"),
      });
    this.#claiming = pulse("claim", 0, () => this.#claimAll());
    this.#beating = pulse("beat", BEAT_SPACING_MS, () => this.#renew());
    this.#preparing = pulse("prepare", PREPARE_SPACING_MS, () => this.#preparer.look());
    this.#recovering = pulse("recover", 0, () => recoverLostAttempts());
  }

  async start(): Promise<void> {
    await sweepAttemptFolders(listRunningAttempts);
    const hub = changes();
    await hub.ready();
    const ticks = setInterval(() => this.#tick(), TICK_MS);
    const beats = setInterval(() => this.#beating.ask(), BEAT_MS);
    this.#ends.push(
      () => clearInterval(ticks),
      () => clearInterval(beats),
      hub.onReconnected(() => this.#tick()),
      hub.on((change) => {
        if (change.topic !== "pipelines") return;
        this.#claiming.ask();
        this.#preparing.ask();
        // Somebody may have cancelled a run whose step is here.
        if ([...this.#holding.values()].some((h) => h.attempt.claimed.run.id === change.id)) this.#beating.ask();
      }),
    );
    this.#tick();
  }

  /** Ends the running steps, gives them back, and takes no more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const end of this.#ends) end();
    await this.#claiming.stop();
    // Leases last longer than this, so nobody else takes the steps before they are given back.
    const ending = {
      status: "lost",
      reason: "stopped",
      message: "The worker was stopped; the step will start again.",
      graceMs: STOP_GRACE_MS,
    } as const;
    for (const { attempt } of this.#holding.values()) attempt.end(ending);
    await Promise.all([...this.#holding.values()].map((holding) => holding.attempt.done));
    await Promise.all([this.#beating.stop(), this.#recovering.stop(), this.#preparing.stop(), this.#preparer.stop()]);
  }

  #tick(): void {
    this.#fenceSilent();
    this.#recovering.ask();
    this.#claiming.ask();
    this.#preparing.ask();
  }

  get #freeSlots(): number {
    return this.#options.slots - [...this.#holding.values()].reduce((sum, holding) => sum + holding.cost, 0);
  }

  async #claimAll(): Promise<void> {
    const { workerId, slots, log } = this.#options;
    while (!this.#stopping && this.#freeSlots > 0) {
      const heldAt = performance.now();
      const claimed = await claimStep({ id: workerId, slots, freeSlots: this.#freeSlots });
      if (!claimed) return;
      const attempt = new Attempt(claimed, workerId, log);
      this.#holding.set(claimed.attemptId, { attempt, heldAt, cost: Math.min(slots, Math.ceil(claimed.step.cpu)) });
      void attempt.done.finally(() => {
        this.#holding.delete(claimed.attemptId);
        this.#claiming.ask();
      });
    }
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
}
