import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { messageOf } from "#server/kernel/errors.ts";
import { openSession } from "./ort.ts";
import { timeRows } from "./time-rows.ts";
import type { Feed, Outputs } from "./tensors.ts";

/** What the owner of a model's thread says to it. */
export type Request =
  | { readonly id: number; readonly act: "run"; readonly feeds: readonly Feed[]; readonly wanted: readonly string[] }
  | {
      readonly id: number;
      readonly act: "time";
      readonly feeds: readonly Feed[];
      readonly wanted: readonly string[];
      readonly rows: number;
    }
  | { readonly id: number; readonly act: "release" };

/** What the thread answers. The first message has id 0: the model is loaded, or why it is not. */
export interface Answer {
  readonly id: number;
  readonly outputs?: Outputs;
  readonly times?: Float64Array;
  readonly sha256?: string;
  readonly error?: string;
}

if (!isMainThread && parentPort) await serve(parentPort, workerData as { path: string });

async function serve(port: NonNullable<typeof parentPort>, { path }: { path: string }): Promise<void> {
  try {
    const hash = createHash("sha256");
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
    const session = await openSession(path);
    port.on("message", (request: Request) => {
      answer(session, request).then(
        ({ reply, transfer }) => {
          port.postMessage(reply, transfer);
          if (request.act === "release") port.close();
        },
        (error: unknown) => port.postMessage({ id: request.id, error: messageOf(error) } satisfies Answer),
      );
    });
    port.postMessage({ id: 0, sha256: hash.digest("hex") } satisfies Answer);
  } catch (error) {
    port.postMessage({ id: 0, error: messageOf(error) } satisfies Answer);
    port.close();
  }
}

async function answer(
  session: Awaited<ReturnType<typeof openSession>>,
  request: Request,
): Promise<{ reply: Answer; transfer: ArrayBuffer[] }> {
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
