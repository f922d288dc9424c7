import { Worker } from "node:worker_threads";
import { AppError, messageOf } from "#server/kernel/errors.ts";
import type { JsonSchema } from "#server/serving/contract.ts";
import type { Issue } from "./issue.ts";
import type { CheckAnswer, CheckRequest } from "./schema-thread.ts";

const CHECK_MS = 1_000;
const COMPILE_MS = 10_000;

interface Waiting {
  readonly resolve: (answer: CheckAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Checks requests and answers of one service in a thread of its own. Its schemas are written by a member of some project, and a regular expression can take
 * for ever: then the thread is ended, that request refused, and no other service or model has waited for it.
 */
export class SchemaChecker {
  readonly #schemas: { readonly input: JsonSchema; readonly output: JsonSchema };
  #thread: Worker | null = null;
  #ready: Promise<void> | null = null;
  #waiting = new Map<number, Waiting>();
  #last = 0;
  #closed = false;

  private constructor(schemas: { readonly input: JsonSchema; readonly output: JsonSchema }) {
    this.#schemas = schemas;
  }

  /** Throws AppError `invalid_input` when one of the schemas is none. */
  static async open(schemas: { readonly input: JsonSchema; readonly output: JsonSchema }): Promise<SchemaChecker> {
    const checker = new SchemaChecker(schemas);
    try {
      await checker.#begin();
      return checker;
    } catch (error) {
      checker.close();
      throw new AppError("invalid_input", messageOf(error), {
        field: "schema",
        remedy: "A schema refers to nothing outside of itself; correct it, commit and publish again.",
        cause: error,
      });
    }
  }

  /** What is wrong with a value, as JSON text; nothing when it is as the schema says. Throws AppError `unavailable` when the check takes too long. */
  async check(schema: CheckRequest["schema"], json: string): Promise<readonly Issue[]> {
    await (this.#ready ??= this.#begin());
    const thread = this.#thread;
    if (!thread) throw slow();
    const id = (this.#last += 1);
    const timer = setTimeout(() => void this.#end(slow()), CHECK_MS);
    try {
      const answer = await new Promise<CheckAnswer>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        thread.postMessage({ id, schema, json } satisfies CheckRequest);
      });
      return answer.issues ?? [];
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#closed = true;
    void this.#end(new Error("the service was closed"));
  }

  #begin(): Promise<void> {
    if (this.#closed) return Promise.reject(new Error("the service was closed"));
    const thread = new Worker(new URL("./schema-thread.ts", import.meta.url), {
      workerData: this.#schemas,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    });
    thread.unref();
    this.#thread = thread;
    const begun = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("the schemas take too long to compile")), COMPILE_MS);
      thread.on("message", (answer: CheckAnswer) => {
        if (answer.id === 0) {
          clearTimeout(timer);
          if (answer.error === undefined) resolve();
          else reject(new Error(answer.error));
          return;
        }
        const waiting = this.#waiting.get(answer.id);
        this.#waiting.delete(answer.id);
        waiting?.resolve(answer);
      });
      thread.on("error", (error) => {
        reject(error instanceof Error ? error : new Error(String(error)));
        if (this.#thread === thread) void this.#end(slow());
      });
    });
    this.#ready = begun;
    begun.catch(() => undefined);
    return begun;
  }

  async #end(error: unknown): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    this.#ready = null;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting = new Map();
    await thread?.terminate();
  }
}

function slow(): AppError {
  return new AppError("unavailable", "The service's schema takes too long to check this.", {
    remedy: "Simplify its patterns, commit and publish again.",
  });
}
