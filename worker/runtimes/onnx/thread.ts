import { isMainThread, parentPort } from "node:worker_threads";
import { AppError, messageOf } from "#server/kernel/errors.ts";
import type { ModelSource } from "#server/platform/runtimes.ts";
import { type OrtSession, openSession } from "./ort.ts";
import { readModel } from "./read-model.ts";
import { timeRows } from "./time-rows.ts";
import type { Feed, Outputs } from "./tensors.ts";

const TRIES = 8;

/** What a thread is to load, and what it is to find out before it says that the model is there. */
export interface Order {
  readonly source: ModelSource;
  /** `service`: the model must hold for requests (prove.ts); `golden`: it must answer its golden rows, if it has any. */
  readonly proof: "service" | "golden";
  /** Whether the owner would rather have the model in its own thread, if loading and running it there takes less than these milliseconds. */
  readonly move: { readonly bytes: number; readonly loadMs: number; readonly runMs: number } | null;
}

/** What the owner of a model's thread says to it. */
export type Request =
  | { readonly id: number; readonly act: "load"; readonly order: Order }
  | { readonly id: number; readonly act: "run"; readonly feeds: readonly Feed[]; readonly wanted: readonly string[] }
  | {
      readonly id: number;
      readonly act: "time";
      readonly feeds: readonly Feed[];
      readonly wanted: readonly string[];
      readonly rows: number;
    }
  | { readonly id: number; readonly act: "release" };

/** What the thread answers, to each request once. */
export interface Answer {
  readonly id: number;
  readonly outputs?: Outputs;
  readonly times?: Float64Array;
  /** The model's bytes, loaded and proved here and light enough for the owner's thread: this one holds no model and may load another. */
  readonly model?: Uint8Array;
  readonly error?: string;
  /** Of an error that says what to do. */
  readonly refusal?: {
    readonly field: string | undefined;
    readonly value: unknown;
    readonly remedy: string | undefined;
  };
}

if (!isMainThread && parentPort) serve(parentPort);

function serve(port: NonNullable<typeof parentPort>): void {
  let session: OrtSession | undefined;
  const loadOrder = async (id: number, order: Order): Promise<Reply> => {
    const loaded = await load(order);
    if (!loaded.model) {
      session = loaded.session;
      return { reply: { id }, transfer: [] };
    }
    await loaded.session.release();
    return { reply: { id, model: loaded.model }, transfer: [loaded.model.buffer] };
  };
  const obey = async (request: Request): Promise<Reply> => {
    if (request.act === "load") return await loadOrder(request.id, request.order);
    if (!session) throw new Error("the thread holds no model");
    return await answer(session, request);
  };
  port.on("message", (request: Request) => {
    obey(request).then(
      ({ reply, transfer }) => {
        port.postMessage(reply, transfer);
        if (request.act === "release") port.close();
      },
      (error: unknown) => port.postMessage(refused(request.id, error)),
    );
  });
}

interface Reply {
  readonly reply: Answer;
  readonly transfer: ArrayBuffer[];
}

/** Loads, warms and proves the model. `model` is given when it may move. */
async function load({ source, proof, move }: Order): Promise<{ session: OrtSession; model?: Uint8Array<ArrayBuffer> }> {
  const model = await readModel(source.path, source.sha256);
  let session = await openSession(model);
  let loadMs = Number.POSITIVE_INFINITY;
  if (move && model.byteLength <= move.bytes) {
    // More than once: the first load includes what the owner's thread has behind it, and others may take the processor meanwhile.
    for (let i = 0; i < TRIES && loadMs > move.loadMs; i += 1) {
      await session.release();
      const before = performance.now();
      session = await openSession(model);
      loadMs = Math.min(loadMs, performance.now() - before);
    }
  }
  try {
    if (proof === "golden" && !source.golden) return { session };
    const { prove, proveGolden } = await import("../prove.ts");
    if (proof === "golden") {
      await proveGolden(session, source);
      return { session };
    }
    const runMs = await prove(session, source, move?.runMs ?? 0);
    return move && loadMs <= move.loadMs && runMs <= move.runMs ? { session, model } : { session };
  } catch (error) {
    await session.release();
    throw error;
  }
}

function refused(id: number, error: unknown): Answer {
  if (!(error instanceof AppError)) return { id, error: messageOf(error) };
  const { field, value, remedy } = error.place;
  return { id, error: error.message, refusal: { field, value, remedy } };
}

async function answer(session: OrtSession, request: Exclude<Request, { act: "load" }>): Promise<Reply> {
  const { id } = request;
  if (request.act === "release") {
    await session.release();
    return { reply: { id }, transfer: [] };
  }
  if (request.act === "time") {
    const times = await timeRows(session, request.feeds, request.wanted, request.rows);
    return { reply: { id, times }, transfer: [] };
  }
  const outputs = await session.run(request.feeds, request.wanted);
  return { reply: { id, outputs }, transfer: buffersOf(outputs) };
}

/** The memory of the outputs is given away rather than copied. Two outputs never share it: each is an array of its own. */
function buffersOf(outputs: Outputs): ArrayBuffer[] {
  const buffers = Object.values(outputs).flatMap(({ data }) => (Array.isArray(data) ? [] : [data.buffer]));
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}
