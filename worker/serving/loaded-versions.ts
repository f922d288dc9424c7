import { messageOf } from "#server/kernel/errors.ts";
import type { PlanArm, PlanEntry } from "#server/serving/contract.ts";
import type { Limits, ServingDeps } from "./deps.ts";
import { closeLiveModel, isSameVersion, type LiveModel, openLiveModel } from "./live-model.ts";

/** A version that could not be loaded is tried again after this time, in case its file came back. */
const RETRY_MS = 60_000;

interface Failure {
  readonly entry: PlanEntry;
  readonly reason: string;
  readonly at: number;
}

type Deps = Pick<ServingDeps, "log" | "whyNotApproved">;

/** The versions that are in memory: one load for all arms of an endpoint that name the same. */
export class LoadedVersions {
  readonly #limits: Limits;
  readonly #log: Deps["log"];
  readonly #whyNotApproved: Deps["whyNotApproved"];
  /** What was found out of the entries of a plan; verifying signatures takes its time. */
  readonly #verified = new WeakMap<PlanEntry, string | null>();
  readonly #onLost: (model: LiveModel) => void;
  readonly #loaded = new Map<string, LiveModel>();
  /** Versions that could not be loaded: they are not tried again with every plan. */
  readonly #failures = new Map<string, Failure>();
  readonly #retiring = new Set<Promise<void>>();
  /** Versions that are being loaded beside the plan, because it takes seconds to minutes. */
  readonly #loading = new Map<string, Promise<void>>();
  readonly #onLoaded: (endpoint: string) => void;

  /**
   * `onLost` is called with a version whose thread died; it is no longer here then. `onLoaded` is called with the endpoint of a version that was loaded beside
   * the plan, well or not.
   */
  constructor(
    limits: Limits,
    { log, whyNotApproved }: Deps,
    onLost: (model: LiveModel) => void,
    onLoaded: (endpoint: string) => void,
  ) {
    this.#limits = limits;
    this.#log = log;
    this.#whyNotApproved = whyNotApproved;
    this.#onLost = onLost;
    this.#onLoaded = onLoaded;
  }

  /** Whether a version is being loaded beside the plan. */
  isLoading(endpoint: string, entry: PlanEntry): boolean {
    return this.#loading.has(keyOf(endpoint, entry));
  }

  /** What may run for an arm: a version that is here and, if it is to answer, was approved. */
  of(endpoint: string, arm: Pick<PlanArm, "kind" | "entry">): LiveModel | undefined {
    const model = this.get(endpoint, arm.entry);
    return model && this.#unapproved(arm) === null ? model : undefined;
  }

  get(endpoint: string, entry: PlanEntry): LiveModel | undefined {
    const model = this.#loaded.get(keyOf(endpoint, entry));
    return model && isSameVersion(model.entry, entry) ? model : undefined;
  }

  /** Why an arm's version cannot run; null when it can, or was not tried yet. */
  whyNot(endpoint: string, arm: Pick<PlanArm, "kind" | "entry">): string | null {
    const unapproved = this.#unapproved(arm);
    if (unapproved !== null) return unapproved;
    const failure = this.#failures.get(keyOf(endpoint, arm.entry));
    return failure && isSameVersion(failure.entry, arm.entry) ? failure.reason : null;
  }

  /**
   * Loads a version unless it is here, or failed lately. Whether it was loaded now. Never rejects: `whyNot` says what went wrong.
   * A version that Python loads is only begun: nothing else may wait for its environment, and `onLoaded` says when it is there.
   */
  async bring(endpoint: string, arm: Pick<PlanArm, "kind" | "entry">): Promise<boolean> {
    const { entry } = arm;
    // The plan was read from a database that somebody may have edited; this process believes what was signed.
    const unapproved = this.#unapproved(arm);
    if (unapproved !== null) {
      this.#log.error({ endpoint, version: entry.version, reason: unapproved }, "version may not answer");
      return false;
    }
    if (this.get(endpoint, entry)) return false;
    const key = keyOf(endpoint, entry);
    const failed = this.#failures.get(key);
    const isKnown = failed && isSameVersion(failed.entry, entry) && failed.entry.golden === entry.golden;
    if (isKnown && Date.now() - failed.at < RETRY_MS) return false;
    if (entry.runtime !== "pyfunc") return await this.#load(endpoint, entry);
    if (!this.#loading.has(key))
      this.#loading.set(
        key,
        this.#load(endpoint, entry).then(() => {
          this.#loading.delete(key);
          this.#onLoaded(endpoint);
        }),
      );
    return false;
  }

  async #load(endpoint: string, entry: PlanEntry): Promise<boolean> {
    const key = keyOf(endpoint, entry);
    const started = performance.now();
    try {
      const model = await openLiveModel(endpoint, entry, this.#limits);
      const before = this.#loaded.get(key);
      this.#loaded.set(key, model);
      this.#failures.delete(key);
      if (before) this.#close(before);
      void model.session.lost.then((error) => this.#lose(model, error));
      const ms = Math.round(performance.now() - started);
      this.#log.info({ endpoint, version: entry.version, place: model.session.place, ms }, "version is loaded");
      return true;
    } catch (error) {
      this.#failures.set(key, { entry, reason: messageOf(error), at: Date.now() });
      this.#log.error({ err: error, endpoint, version: entry.version }, "version cannot be served");
      return false;
    }
  }

  /** Lets go of an endpoint's versions that are not among these, once they have answered what they accepted. */
  keepOnly(endpoint: string, kept: ReadonlySet<LiveModel>, planned: readonly PlanEntry[]): void {
    const mine = [...this.#loaded.values()].filter((model) => model.endpoint === endpoint);
    for (const model of mine) {
      if (kept.has(model) || planned.some((entry) => isSameVersion(entry, model.entry))) continue;
      this.#loaded.delete(keyOf(endpoint, model.entry));
      this.#close(model);
    }
    for (const [key, { entry }] of this.#failures)
      if (key.startsWith(`${endpoint} `) && !planned.some((wanted) => isSameVersion(wanted, entry)))
        this.#failures.delete(key);
  }

  /** Resolves when every version that was let go is freed. */
  async freed(): Promise<void> {
    await Promise.all(this.#loading.values());
    await Promise.all(this.#retiring);
  }

  #unapproved({ kind, entry }: Pick<PlanArm, "kind" | "entry">): string | null {
    // A shadow answers nobody.
    if (kind === "shadow") return null;
    let found = this.#verified.get(entry);
    if (found === undefined) this.#verified.set(entry, (found = this.#whyNotApproved(entry)));
    return found;
  }

  #close(model: LiveModel): void {
    const { endpoint, entry } = model;
    const closed = closeLiveModel(model)
      .then(
        () => this.#log.info({ endpoint, version: entry.version }, "version is released"),
        (error: unknown) =>
          this.#log.error({ err: error, endpoint, version: entry.version }, "version was not released cleanly"),
      )
      .then(() => void this.#retiring.delete(closed));
    this.#retiring.add(closed);
  }

  #lose(model: LiveModel, error: Error): void {
    const { endpoint, entry } = model;
    const key = keyOf(endpoint, entry);
    if (this.#loaded.get(key) !== model) return;
    this.#log.error({ err: error, endpoint, version: entry.version }, "a model's thread died; loading it again");
    this.#loaded.delete(key);
    this.#close(model);
    this.#onLost(model);
  }
}

function keyOf(endpoint: string, { modelVersionId }: PlanEntry): string {
  return `${endpoint} ${modelVersionId}`;
}
