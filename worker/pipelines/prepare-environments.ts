import { messageOf } from "#server/kernel/errors.ts";
import {
  beginPreparing,
  failPreparation,
  listWaitingRuns,
  releasePreparedRun,
  type WaitingRun,
} from "#server/pipelines/index.ts";
import type { Log } from "#server/platform/log.ts";
import { buildUnlessReady } from "../environments/ensure.ts";
import { EnvironmentError } from "../environments/failure.ts";
import { type EnvironmentPlan, isReady, planEnvironment } from "../environments/plan.ts";

const STILL_WANTED_MS = 2_000;
const MOST_MISHAPS = 5;

/**
 * Gets the environments of waiting runs ready: looks what each run wants, lets those go whose environment is there, and builds one missing environment at a
 * time. A run whose environment cannot be had fails at once, with the reason.
 */
export class Preparer {
  readonly #workerId: string;
  readonly #log: Log;
  readonly #stop = new AbortController();
  readonly #mishaps = new Map<string, number>();
  #building: Promise<void> | null = null;

  constructor(workerId: string, log: Log) {
    this.#workerId = workerId;
    this.#log = log;
  }

  /** One look at all waiting runs. Does not wait for a build. */
  async look(): Promise<void> {
    for (const run of await listWaitingRuns()) {
      const plan = await this.#planOf(run);
      if (!plan) continue;
      if (isReady(plan)) await releasePreparedRun(run, plan.hash);
      else {
        await beginPreparing(run, plan.hash);
        this.#building ??= this.#build(plan).finally(() => {
          this.#building = null;
        });
      }
    }
  }

  /** Gives up a build that is going on. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#building;
  }

  async #planOf(run: WaitingRun): Promise<EnvironmentPlan | null> {
    try {
      return await planEnvironment(run);
    } catch (error) {
      const mishaps = (this.#mishaps.get(run.runId) ?? 0) + 1;
      this.#mishaps.set(run.runId, mishaps);
      if (!(error instanceof EnvironmentError)) {
        this.#log.error({ err: error, run: run.runId, mishaps }, "an environment could not be planned");
        // A defect of the moment, a process that could not be started, may pass; the run does not fail for it.
        if (mishaps < MOST_MISHAPS) return null;
      }
      this.#mishaps.delete(run.runId);
      await failPreparation(run, messageOf(error));
      return null;
    }
  }

  async #waitingFor(hash: string): Promise<WaitingRun[]> {
    return (await listWaitingRuns()).filter((run) => run.environment === hash);
  }

  async #build(plan: EnvironmentPlan): Promise<void> {
    const unwanted = new AbortController();
    // A build takes minutes; when every run that wanted it was cancelled, it only stands in the way of others.
    const timer = setInterval(() => {
      this.#waitingFor(plan.hash).then(
        (runs) => {
          if (runs.length === 0) unwanted.abort();
        },
        () => undefined,
      );
    }, STILL_WANTED_MS);
    try {
      const signal = AbortSignal.any([this.#stop.signal, unwanted.signal]);
      if (!(await buildUnlessReady(plan, { workerId: this.#workerId, log: this.#log, signal, wait: false }))) return;
      for (const run of await this.#waitingFor(plan.hash)) await releasePreparedRun(run, plan.hash);
    } catch (error) {
      // Runs of a worker that is stopping wait for the next one.
      if (this.#stop.signal.aborted) return;
      if (!(error instanceof EnvironmentError)) this.#log.error({ err: error }, "an environment could not be built");
      for (const run of await this.#waitingFor(plan.hash)) await failPreparation(run, messageOf(error));
    } finally {
      clearInterval(timer);
    }
  }
}
