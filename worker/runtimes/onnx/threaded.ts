import { Worker } from "node:worker_threads";
import { errorOf } from "./refused.ts";
import type { ModelSession } from "./session.ts";
import type { Answer, Order, Request } from "./thread.ts";

const RELEASE_MS = 5000;
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
      if (answer.refused === undefined) waiter?.resolve(answer);
      else waiter?.reject(errorOf(answer.refused));
    });
    worker.on("error", (error) => this.#end(error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", (code) => this.#end(new Error(`the model's thread ended (code ${code})`)));
    this.#exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
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

/**
 * Reads, hashes and loads a model in a thread that holds no other: neither a large file nor a slow run stalls this one.
 * Throws AppError `invalid_input` for a file that is not the right one or does not hold, and what the runtime says of one it cannot load.
 */
export async function openThreaded(order: Order): Promise<ModelSession> {
  const thread = new ModelThread();
  try {
    await thread.ask({ act: "load", order });
    return thread.session();
  } catch (error) {
    await thread.terminate();
    throw error;
  }
}
