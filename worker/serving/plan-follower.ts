import { setTimeout as sleep } from "node:timers/promises";
import { systemActor } from "#server/identity/index.ts";
import { messageOf } from "#server/kernel/errors.ts";
import { changes } from "#server/platform/events.ts";
import type { Log } from "#server/platform/log.ts";
import type { PlanResult } from "#server/serving/contract.ts";
import { type Intent, planOf, readIntents, settleEndpoint } from "#server/serving/index.ts";
import type { Serving } from "./server.ts";

const TOPICS = ["endpoints", "models", "projects"];
const EVERY_MS = 5_000;

/**
 * Keeps a serving process at what the database says should be live: at once when something is announced, after a lost connection, and every five seconds
 * whatever happens. While the database is away, everything stays as it is.
 */
export class PlanFollower {
  readonly #serving: Pick<Serving, "applyPlan">;
  readonly #log: Log;
  readonly #settled = new Map<string, string>();
  readonly #stop = new AbortController();
  #wake: () => void = () => undefined;
  #lost = false;
  /** Plans that were read so far. */
  #turn = 0;
  #settling: Promise<void> = Promise.resolve();
  #running: Promise<void> = Promise.resolve();

  constructor(serving: Pick<Serving, "applyPlan">, log: Log) {
    this.#serving = serving;
    this.#log = log;
  }

  /** Carries out the first plan, then follows. Does not reject: without a database the first plan comes when there is one. */
  async start(): Promise<() => Promise<void>> {
    const hub = changes();
    const off = [
      hub.on((change) => {
        if (TOPICS.includes(change.topic)) this.#wake();
      }),
      hub.onReconnected(() => this.#wake()),
    ];
    const woken = this.#nextWake();
    await this.#follow();
    this.#running = this.#loop(woken);
    return async () => {
      for (const end of off) end();
      this.#stop.abort();
      await this.#running;
      await this.#settling;
    };
  }

  async #loop(first: Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    for (let woken = first; ; ) {
      await Promise.race([woken, sleep(EVERY_MS, undefined, { signal }).catch(() => undefined)]);
      if (signal.aborted) return;
      // From before the plan is read on: what is announced while it is read may not be in it.
      woken = this.#nextWake();
      await this.#follow();
    }
  }

  #nextWake(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  async #follow(): Promise<void> {
    try {
      const intents = await readIntents();
      // A stop, an end or a share counts from here on; versions that have to be loaded are not waited for, so that a later change is not either.
      const done = this.#serving.applyPlan(planOf(intents));
      const turn = (this.#turn += 1);
      this.#settling = this.#settling.then(async () => {
        const results = await done;
        // A newer plan says what is live now.
        if (turn === this.#turn) await this.#settleAll(intents, results);
      });
      if (turn === 1) await this.#settling;
      if (this.#lost) this.#log.info("the serving plan is read again");
      this.#lost = false;
    } catch (error) {
      if (!this.#lost) this.#log.warn({ err: error }, "the serving plan cannot be read; what is live stays live");
      this.#lost = true;
    }
  }

  /** Tells the database what answers now, if that is news. Does not reject. */
  async #settleAll(intents: readonly Intent[], results: readonly PlanResult[]): Promise<void> {
    const byName = new Map(results.map((result) => [result.endpoint, result]));
    for (const intent of intents) await this.#settle(intent, byName.get(intent.endpoint));
  }

  async #settle(intent: Intent, result: PlanResult | undefined): Promise<void> {
    // What takes its time to load says nothing yet.
    if (result?.state === "loading") return;
    const { endpoint, requestId, isStopped, plan } = intent;
    const entry = plan.arms.find((arm) => arm.kind === "champion")?.entry ?? null;
    const failure =
      entry && result?.state === "failed" ? `Version ${entry.version} cannot be served: ${result.error ?? ""}` : null;
    const problem = failure ?? intent.problem;
    const live = entry && !isStopped ? { versionId: entry.modelVersionId, version: entry.version, requestId } : null;
    const arms = [...(result?.arms ?? []), ...intent.refused];
    const news = JSON.stringify([failure ? "failed" : live, problem, arms]);
    if (this.#settled.get(plan.endpointId) === news) return;
    try {
      // What answered before a version that cannot be served goes on answering: only the problem is news.
      const settled = { endpointId: plan.endpointId, problem, arms, ...(failure ? {} : { live }) };
      await settleEndpoint(systemActor("Touchstone serving"), plan.projectId, settled);
      this.#settled.set(plan.endpointId, news);
    } catch (error) {
      this.#log.warn({ endpoint, reason: messageOf(error) }, "what is live could not be written down; trying again");
    }
  }
}
