import { isAppError, messageOf } from "#server/kernel/errors.ts";
import type { Caller, Limited } from "#server/serving/contract.ts";
import type { Piece } from "./batch.ts";
import { answer, answerBinary, type Call } from "./call.ts";
import type { ServingDeps } from "./deps.ts";
import type { Asked, Form } from "./forms/form.ts";
import { noNumber } from "./infer-answer.ts";
import type { InputTensor } from "./input-tensor.ts";
import type { LiveArm } from "./live-arm.ts";
import type { Told } from "./prediction-records.ts";
import { Refusal, wrong } from "./refusal.ts";
import type { Keys } from "./router.ts";
import type { Surface } from "./surface.ts";
import type { TensorData } from "../runtimes/onnx/tensors.ts";

/** A request that was read and dealt, on its way to an arm. */
export interface Dealt {
  readonly form: Form;
  readonly asked: Asked;
  /** The caller's id, or one that was made. */
  readonly id: string;
  readonly keys: Keys | null;
  readonly routed: boolean;
  readonly caller: Caller | null;
}

/**
 * Puts a request into the next run of an arm's version; the answer follows at the end of that run, in the form it was asked in. Throws a Refusal for a
 * request that is wrong or has to wait; calls `failed` for one that the model cannot compute.
 */
export function infer(
  call: Call,
  arm: LiveArm,
  { form, asked, id, keys, routed, caller }: Dealt,
  deps: Pick<ServingDeps, "logPrediction" | "admitRows">,
  failed: (error: unknown, rows: number) => void,
): void {
  const { model, stats } = arm;
  const request = form.read(model, asked);
  const { rows } = request;
  demandKeys(keys, rows);
  if (caller) demandRoom(deps.admitRows(caller, model.entry.endpointId, rows));
  let latencyUs = 0;
  model.batcher.submit(
    {
      rows,
      queuedAt: performance.now(),
      wanted: computed(model, request.wanted),
      observer: stats,
      done: (pieces) => {
        demandNumbers(model, pieces);
        const written = form.write(model, id, request, pieces, arm.told);
        latencyUs = (performance.now() - call.started) * 1000;
        if (typeof written === "string") answer(call, 200, written);
        else answerBinary(call, written);
        stats.request(200, rows, latencyUs, routed);
      },
      after: (pieces) => {
        const { requestId, receivedAt } = call;
        const { eventTimes } = request;
        const told: Told = {
          id,
          requestId,
          rows,
          receivedAt,
          eventTimes,
          latencyUs,
          keys,
          routed,
          caller: caller?.id ?? null,
        };
        arm.record(told, pieces, deps.logPrediction);
        for (const shadow of arm.shadows) shadow.take(told, pieces);
      },
      failed: (error) => {
        // A process that is gone, busy or too slow says so itself; everything else speaks of the values.
        const known = error instanceof Refusal || isAppError(error);
        failed(known ? error : cannotCompute(error), rows);
      },
    },
    (batch, row) => model.reader.write(request, batch.data, row),
  );
}

/** Throws a Refusal (429) for a caller who is beyond a limit. */
export function demandRoom(limited: Limited | null): void {
  if (limited) throw new Refusal(429, limited.message, { "retry-after": String(limited.retryAfterSeconds) });
}

/** Throws a Refusal for a list of keys that is not one per row. */
export function demandKeys(keys: Keys | null, rows: number): void {
  if (typeof keys === "object" && keys !== null && keys.length !== rows)
    throw wrong("entity_key", `one key for all rows, or ${rows}`, keys.length);
}

/** The outputs to compute: what was asked for, and what is logged. The usual lists are the same objects each time, by which batches know them. */
function computed({ outputs, meaningful }: Surface, wanted: readonly string[] | null): readonly string[] {
  if (wanted === null) return outputs;
  if (wanted === meaningful || meaningful.length === 0) return wanted;
  return [...new Set([...wanted, ...meaningful])];
}

/** A class read from probabilities that are no numbers would be an answer made up: throws a Refusal, also when only the class is asked for. */
function demandNumbers(surface: Surface, pieces: readonly Piece[]): void {
  let before = 0;
  for (const piece of pieces) {
    for (const name of surface.numeric) demandNumbersOf(name, piece, surface, before);
    before += piece.rows;
  }
}

/** `before`: rows of the request that stand in earlier pieces. */
function demandNumbersOf(name: string, piece: Piece, { reader }: Surface, before: number): void {
  const { run, from, rows } = piece;
  const data = run.outputs[name]?.data;
  if (!data || Array.isArray(data)) return;
  const width = data.length / run.rows;
  for (let i = from * width; i < (from + rows) * width; i += 1) {
    const value = data[i];
    if (typeof value !== "number" || value - value === 0) continue;
    const row = Math.floor(i / width) - from;
    throw noNumber(name, value, before + row, missingIn(reader.inputs, piece.batch.data, piece.at + row));
  }
}

/** The inputs that were sent without a number for a row of a batch. */
function missingIn(inputs: readonly InputTensor[], data: readonly TensorData[], row: number): string[] {
  return inputs
    .filter(({ width }, i) => {
      const values = data[i];
      if (!values || Array.isArray(values)) return false;
      return values.subarray(row * width, (row + 1) * width).some((value) => Number.isNaN(value));
    })
    .map(({ signature }) => signature.name);
}

/** Types and shapes were right, so it is the values: a category that the model does not know, or a number out of its range. */
function cannotCompute(error: unknown): Refusal {
  const message = messageOf(error);
  if (message.startsWith("the model's thread ended"))
    return new Refusal(503, "The model is being loaded again; try again in a second.", { "retry-after": "1" });
  return new Refusal(400, `The model cannot compute these values: ${message}`);
}
