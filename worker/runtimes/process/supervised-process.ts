import { setTimeout as sleep } from "node:timers/promises";
import { AppError, messageOf } from "#server/kernel/errors.ts";
import type { Log } from "#server/platform/log.ts";
import type { Frame } from "./frames.ts";
import { type LifeEnd, ProcessLife, type ProcessSpec } from "./process-life.ts";

export interface ProcessLimits {
  /** How long it may take from its start to its first message. */
  readonly startMs: number;
  /** How long one request may take. */
  readonly requestMs: number;
  /** Requests handed to it and not yet answered. */
  readonly inFlight: number;
}

/** What a process may ask of the worker while it answers a request. What is thrown is told to the process. */
export type CallHandler = (method: string, params: Readonly<Record<string, unknown>>) => Promise<unknown>;

export interface ProcessState {
  readonly state: "starting" | "ready" | "waiting" | "stopped";
  /** Why it last ended by itself; null when it never did. */
  readonly lastEnd: string | null;
  /** How often it ended by itself. */
  readonly crashes: number;
  readonly inFlight: number;
}

interface Waiting {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: unknown) => void;
  /** Set once its caller was told that it took too long. */
  late: boolean;
  timer: NodeJS.Timeout;
}

const BACKOFF_MS = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000];
/** A process that lived so long is restarted at once when it ends. */
const SETTLED_MS = 60_000;
const STOP_GRACE_MS = 3_000;
/** What the host of a process could not do at its start is no crash: the code or its environment are wrong, and starting again changes nothing soon. */
const CANNOT_START = "failed";

/**
 * Keeps one process running and speaks with it. It is started again when it ends, sooner or later by how often it did; requests that were under way are
 * refused with 503, and only these. Requests wait for nothing: while it is not ready, or too many are under way, they are refused at once.
 */
export class SupervisedProcess {
  readonly #spec: ProcessSpec;
  readonly #limits: ProcessLimits;
  readonly #log: Log;
  readonly #onCall: CallHandler;
  readonly #waiting = new Map<number, Waiting>();
  readonly #stopping = new AbortController();
  #life: ProcessLife | null = null;
  #ready = false;
  #started: { resolve: (facts: Frame["header"]) => void; reject: (error: Error) => void } | null = null;
  #last = 0;
  #failures = 0;
  #crashes = 0;
  #lastEnd: string | null = null;

  constructor(spec: ProcessSpec, limits: ProcessLimits, log: Log, onCall: CallHandler = refuseCall) {
    this.#spec = spec;
    this.#limits = limits;
    this.#log = log.child({ process: spec.name });
    this.#onCall = onCall;
  }

  get state(): ProcessState {
    const { aborted } = this.#stopping.signal;
    return {
      state: aborted ? "stopped" : this.#ready ? "ready" : this.#life ? "starting" : "waiting",
      lastEnd: this.#lastEnd,
      crashes: this.#crashes,
      inFlight: this.#waiting.size,
    };
  }

  /**
   * Starts the process and resolves with what it says of itself. Throws AppError `invalid_input` with its own words when it cannot start; nothing is left
   * running then. From then on it is kept running until `stop`.
   */
  async start(): Promise<Frame["header"]> {
    try {
      return await this.#begin();
    } catch (error) {
      await this.stop();
      throw new AppError("invalid_input", `${this.#spec.name} cannot be started: ${messageOf(error)}`, {
        field: "process",
        cause: error,
      });
    }
  }

  /**
   * Sends a request and resolves with its answer. Throws AppError `unavailable` when the process is not there or ends meanwhile, `rate_limited` when too many
   * requests are under way, `timed_out` after the time limit, and a plain Error with the words of the process when it refuses.
   */
  ask(
    header: Readonly<Record<string, unknown>>,
    body?: readonly Uint8Array[],
    requestMs = this.#limits.requestMs,
  ): Promise<Frame> {
    const life = this.#life;
    if (!life || !this.#ready) return Promise.reject(this.#absent());
    if (this.#waiting.size >= this.#limits.inFlight)
      return Promise.reject(
        new AppError("rate_limited", `${this.#waiting.size} requests are with ${this.#spec.name} already.`, {
          remedy: "Try again in a second.",
        }),
      );
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#tooLate(id, requestMs), requestMs);
      this.#waiting.set(id, { resolve, reject, timer, late: false });
      life.send({ ...header, id }, body);
    });
  }

  /** Ends the process; requests under way are refused. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#ready = false;
    await this.#life?.stop(STOP_GRACE_MS);
    this.#refuseAll(this.#gone("it is being stopped"));
  }

  async #begin(): Promise<Frame["header"]> {
    const first = Promise.withResolvers<Frame["header"]>();
    this.#started = first;
    const life = new ProcessLife(this.#spec, this.#log, {
      onFrame: (frame) => this.#hear(life, frame),
      onEnd: (end) => this.#ended(life, end),
    });
    this.#life = life;
    const { startMs } = this.#limits;
    const timer = setTimeout(() => life.kill(`it was not ready after ${startMs / 1000} s`), startMs);
    try {
      const facts = await first.promise;
      this.#ready = !this.#stopping.signal.aborted;
      const ms = Math.round(performance.now() - life.startedAt);
      this.#log.info({ ms }, "a process is ready");
      return facts;
    } finally {
      clearTimeout(timer);
      this.#started = null;
    }
  }

  #hear(life: ProcessLife, { header, body }: Frame): void {
    const { kind, id } = header;
    if (kind === "ready") this.#started?.resolve(header);
    else if (kind === CANNOT_START) {
      this.#started?.reject(new Error(String(header["error"])));
      void life.stop(0);
    } else if (kind === "call") void this.#call(life, header);
    else if (typeof id === "number" && (kind === "answer" || kind === "error")) {
      const waiting = this.#waiting.get(id);
      if (!waiting) return;
      this.#waiting.delete(id);
      clearTimeout(waiting.timer);
      if (kind === "answer") waiting.resolve({ header, body });
      else waiting.reject(new Error(String(header["error"])));
    } else life.kill("it sent a message that nobody expects");
  }

  async #call(life: ProcessLife, { call, method, params }: Frame["header"]): Promise<void> {
    try {
      const value = await this.#onCall(String(method), (params ?? {}) as Record<string, unknown>);
      life.send({ act: "result", call, value });
    } catch (error) {
      life.send({ act: "result", call, error: messageOf(error) });
    }
  }

  /** The caller is told; the process gets as long again to come to an end with it, because code cannot be interrupted from outside. */
  #tooLate(id: number, requestMs: number): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    if (waiting.late) {
      this.#life?.kill(`a request was not answered within ${(2 * requestMs) / 1000} s`);
      return;
    }
    waiting.late = true;
    waiting.timer = setTimeout(() => this.#tooLate(id, requestMs), requestMs);
    waiting.reject(
      new AppError("timed_out", `${this.#spec.name} did not answer within ${requestMs / 1000} s.`, {
        remedy: "Send less at once, or ask for a higher time limit.",
      }),
    );
  }

  #ended(life: ProcessLife, { reason, wanted }: LifeEnd): void {
    if (this.#life !== life) return;
    const wasReady = this.#ready;
    this.#life = null;
    this.#ready = false;
    this.#started?.reject(new Error(reason));
    if (wanted && !wasReady && !this.#stopping.signal.aborted) return;
    if (!wanted) {
      this.#lastEnd = reason;
      if (wasReady) this.#crashes += 1;
      const inFlight = this.#waiting.size;
      this.#log.error({ reason, inFlight }, "a process ended by itself; its requests are refused");
    }
    this.#refuseAll(this.#gone(reason));
    if (wasReady && !this.#stopping.signal.aborted) {
      if (performance.now() - life.startedAt > SETTLED_MS) this.#failures = 0;
      void this.#again();
    }
  }

  async #again(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const ms = BACKOFF_MS[Math.min(this.#failures, BACKOFF_MS.length - 1)] ?? 0;
      this.#failures += 1;
      try {
        await sleep(ms, undefined, { signal, ref: false });
      } catch {
        return; // It was stopped meanwhile.
      }
      try {
        await this.#begin();
        return;
      } catch (error) {
        this.#lastEnd = messageOf(error);
        this.#log.warn({ reason: this.#lastEnd }, "a process could not be started again; trying later");
      }
    }
  }

  #refuseAll(error: AppError): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }

  #gone(reason: string): AppError {
    return new AppError("unavailable", `The process of ${this.#spec.name} ended while it worked on this: ${reason}.`, {
      remedy: "It is being started again; try again in a few seconds.",
    });
  }

  #absent(): AppError {
    const why = this.#lastEnd === null ? "" : ` after it ended: ${this.#lastEnd}`;
    return new AppError("unavailable", `The process of ${this.#spec.name} is being started${why}.`, {
      remedy: "Try again in a few seconds.",
    });
  }
}

const refuseCall: CallHandler = (method) => Promise.reject(new Error(`'${method}' cannot be called from here`));
