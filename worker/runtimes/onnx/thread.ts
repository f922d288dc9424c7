import { isMainThread, parentPort } from "node:worker_threads";
import { AppError, messageOf } from "#server/kernel/errors.ts";
import type { ModelSource } from "#server/platform/runtimes.ts";
import type { ForestPlan } from "./forest/plan.ts";
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

/** A model for the owner's thread: the file that ONNX Runtime is to load there, or a forest that needs no runtime. */
export type Moved = { readonly file: Uint8Array<ArrayBuffer> } | { readonly forest: ForestPlan };

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
  /** The model, loaded and proved here and light enough for the owner's thread: this one holds no model and may load another. */
  readonly moved?: Moved;
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
    if (!loaded.moved) {
      session = loaded.session;
      return { reply: { id }, transfer: [] };
    }
    await loaded.session.release();
    return { reply: { id, moved: loaded.moved }, transfer: memoryOf(loaded.moved) };
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

/** Loads, warms and proves the model. `moved` is given when it may move. */
async function load({ source, proof, move }: Order): Promise<{ session: OrtSession; moved?: Moved }> {
  const file = await readModel(source.path, source.sha256);
  const session = await openSession(file);
  try {
    if (proof === "golden" && !source.golden) return { session };
    const { prove, proveGolden } = await import("../prove.ts");
    if (proof === "golden") {
      await proveGolden(session, source);
      return { session };
    }
    const runMs = await prove(session, source, move?.runMs ?? 0);
    if (!move) return { session };
    const { findForest } = await import("./forest/find-forest.ts");
    const forest = await findForest(file, session, source, move.runMs);
    if (forest) return { session, moved: { forest } };
    const isLight = runMs <= move.runMs && file.byteLength <= move.bytes && (await loadsWithin(file, move.loadMs));
    return isLight ? { session, moved: { file } } : { session };
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** More than one try: the first load includes what the owner's thread has behind it, and others may take the processor meanwhile. */
async function loadsWithin(file: Uint8Array, mostMs: number): Promise<boolean> {
  for (let i = 0; i < TRIES; i += 1) {
    const before = performance.now();
    const session = await openSession(file);
    const took = performance.now() - before;
    await session.release();
    if (took <= mostMs) return true;
  }
  return false;
}

function memoryOf(moved: Moved): ArrayBuffer[] {
  if ("file" in moved) return [moved.file.buffer];
  const { nodes, roots, depths, leaves } = moved.forest;
  return [nodes.buffer, roots.buffer, depths.buffer, leaves.buffer];
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
