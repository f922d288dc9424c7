<<<<<<< HEAD
import type { Registry } from "prom-client";
import type { Log } from "#server/platform/log.ts";
import type { ArmResult, EndpointPlan, MinuteStats, PlanResult, ServingPlan } from "#server/serving/contract.ts";
import type { Limits } from "./deps.ts";
import { EndpointStats } from "./endpoint-stats.ts";
import { buildEndpoint } from "./build-endpoint.ts";
import type { LiveEndpoint } from "./live-endpoint.ts";
import type { LiveModel } from "./live-model.ts";
import { LoadedVersions } from "./loaded-versions.ts";
import { registerMetrics } from "./metrics.ts";
import type { ShadowDeps } from "./shadow.ts";
=======
import { AppError, messageOf } from "#server/kernel/errors.ts";
import type { Log } from "#server/platform/log.ts";
import type { MinuteStats, PlanEntry, PlanResult, ServingPlan } from "#server/serving/contract.ts";
import type { Limits, ServingDeps } from "./deps.ts";
import { registerMetrics, type ServingMetrics } from "./metrics.ts";
import { closeLiveModel, type LiveModel, openLiveModel } from "./live-model.ts";
>>>>>>> 7d45029 (Sign each approval, and serve nothing that the needed people did not sign for)

/**
 * What answers now, by endpoint. A plan changes an endpoint in single steps that no request can see half done: at once as far as the versions in memory
 * go (a stop, a share, an end), and once more when those are loaded and proven that were missing.
 */
export class LiveModels {
<<<<<<< HEAD
  readonly #versions: LoadedVersions;
  readonly #stats: EndpointStats;
  readonly #shadows: ShadowDeps;
  readonly #removeMetrics: () => void;
  #plan: ServingPlan = new Map();
  #live = new Map<string, LiveEndpoint>();
=======
  readonly #limits: Limits;
  readonly #log: Log;
  readonly #metrics: ServingMetrics;
  readonly #whyNotApproved: ServingDeps["whyNotApproved"];
  #live = new Map<string, LiveModel>();
  /** Endpoints of the plan without a version that answers, and why. */
  #broken = new Map<string, Broken>();
  /** Versions that could not be loaded: they are not tried again with every plan. */
  readonly #failures = new Map<string, Broken & { readonly at: number }>();
>>>>>>> 7d45029 (Sign each approval, and serve nothing that the needed people did not sign for)
  #work: Promise<unknown> = Promise.resolve();
  #planned = false;

<<<<<<< HEAD
  constructor(limits: Limits, log: Log, registry: Registry, shadows: ShadowDeps) {
    const metrics = registerMetrics(registry, () => this.#stats.pending(this.#live.values()));
    this.#removeMetrics = metrics.remove;
    this.#stats = new EndpointStats(metrics.meterOf);
    this.#shadows = shadows;
    this.#versions = new LoadedVersions(limits, log, (model) => this.#recover(model));
=======
  constructor(
    limits: Limits,
    { log, metrics, whyNotApproved }: Pick<ServingDeps, "log" | "metrics" | "whyNotApproved">,
  ) {
    this.#limits = limits;
    this.#whyNotApproved = whyNotApproved;
    this.#log = log;
    this.#metrics = registerMetrics(metrics, () => this.all());
>>>>>>> 7d45029 (Sign each approval, and serve nothing that the needed people did not sign for)
  }

  /** Whether a plan was carried out, so that an unknown name is really unknown. */
  get ready(): boolean {
    return this.#planned;
  }

  get(endpoint: string): LiveEndpoint | undefined {
    return this.#live.get(endpoint);
  }

  /** Every endpoint of the plan that has a version or a reason why not. */
  names(): string[] {
    return [...this.#live.keys()].sort();
  }

  /**
   * Carries out a plan. What needs no load is done when this returns; the promise settles when the rest is, in the order of the calls. Never rejects:
   * what failed is in the result.
   */
  apply(plan: ServingPlan): Promise<PlanResult[]> {
    const before = this.#plan;
    this.#plan = plan;
    const removed = [...before.keys()].filter((name) => !plan.has(name));
    const gone = removed.flatMap((name) => this.#remove(name));
    const started = [...plan].map(([name, endpoint]) => ({ name, endpoint, was: championOf(this.#live.get(name)) }));
    for (const [name, endpoint] of plan) this.#replace(name, endpoint);
    const done = this.#work.then(async () => {
      const results: PlanResult[] = [];
      for (const { name, endpoint, was } of started) results.push(await this.#bring(name, endpoint, was));
      this.#planned = true;
      return [...results, ...gone];
    });
    this.#work = done;
    return done;
  }

  /** Takes the counts of all versions since the last call, also of those that were released in between. */
  takeStats(): MinuteStats[] {
    return this.#stats.take();
  }

  /** Waits for accepted requests and frees every model. */
  async close(): Promise<void> {
    await this.apply(new Map());
    await this.#versions.freed();
    this.#planned = false;
    this.#removeMetrics();
  }

  /** Loads what an endpoint needs. A newer plan may have come meanwhile: then that is what is put in place. */
  async #bring(name: string, endpoint: EndpointPlan, was: LiveModel | null): Promise<PlanResult> {
    for (const { entry } of endpoint.arms) {
      if (!this.#plan.get(name)?.arms.some((arm) => arm.entry.modelVersionId === entry.modelVersionId)) continue;
      if (await this.#versions.bring(name, entry)) this.#replaceByPlan(name);
    }
    // What could not be loaded is known now, and said to callers.
    this.#replaceByPlan(name);
    return this.#resultOf(name, endpoint, was);
  }

<<<<<<< HEAD
  #replaceByPlan(name: string): void {
    const wanted = this.#plan.get(name);
    if (wanted) this.#replace(name, wanted);
  }

  /** Puts an endpoint in place as far as its versions are loaded. From here on new requests see it; what was accepted before is answered as it was. */
  #replace(name: string, plan: EndpointPlan): void {
    const before = this.#live.get(name);
    const made = buildEndpoint(name, plan, before ?? null, this.#versions, this.#stats, this.#shadows);
    if (made) this.#live.set(name, made);
    else this.#live.delete(name);
    const used = new Set([...(made?.answering() ?? []), ...(made?.shadows ?? [])].map(({ model }) => model));
    this.#versions.keepOnly(
      name,
      used,
      plan.arms.map((arm) => arm.entry),
    );
=======
  async #bring(endpoint: string, entry: PlanEntry): Promise<PlanResult> {
    const { modelVersionId } = entry;
    const current = this.#live.get(endpoint);
    if (current && isSame(current.entry, entry)) {
      current.stopped = entry.stopped;
      return { endpoint, modelVersionId, state: "unchanged" };
    }
    // The plan was read from a database that somebody may have edited; this process believes what was signed.
    const unapproved = this.#whyNotApproved(entry);
    if (unapproved !== null) return this.#fail(endpoint, entry, new AppError("forbidden", unapproved));
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
      this.#failures.set(endpoint, { entry, reason: messageOf(error), at: Date.now() });
      return this.#fail(endpoint, entry, error);
    }
  }

  #fail(endpoint: string, entry: PlanEntry, error: unknown): PlanResult {
    const reason = messageOf(error);
    this.#log.error({ err: error, endpoint, version: entry.version }, "version cannot be served");
    if (!this.#live.has(endpoint))
      this.#broken.set(endpoint, { entry, reason: `version ${entry.version} cannot be served: ${reason}` });
    return { endpoint, modelVersionId: entry.modelVersionId, state: "failed", error: reason };
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
>>>>>>> 7d45029 (Sign each approval, and serve nothing that the needed people did not sign for)
  }

  #remove(name: string): PlanResult[] {
    const champion = championOf(this.#live.get(name));
    this.#live.delete(name);
    this.#versions.keepOnly(name, new Set(), []);
    if (!champion) return [];
    const { modelVersionId } = champion.entry;
    return [{ endpoint: name, modelVersionId, state: "removed", arms: [] }];
  }

  #resultOf(name: string, endpoint: EndpointPlan, was: LiveModel | null): PlanResult {
    const arms: ArmResult[] = endpoint.arms.flatMap(({ armId, entry }) => {
      if (armId === null) return [];
      const problem = this.#versions.failure(name, entry);
      return [
        { armId, problem: problem === undefined ? null : `Version ${entry.version} cannot be served: ${problem}` },
      ];
    });
    const champion = endpoint.arms.find((arm) => arm.kind === "champion")?.entry;
    if (!champion) return { endpoint: name, modelVersionId: "", state: "unchanged", arms };
    const { modelVersionId } = champion;
    const error = this.#versions.failure(name, champion);
    if (error !== undefined) return { endpoint: name, modelVersionId, state: "failed", error, arms };
    const loaded = this.#versions.get(name, champion);
    return { endpoint: name, modelVersionId, state: loaded === was ? "unchanged" : "live", arms };
  }

  /** A model whose thread died is loaded anew, if it is still one that should answer. Until then its traffic is the champion's, or refused. */
  #recover(model: LiveModel): void {
    const { endpoint } = model;
    this.#replaceByPlan(endpoint);
    this.#work = this.#work.then(async () => {
      const plan = this.#plan.get(endpoint);
      if (plan) await this.#bring(endpoint, plan, null);
    });
  }
}

function championOf(endpoint: LiveEndpoint | undefined): LiveModel | null {
  return endpoint?.champion?.model ?? null;
}
