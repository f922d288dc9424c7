import type { Registry } from "prom-client";
import { messageOf } from "#server/kernel/errors.ts";
import type { Log } from "#server/platform/log.ts";
import type { MinuteStats, PlanEntry, PlanResult, ServingPlan } from "#server/serving/contract.ts";
import type { Limits } from "./deps.ts";
import { registerMetrics, type ServingMetrics } from "./metrics.ts";
import { closeLiveModel, type LiveModel, openLiveModel } from "./live-model.ts";

/** A version that could not be loaded is tried again after this time, in case its file came back. */
const RETRY_MS = 60_000;

/** An entry of the plan that does not answer. */
export interface Broken {
  readonly entry: PlanEntry;
  readonly reason: string;
}

/** The versions that answer now. A plan changes them one by one, each in a single step that no request can see half done. */
export class LiveModels {
  readonly #limits: Limits;
  readonly #log: Log;
  readonly #metrics: ServingMetrics;
  #live = new Map<string, LiveModel>();
  /** Endpoints of the plan without a version that answers, and why. */
  #broken = new Map<string, Broken>();
  /** Versions that could not be loaded: they are not tried again with every plan. */
  readonly #failures = new Map<string, Broken & { readonly at: number }>();
  #work: Promise<unknown> = Promise.resolve();
  #left: MinuteStats[] = [];
  readonly #retiring = new Set<Promise<void>>();
  #planned = false;

  constructor(limits: Limits, log: Log, metrics: Registry) {
    this.#limits = limits;
    this.#log = log;
    this.#metrics = registerMetrics(metrics, () => this.all());
  }

  /** Whether a plan was carried out, so that an unknown name is really unknown. */
  get ready(): boolean {
    return this.#planned;
  }

  get(endpoint: string): LiveModel | undefined {
    return this.#live.get(endpoint);
  }

  /** An endpoint of the plan that does not answer, and why. */
  broken(endpoint: string): Broken | undefined {
    return this.#broken.get(endpoint);
  }

  all(): LiveModel[] {
    return [...this.#live.values()];
  }

  /** Every endpoint of the plan, whether it answers or not. */
  names(): string[] {
    return [...new Set([...this.#live.keys(), ...this.#broken.keys()])].sort();
  }

  /** Carries out a plan; plans are carried out in the order of the calls. Never rejects: what failed is in the result. */
  apply(plan: ServingPlan): Promise<PlanResult[]> {
    const done = this.#work.then(() => this.#apply(plan));
    this.#work = done;
    return done;
  }

  /** Takes the counts of all versions since the last call, also of those that were released in between. */
  takeStats(): MinuteStats[] {
    const taken = [...this.#left, ...this.all().map((model) => model.stats.take())].filter((stats) => stats !== null);
    this.#left = [];
    return taken;
  }

  /** Waits for accepted requests and frees every model. */
  async close(): Promise<void> {
    await this.apply(new Map());
    await Promise.all(this.#retiring);
    this.#planned = false;
    this.#metrics.remove();
  }

  async #apply(plan: ServingPlan): Promise<PlanResult[]> {
    const results: PlanResult[] = [];
    for (const [endpoint, entry] of plan) results.push(await this.#bring(endpoint, entry));
    for (const endpoint of this.#failures.keys()) if (!plan.has(endpoint)) this.#failures.delete(endpoint);
    for (const endpoint of this.#broken.keys()) if (!plan.has(endpoint)) this.#broken.delete(endpoint);
    for (const [endpoint, model] of this.#live) {
      if (plan.has(endpoint)) continue;
      this.#live.delete(endpoint);
      this.#retire(model);
      results.push({ endpoint, modelVersionId: model.entry.modelVersionId, state: "removed" });
    }
    this.#planned = true;
    return results;
  }

  async #bring(endpoint: string, entry: PlanEntry): Promise<PlanResult> {
    const { modelVersionId } = entry;
    const current = this.#live.get(endpoint);
    if (current && isSame(current.entry, entry)) {
      current.stopped = entry.stopped;
      return { endpoint, modelVersionId, state: "unchanged" };
    }
    const failure = this.#failures.get(endpoint);
    if (failure && isSame(failure.entry, entry) && failure.entry.golden === entry.golden)
      if (Date.now() - failure.at < RETRY_MS)
        return { endpoint, modelVersionId, state: "failed", error: failure.reason };
    const started = performance.now();
    try {
      const model = await openLiveModel(endpoint, entry, this.#limits, this.#metrics);
      // From this line on new requests reach the new version; those that the old one has accepted are answered by it.
      this.#live.set(endpoint, model);
      this.#broken.delete(endpoint);
      this.#failures.delete(endpoint);
      if (current) this.#retire(current);
      void model.session.lost.then((error) => this.#recover(model, error));
      const ms = Math.round(performance.now() - started);
      this.#log.info({ endpoint, version: entry.version, place: model.session.place, ms }, "version is live");
      return { endpoint, modelVersionId, state: "live" };
    } catch (error) {
      const reason = messageOf(error);
      this.#failures.set(endpoint, { entry, reason, at: Date.now() });
      this.#log.error({ err: error, endpoint, version: entry.version }, "version cannot be served");
      if (!current)
        this.#broken.set(endpoint, { entry, reason: `version ${entry.version} cannot be served: ${reason}` });
      return { endpoint, modelVersionId, state: "failed", error: reason };
    }
  }

  #retire(model: LiveModel): void {
    const { endpoint, entry } = model;
    const retired = closeLiveModel(model)
      .then(
        () => this.#log.info({ endpoint, version: entry.version }, "version is released"),
        (error: unknown) =>
          this.#log.error({ err: error, endpoint, version: entry.version }, "version was not released cleanly"),
      )
      .then(() => {
        const stats = model.stats.take();
        if (stats) this.#left.push(stats);
        this.#retiring.delete(retired);
      });
    this.#retiring.add(retired);
  }

  /** A model whose thread died is loaded anew, if it is still the one that should answer. */
  #recover(model: LiveModel, error: Error): void {
    const { endpoint, entry } = model;
    this.#log.error({ err: error, endpoint, version: entry.version }, "a model's thread died; loading it again");
    this.#work = this.#work.then(async () => {
      if (this.#live.get(endpoint) !== model) return;
      this.#live.delete(endpoint);
      this.#broken.set(endpoint, { entry, reason: `version ${entry.version} is being loaded again` });
      this.#retire(model);
      await this.#bring(endpoint, { ...entry, stopped: model.stopped });
    });
  }
}

function isSame(a: PlanEntry, b: PlanEntry): boolean {
  return (
    a.modelVersionId === b.modelVersionId &&
    a.sha256 === b.sha256 &&
    a.endpointId === b.endpointId &&
    a.projectId === b.projectId &&
    a.version === b.version
  );
}
