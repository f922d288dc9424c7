import { type EnvironmentState, saveEnvironment } from "#server/pipelines/index.ts";
import type { EnvironmentProgress } from "#server/pipelines/contract.ts";
import type { Log } from "#server/platform/log.ts";
import type { EnvironmentPlan } from "./plan.ts";

const EVERY_MS = 500;
const LOG_CHARS = 64_000;

/** Keeps the row of an environment that is being built up to date, at most twice a second. */
export class ProgressWriter {
  readonly #plan: EnvironmentPlan;
  readonly #workerId: string;
  readonly #log: Log;
  readonly #startedAt = new Date();
  #text = "";
  #progress: EnvironmentProgress = { phase: "creating", done: 0, total: 0 };
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(plan: EnvironmentPlan, workerId: string, log: Log) {
    this.#plan = plan;
    this.#workerId = workerId;
    this.#log = log;
  }

  progress(progress: EnvironmentProgress): void {
    this.#progress = progress;
    this.#schedule();
  }

  line(text: string): void {
    this.#text = `${this.#text}${text.replaceAll("\0", "")}\n`.slice(-LOG_CHARS);
    this.#schedule();
  }

  #schedule(): void {
    // A count that was under way may still arrive; written, it would make a finished environment one that is being built.
    if (this.#ended) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#save({ status: "building", error: null, sizeBytes: null });
    }, EVERY_MS);
  }

  #save(end: Pick<EnvironmentState, "status" | "error" | "sizeBytes">): void {
    const { hash, tool, requirements, python } = this.#plan;
    const state: EnvironmentState = {
      hash,
      kind: tool,
      requirements,
      python: python.version,
      progress: this.#progress,
      log: this.#text,
      workerId: this.#workerId,
      startedAt: this.#startedAt,
      ...end,
    };
    this.#writing = this.#writing
      .then(() => saveEnvironment(state))
      .catch((error: unknown) => this.#log.warn({ err: error }, "the environment's progress could not be stored"));
  }

  /** Stores the end. */
  async finish(end: { error: string | null; sizeBytes: number | null }): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    if (end.error === null) this.#progress = { ...this.#progress, phase: "ready", done: this.#progress.total };
    this.#save({ status: end.error === null ? "ready" : "failed", ...end });
    await this.#writing;
  }
}
