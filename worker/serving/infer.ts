import { messageOf } from "#server/kernel/errors.ts";
import type { Piece } from "./batch.ts";
import { answer, answerBinary, type Call } from "./call.ts";
import type { ServingDeps } from "./deps.ts";
import type { Form } from "./forms/form.ts";
import { notFinite } from "./infer-answer.ts";
import type { LiveModel } from "./live-model.ts";
import { Refusal } from "./refusal.ts";

/**
 * Puts a request into the model's next run; the answer follows at the end of that run, in the form it was asked in. Throws a Refusal for a
 * request that is wrong or has to wait; calls `failed` for one that the model cannot compute.
 */
export function infer(
  call: Call,
  model: LiveModel,
  form: Form,
  body: Buffer,
  deps: Pick<ServingDeps, "logPrediction">,
  failed: (error: unknown, rows: number) => void,
): void {
  const { batcher, stats } = model;
  const request = form.read(model, body, call.request.headers);
  const { rows } = request;
  const id = request.id ?? call.newId();
  let latencyUs = 0;
  batcher.submit(
    {
      rows,
      queuedAt: performance.now(),
      wanted: computed(model, request.wanted),
      done: (pieces) => {
        for (const piece of pieces) demandNumbers(model, piece);
        const written = form.write(model, id, request, pieces);
        latencyUs = (performance.now() - call.started) * 1000;
        if (typeof written === "string") answer(call, 200, written);
        else answerBinary(call, written);
        stats.request(200, rows, latencyUs);
      },
      after: (pieces) => {
        const { requestId, receivedAt } = call;
        model.records(
          { id, requestId, rows, receivedAt, eventTimes: request.eventTimes, latencyUs },
          pieces,
          deps.logPrediction,
        );
      },
      failed: (error) => failed(error instanceof Refusal ? error : cannotCompute(error), rows),
    },
    (batch, row) => model.reader.write(request, batch.data, row),
  );
}

/** The outputs to compute: what was asked for, and what is logged. The usual lists are the same objects each time, by which batches know them. */
function computed({ outputs, meaningful }: LiveModel, wanted: readonly string[] | null): readonly string[] {
  if (wanted === null) return outputs;
  if (wanted === meaningful || meaningful.length === 0) return wanted;
  return [...new Set([...wanted, ...meaningful])];
}

/** A class read from probabilities that are no numbers would be an answer made up: throws a Refusal, also when only the class is asked for. */
function demandNumbers({ numeric }: LiveModel, { run, from, rows }: Piece): void {
  for (const name of numeric) {
    const data = run.outputs[name]?.data;
    if (!data || Array.isArray(data)) continue;
    const width = data.length / run.rows;
    for (let i = from * width; i < (from + rows) * width; i += 1) {
      const value = data[i];
      if (typeof value === "number" && value - value !== 0) throw notFinite(name, i - from * width, value);
    }
  }
}

/** Types and shapes were right, so it is the values: a category that the model does not know, or a number out of its range. */
function cannotCompute(error: unknown): Refusal {
  const message = messageOf(error);
  if (message.startsWith("the model's thread ended"))
    return new Refusal(503, "The model is being loaded again; try again in a second.", { "retry-after": "1" });
  return new Refusal(400, `The model cannot compute these values: ${message}`);
}
