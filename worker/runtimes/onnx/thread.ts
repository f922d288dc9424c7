import { isMainThread, parentPort } from "node:worker_threads";
import type { ModelSource } from "#server/platform/runtimes.ts";
import { type OrtSession, openSession } from "./ort.ts";
import { readModel } from "./read-model.ts";
import { type Refused, refusedBy } from "./refused.ts";
import { timeRows } from "./time-rows.ts";
import type { Feed, Outputs } from "./tensors.ts";

/** What a thread is to load. */
export interface Order {
  readonly source: ModelSource;
  /** Whether the model must answer its golden rows, if it has any, before the thread says that it is there. */
  readonly isProved: boolean;
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
  readonly refused?: Refused;
}

if (!isMainThread && parentPort) serve(parentPort);

function serve(port: NonNullable<typeof parentPort>): void {
  let session: OrtSession | undefined;
  const obey = async (request: Request): Promise<Reply> => {
    if (request.act === "load") {
      session = await load(request.order);
      return { reply: { id: request.id }, transfer: [] };
    }
    if (!session) throw new Error("the thread holds no model");
    return await answer(session, request);
  };
  port.on("message", (request: Request) => {
    obey(request).then(
      ({ reply, transfer }) => {
        port.postMessage(reply, transfer);
        if (request.act === "release") port.close();
      },
      (error: unknown) => port.postMessage({ id: request.id, refused: refusedBy(error) } satisfies Answer),
    );
  });
}

interface Reply {
  readonly reply: Answer;
  readonly transfer: ArrayBuffer[];
}

async function load({ source, isProved }: Order): Promise<OrtSession> {
  const session = await openSession(await readModel(source.path, source.sha256));
  try {
    if (isProved && source.golden) await (await import("../prove.ts")).proveGolden(session, source);
    return session;
  } catch (error) {
    await session.release();
    throw error;
  }
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
