import { Worker } from "node:worker_threads";
import type { ModelSession } from "./session.ts";
import type { Answer, Request } from "./thread.ts";

const RELEASE_MS = 5000;
type Unsent<T> = T extends Request ? Omit<T, "id"> : never;

/**
 * Loads a model in a fresh thread and gives its SHA-256 with it, both read there: neither a large file nor a slow run stalls this one.
 * Throws when the file cannot be loaded.
 */
export async function openThreaded(path: string): Promise<{ session: ModelSession; sha256: string }> {
  const worker = new Worker(new URL("./thread.ts", import.meta.url), { workerData: { path }, execArgv: [] });
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  let last = 0;
  let released = false;
  let dead: Error | undefined;
  const lost = Promise.withResolvers<Error>();

  const expect = (id: number) => new Promise<Answer>((resolve, reject) => waiting.set(id, { resolve, reject }));
  const end = (error: Error) => {
    dead ??= error;
    for (const { reject } of waiting.values()) reject(dead);
    waiting.clear();
    if (!released) lost.resolve(dead);
  };
  worker.on("message", (answer: Answer) => {
    const waiter = waiting.get(answer.id);
    waiting.delete(answer.id);
    // A model in memory does not keep a process alive that has nothing else to do; an answer still to come does.
    if (waiting.size === 0) worker.unref();
    if (answer.error === undefined) waiter?.resolve(answer);
    else waiter?.reject(new Error(answer.error));
  });
  worker.on("error", (error) => end(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => end(new Error(`the model's thread ended (code ${code})`)));
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));

  const ask = (request: Unsent<Request>): Promise<Answer> => {
    if (dead) return Promise.reject(dead);
    last += 1;
    if (waiting.size === 0) worker.ref();
    const answer = expect(last);
    worker.postMessage({ ...request, id: last });
    return answer;
  };

  let sha256: string;
  try {
    sha256 = (await expect(0)).sha256 ?? "";
  } catch (error) {
    released = true;
    await worker.terminate();
    throw error;
  }

  const session: ModelSession = {
    place: "thread",
    run: async (feeds, wanted) => (await ask({ act: "run", feeds, wanted })).outputs ?? {},
    time: async (feeds, wanted, rows) => (await ask({ act: "time", feeds, wanted, rows })).times ?? new Float64Array(),
    release: async () => {
      if (released) return;
      released = true;
      await ask({ act: "release" }).catch(() => undefined);
      worker.ref();
      const timer = setTimeout(() => void worker.terminate(), RELEASE_MS);
      await exited;
      clearTimeout(timer);
    },
    lost: lost.promise,
  };
  return { session, sha256 };
}
