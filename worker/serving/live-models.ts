import type { ArmResult, EndpointPlan, MinuteStats, PlanResult, ServingPlan } from "#server/serving/contract.ts";
import type { Limits, ServingDeps } from "./deps.ts";
import { EndpointStats } from "./endpoint-stats.ts";
import { buildEndpoint } from "./build-endpoint.ts";
import type { LiveEndpoint } from "./live-endpoint.ts";
import type { LiveModel } from "./live-model.ts";
import { LoadedVersions } from "./loaded-versions.ts";
import { registerMetrics } from "./metrics.ts";
import type { ShadowDeps } from "./shadow.ts";

/**
 * What answers now, by endpoint. A plan changes an endpoint in single steps that no request can see half done: at once as far as the versions in memory
 * go (a stop, a share, an end), and once more when those are loaded and proven that were missing.
 */
export class LiveModels {
  readonly #versions: LoadedVersions;
  readonly #stats: EndpointStats;
  readonly #shadows: ShadowDeps;
  readonly #removeMetrics: () => void;
  #plan: ServingPlan = new Map();
  #live = new Map<string, LiveEndpoint>();
  #work: Promise<unknown> = Promise.resolve();
  #planned = false;

  constructor(limits: Limits, deps: Pick<ServingDeps, "log" | "metrics" | "whyNotApproved">, shadows: ShadowDeps) {
    const metrics = registerMetrics(deps.metrics, () => this.#stats.pending(this.#live.values()));
    this.#removeMetrics = metrics.remove;
    this.#stats = new EndpointStats(metrics.meterOf);
    this.#shadows = shadows;
    this.#versions = new LoadedVersions(
      limits,
      deps,
      (model) => this.#recover(model),
      (name) => this.#replaceByPlan(name),
    );
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
    for (const arm of endpoint.arms) {
      const { modelVersionId } = arm.entry;
      if (!this.#plan.get(name)?.arms.some(({ entry }) => entry.modelVersionId === modelVersionId)) continue;
      if (await this.#versions.bring(name, arm)) this.#replaceByPlan(name);
    }
    // What could not be loaded is known now, and said to callers.
    this.#replaceByPlan(name);
    return this.#resultOf(name, endpoint, was);
  }

  #replaceByPlan(name: string): void {
    const wanted = this.#plan.get(name);
    if (wanted) this.#replace(name, wanted);
    else this.#versions.keepOnly(name, new Set(), []);
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
    const arms: ArmResult[] = endpoint.arms.flatMap((arm) => {
      const { armId, entry } = arm;
      if (armId === null) return [];
      const problem = this.#versions.whyNot(name, arm);
      return [{ armId, problem: problem === null ? null : `Version ${entry.version} cannot be served: ${problem}` }];
    });
    const champion = endpoint.arms.find((arm) => arm.kind === "champion");
    if (!champion) return { endpoint: name, modelVersionId: "", state: "unchanged", arms };
    const { modelVersionId } = champion.entry;
    if (this.#versions.isLoading(name, champion.entry))
      return { endpoint: name, modelVersionId, state: "loading", arms };
    const error = this.#versions.whyNot(name, champion);
    if (error !== null) return { endpoint: name, modelVersionId, state: "failed", error, arms };
    const loaded = this.#versions.get(name, champion.entry);
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
