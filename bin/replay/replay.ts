import { setTimeout as sleep } from "node:timers/promises";
import type { OutcomeReceipt } from "#server/serving/contract.ts";
import type { ModelSignature } from "#server/registry/contract.ts";
import type { Caller } from "./caller.ts";
import { predictionIds, requestId, type Span } from "./remaining.ts";
import type { Traffic } from "./traffic-file.ts";

export interface ReplayOptions {
  readonly caller: Pick<Caller, "post">;
  readonly traffic: Traffic;
  readonly signature: Pick<ModelSignature, "inputs" | "task">;
  /** What to send, in the order of time. */
  readonly spans: readonly Span[];
  /** Rows whose prediction is there but whose outcome is not. */
  readonly untold: readonly Told[];
  readonly delayMs: number;
  /** Requests under way at once. */
  readonly connections: number;
  /** Most rows a second; Infinity for as fast as it goes. */
  readonly rate: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: Progress) => void;
}

/** One prediction whose outcome is to be told. */
export interface Told {
  readonly id: string;
  readonly row: number;
}

export interface Progress {
  readonly predictions: number;
  readonly outcomes: number;
  /** Milliseconds since 1970 of the event that was sent last. */
  readonly eventTime: number;
}

export interface Result extends Progress {
  /** Milliseconds of each request. */
  readonly latencies: readonly number[];
  /** Outcomes whose prediction the log does not have: it was dropped there. */
  readonly unknown: number;
}

const OUTCOMES_AT_ONCE = 2000;

/** Sends the rows as one request per span, several at once, and what happened to them after it. Rejects at the first request that is refused. */
export async function replay(options: ReplayOptions): Promise<Result> {
  const { caller, traffic, signature, spans, rate, signal, connections } = options;
  const started = performance.now();
  const latencies: number[] = [];
  const waiting: Told[] = [...options.untold];
  let [next, predictions, outcomes, unknown, eventTime] = [0, 0, 0, 0, 0];
  let telling: Promise<void> = Promise.resolve();

  const tell = async (told: readonly Told[]) => {
    const body = { outcomes: told.map(({ id, row }) => outcomeOf(options, id, row)) };
    const receipt = await caller.post<OutcomeReceipt>("outcomes", body);
    outcomes += receipt.accepted;
    unknown += receipt.unknown.length;
  };
  const tellWaiting = (least: number) => {
    while (waiting.length >= least && waiting.length > 0) {
      const told = waiting.splice(0, OUTCOMES_AT_ONCE);
      telling = telling.then(() => tell(told));
      // Awaited at the end; until then a failure must not count as unhandled.
      telling.catch(() => undefined);
    }
  };
  const work = async () => {
    for (let span = spans[next++]; span; span = spans[next++]) {
      signal.throwIfAborted();
      const due = started + (predictions / rate) * 1000;
      if (due > performance.now()) await sleep(due - performance.now(), undefined, { signal });
      const before = performance.now();
      await caller.post("infer", inferBody(traffic, signature, span));
      latencies.push(performance.now() - before);
      predictions += span.to - span.from;
      eventTime = Math.max(eventTime, traffic.times[span.to - 1] ?? 0);
      const { from } = span;
      waiting.push(
        ...predictionIds(traffic.key, span)
          .map((id, i) => ({ id, row: from + i }))
          .filter(({ row }) => traffic.outcomes[row] !== null),
      );
      tellWaiting(OUTCOMES_AT_ONCE);
      options.onProgress({ predictions, outcomes, eventTime });
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  tellWaiting(1);
  const ticking = setInterval(() => options.onProgress({ predictions, outcomes, eventTime }), 200);
  await telling.finally(() => clearInterval(ticking));
  return { predictions, outcomes, eventTime, latencies, unknown };
}

function inferBody(traffic: Traffic, { inputs }: Pick<ModelSignature, "inputs">, { from, to }: Span): unknown {
  return {
    id: requestId(traffic.key, from),
    parameters: { event_time: Array.from(traffic.times.subarray(from, to), (ms) => new Date(ms).toISOString()) },
    inputs: inputs.map((input) => ({
      name: input.name,
      datatype: input.datatype,
      shape: input.shape.map((d, i) => (i === 0 ? to - from : d)),
      data: traffic.valuesOf(input, from, to),
    })),
  };
}

function outcomeOf({ traffic, signature, delayMs }: ReplayOptions, id: string, row: number): unknown {
  const text = traffic.outcomes[row] ?? "";
  const observed_at = new Date((traffic.times[row] ?? 0) + delayMs).toISOString();
  return signature.task === "regression" ? { id, value: Number(text), observed_at } : { id, label: text, observed_at };
}
