import { Worker } from "node:worker_threads";
import { AppError, isAppError } from "#server/kernel/errors.ts";
import type { ModelSession } from "./session.ts";
import type { Answer, Moved, Order, Request } from "./thread.ts";

const RELEASE_MS = 5000;
/** How long a thread that gave its model away waits for the next one to load: starting one takes longer than loading a small model. */
const SPARE_MS = 30_000;
type Unsent<T> = T extends Request ? Omit<T, "id"> : never;

/** A thread for one model, seen from its owner. */
class ModelThread {
  readonly #worker = new Worker(new URL("./thread.ts", import.meta.url), { execArgv: [] });
  readonly #waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  readonly #exited: Promise<void>;
  readonly #lost = Promise.withResolvers<Error>();
  #last = 0;
  #released = false;
  #dead: Error | undefined;

  constructor() {
    const worker = this.#worker;
    worker.on("message", (answer: Answer) => {
      const waiter = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      // A model in memory does not keep a process alive that has nothing else to do; an answer still to come does.
      if (this.#waiting.size === 0) worker.unref();
      if (answer.error === undefined) waiter?.resolve(answer);
      else waiter?.reject(errorOf(answer.error, answer.refusal));
    });
    worker.on("error", (error) => this.#end(error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", (code) => this.#end(new Error(`the model's thread ended (code ${code})`)));
    this.#exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  }

  get isDead(): boolean {
    return this.#dead !== undefined;
  }

  ask(request: Unsent<Request>): Promise<Answer> {
    if (this.#dead) return Promise.reject(this.#dead);
    this.#last += 1;
    const id = this.#last;
    if (this.#waiting.size === 0) this.#worker.ref();
    const answer = new Promise<Answer>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#worker.postMessage({ ...request, id });
    return answer;
  }

  /** Ends a thread that holds nothing of worth. */
  async terminate(): Promise<void> {
    this.#released = true;
    await this.#worker.terminate();
  }

  /** The model that was loaded here. */
  session(): ModelSession {
    return {
      place: "thread",
      run: async (feeds, wanted) => (await this.ask({ act: "run", feeds, wanted })).outputs ?? {},
      time: async (feeds, wanted, rows) =>
        (await this.ask({ act: "time", feeds, wanted, rows })).times ?? new Float64Array(),
      release: () => this.#release(),
      lost: this.#lost.promise,
    };
  }

  async #release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await this.ask({ act: "release" }).catch(() => undefined);
    this.#worker.ref();
    const timer = setTimeout(() => void this.#worker.terminate(), RELEASE_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #end(error: Error): void {
    this.#dead ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#dead);
    this.#waiting.clear();
    if (!this.#released) this.#lost.resolve(this.#dead);
  }
}

let spare: { readonly thread: ModelThread; readonly timer: NodeJS.Timeout } | undefined;

function takeThread(): ModelThread {
  const kept = spare;
  spare = undefined;
  clearTimeout(kept?.timer);
  return kept && !kept.thread.isDead ? kept.thread : new ModelThread();
}

function keepThread(thread: ModelThread): void {
  if (spare) {
    void thread.terminate();
    return;
  }
  const timer = setTimeout(() => {
    spare = undefined;
    void thread.terminate();
  }, SPARE_MS).unref();
  spare = { thread, timer };
}

/** A model that stays in the thread that loaded it, or one that was found light enough for the caller's: made of the very bytes that were hashed and proved. */
export type Opened = { readonly session: ModelSession } | Moved;

/**
 * Reads, hashes, loads, warms and proves a model in a thread that holds no other: neither a large file nor a slow run stalls this one.
 * Throws AppError `invalid_input` for a file that is not the right one or does not hold, and what the runtime says of one it cannot load.
 */
export async function openThreaded(order: Order): Promise<Opened> {
  const thread = takeThread();
  try {
    const { moved } = await thread.ask({ act: "load", order });
    if (!moved) return { session: thread.session() };
    keepThread(thread);
    return moved;
  } catch (error) {
    // A model that was refused is freed there; after anything else nobody knows what the thread holds.
    if (isAppError(error) && !thread.isDead) keepThread(thread);
    else await thread.terminate();
    throw error;
  }
}

function errorOf(message: string, refusal: Answer["refusal"]): Error {
  if (!refusal) return new Error(message);
  const { field, value, remedy } = refusal;
  return new AppError("invalid_input", message, {
    ...(field === undefined ? {} : { field }),
    ...(remedy === undefined ? {} : { remedy }),
    value,
  });
}
