import { setTimeout as sleep } from "node:timers/promises";
import { systemActor } from "#server/identity/index.ts";
import { messageOf } from "#server/kernel/errors.ts";
import { changes } from "#server/platform/events.ts";
import type { Log } from "#server/platform/log.ts";
import { readServicePlan, type ServiceIntent, settleService } from "#server/serving/index.ts";
import type { LiveServices, ServiceResult } from "./live-services.ts";

const TOPICS = ["services", "projects"];
const EVERY_MS = 5_000;

/** Keeps the services of a serving process at what the database says should be live: at once when something is announced, and every five seconds whatever happens. */
export class ServiceFollower {
  readonly #services: LiveServices;
  readonly #log: Log;
  readonly #settled = new Map<string, string>();
  readonly #stop = new AbortController();
  #wake: () => void = () => undefined;
  #lost = false;
  #running: Promise<void> = Promise.resolve();

  constructor(services: LiveServices, log: Log) {
    this.#services = services;
    this.#log = log;
  }

  /** Begins to follow. Does not reject: without a database the first plan comes when there is one. */
  start(): () => Promise<void> {
    const hub = changes();
    const off = [
      hub.on((change) => {
        if (TOPICS.includes(change.topic)) this.#wake();
      }),
      hub.onReconnected(() => this.#wake()),
    ];
    this.#running = this.#loop();
    return async () => {
      for (const end of off) end();
      this.#stop.abort();
      await this.#running;
    };
  }

  /** Looks again at once. */
  wake(): void {
    this.#wake();
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      await this.#follow();
      await Promise.race([woken, sleep(EVERY_MS, undefined, { signal }).catch(() => undefined)]);
    }
  }

  async #follow(): Promise<void> {
    try {
      const intents = await readServicePlan();
      const results = this.#services.apply(intents);
      for (const [i, intent] of intents.entries()) await this.#settle(intent, results[i]);
      if (this.#lost) this.#log.info("the plan of services is read again");
      this.#lost = false;
    } catch (error) {
      if (!this.#lost) this.#log.warn({ err: error }, "the plan of services cannot be read; what is live stays live");
      this.#lost = true;
    }
  }

  async #settle({ name, candidates: [newest] }: ServiceIntent, result: ServiceResult | undefined): Promise<void> {
    if (!newest || !result || (result.loading && !result.live)) return;
    const { live, problem } = result;
    const news = JSON.stringify([live?.entry.publicationId, problem]);
    const { serviceId, projectId } = newest;
    if (this.#settled.get(serviceId) === news) return;
    try {
      await settleService(systemActor("Touchstone serving"), projectId, {
        serviceId,
        problem,
        live: live && { publicationId: live.entry.publicationId, input: live.input, output: live.output },
      });
      this.#settled.set(serviceId, news);
    } catch (error) {
      this.#log.warn(
        { service: name, reason: messageOf(error) },
        "what is live could not be written down; trying again",
      );
    }
  }
}
