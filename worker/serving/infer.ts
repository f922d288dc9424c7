import { messageOf } from "#server/kernel/errors.ts";
import { explainBadJson } from "./bad-json.ts";
import { answer, type Call } from "./call.ts";
import type { ServingDeps } from "./deps.ts";
import type { LiveModel } from "./live-model.ts";
import { Refusal } from "./refusal.ts";

/** The body as JSON. Throws a Refusal that names the place of a NaN, or where the text stops being JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw explainBadJson(text, error);
  }
}

/**
 * Puts a request into the model's next run; the answer follows at the end of that run. Throws a Refusal for a request that is wrong or has
 * to wait; calls `failed` for one that the model cannot compute.
 */
export function infer(
  call: Call,
  model: LiveModel,
  text: string,
  deps: ServingDeps,
  failed: (error: unknown, rows: number) => void,
): void {
  const { reader, batcher, outputs, meaningful, stats } = model;
  const request = reader.read(parseJson(text));
  const { rows } = request;
  const id = request.id ?? call.newId();
  const shown = request.wanted ?? outputs;
  const wanted = request.wanted ? [...new Set([...request.wanted, ...meaningful])] : outputs;
  let latencyUs = 0;
  batcher.submit(
    {
      rows,
      wanted,
      done: (pieces) => {
        const json = model.writeAnswer(id, rows, shown, pieces);
        latencyUs = (performance.now() - call.started) * 1000;
        answer(call, 200, json);
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
    (batch, row) => reader.write(request, batch.data, row),
  );
}

/** Types and shapes were right, so it is the values: a category that the model does not know, or a number out of its range. */
function cannotCompute(error: unknown): Refusal {
  const message = messageOf(error);
  if (message.startsWith("the model's thread ended"))
    return new Refusal(503, "The model is being loaded again; try again in a second.", { "retry-after": "1" });
  return new Refusal(400, `The model cannot compute these values: ${message}`);
}
