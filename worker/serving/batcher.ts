import type { ModelSession } from "../runtimes/onnx/session.ts";
import type { Outputs } from "../runtimes/onnx/tensors.ts";
import { Batch, type Job, type Piece, type Placed, type Run } from "./batch.ts";
import type { InputTensor } from "./input-tensor.ts";
import { Refusal } from "./refusal.ts";
import { afterRequests } from "./turn.ts";

/** Runs handed to a thread before the first is back: the second waits there, so that the thread never idles between two. */
const IN_FLIGHT = 2;
const SPARES = 4;

/**
 * Joins the rows of all requests that arrive in one turn of the event loop into one run, without waiting for more. A request larger than
 * a batch is run in parts, in turn with the others.
 */
export class Batcher {
  readonly #session: ModelSession;
  readonly #inputs: readonly InputTensor[];
  readonly #batchRows: number;
  readonly #queuedRows: number;
  #open: Batch;
  #queue: Batch[] = [];
  readonly #spare: Batch[] = [];
  #scheduled = false;
  #inFlight = 0;
  #idle: (() => void)[] = [];
  /** Rows accepted and not yet answered. */
  waiting = 0;

  constructor(
    session: ModelSession,
    inputs: readonly InputTensor[],
    limits: { batchRows: number; queuedRows: number },
  ) {
    this.#session = session;
    this.#inputs = inputs;
    this.#batchRows = limits.batchRows;
    this.#queuedRows = limits.queuedRows;
    this.#open = new Batch(inputs, this.#batchRows);
  }

  /**
   * Accepts a request: `write` puts its values into the batch from the given row on, and what it throws leaves the batch as it was.
   * Throws a Refusal (429) when too many rows wait already.
   */
  submit(job: Job, write: (batch: Batch, row: number) => void): void {
    if (this.waiting > 0 && this.waiting + job.rows > this.#queuedRows)
      throw new Refusal(429, `${this.waiting} rows are waiting for this model already; try again in a second`, {
        "retry-after": "1",
      });
    const large = job.rows > this.#batchRows;
    if (!large && this.#open.rows + job.rows > this.#open.capacity) this.#seal();
    const batch = large ? new Batch(this.#inputs, job.rows) : this.#open;
    write(batch, batch.rows);
    batch.add(job);
    if (large) this.#queue.push(batch);
    this.waiting += job.rows;
    this.#schedule();
  }

  /** Resolves when everything that was accepted is answered. */
  idle(): Promise<void> {
    return this.waiting === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #seal(): void {
    this.#queue.push(this.#open);
    this.#open = this.#spare.pop() ?? new Batch(this.#inputs, this.#batchRows);
  }

  #schedule(): void {
    if (this.#scheduled || (this.#session.place === "thread" && this.#inFlight >= IN_FLIGHT)) return;
    this.#scheduled = true;
    afterRequests(this);
  }

  /** Runs what has gathered. */
  act(): void {
    this.#scheduled = false;
    if (this.#queue.length === 0 && this.#open.rows > 0) this.#seal();
    const batch = this.#queue.shift();
    if (!batch) return;
    const from = batch.started;
    const to = Math.min(from + this.#batchRows, batch.rows);
    batch.started = to;
    // What is left of a large request goes behind the others, so that single rows do not wait for all of it.
    if (to < batch.rows) this.#queue.push(batch);
    this.#inFlight += 1;
    try {
      const started = performance.now();
      const result = this.#session.run(batch.feeds(from, to), batch.wanted());
      if (result instanceof Promise)
        result.then(
          (outputs) => this.#finish(batch, outputs, from, to, started),
          (error: unknown) => this.#fail(batch, error),
        );
      else this.#finish(batch, result, from, to, started);
    } catch (error) {
      this.#fail(batch, error);
    }
    this.#next();
  }

  #finish(batch: Batch, outputs: Outputs, from: number, to: number, started: number): void {
    this.#inFlight -= 1;
    const ms = performance.now() - started;
    this.#observe(batch, from, to, started, ms);
    const run: Run = { outputs, rows: to - from, ms };
    if (batch.placed.length === 1) {
      batch.pieces.push({ run, batch, from: 0, at: from, rows: run.rows });
      const done = batch.pieces.reduce((n, piece) => n + piece.rows, 0);
      if (done === batch.rows) this.#answer(batch, () => batch.pieces);
    } else {
      this.#answer(batch, ({ at, job }) => [{ run, batch, from: at, at, rows: job.rows }]);
    }
    this.#next();
  }

  #observe({ placed }: Batch, from: number, to: number, started: number, ms: number): void {
    let waited = 0;
    // The parts of a large request after the first waited for the parts before them, which is no queue.
    if (from === 0) for (const { job } of placed) waited += started - job.queuedAt;
    placed[0]?.job.observer.ran(to - from, ms, from === 0 ? placed.length : 0, waited);
  }

  #answer(batch: Batch, pieces: (placed: Placed) => Piece[]): void {
    const answered = batch.placed.map((placed) => ({ job: placed.job, pieces: pieces(placed) }));
    const good = answered.filter((answer) => attempt(() => answer.job.done(answer.pieces), answer.job.failed));
    for (const answer of good) answer.job.after(answer.pieces);
    this.#release(batch);
  }

  /** A failed run of several requests is repeated one by one, so that only the one that cannot be computed is refused. */
  #fail(batch: Batch, error: unknown): void {
    this.#inFlight -= 1;
    // Of a large request, other parts may wait or be under way: they have nobody left to answer.
    this.#queue = this.#queue.filter((queued) => queued !== batch);
    if (batch.placed.length > 1) {
      void this.#runAlone(batch);
    } else {
      for (const { job } of batch.placed) job.failed(error);
      this.#release(batch);
    }
    this.#next();
  }

  async #runAlone(batch: Batch): Promise<void> {
    for (const { job, at } of batch.placed) {
      try {
        const started = performance.now();
        const outputs = await this.#session.run(batch.feeds(at, at + job.rows), job.wanted);
        const ms = performance.now() - started;
        job.observer.ran(job.rows, ms, 1, started - job.queuedAt);
        const pieces = [{ run: { outputs, rows: job.rows, ms }, batch, from: 0, at, rows: job.rows }];
        job.done(pieces);
        job.after(pieces);
      } catch (error) {
        job.failed(error);
      }
    }
    this.#release(batch);
  }

  #next(): void {
    if (this.#queue.length > 0 || this.#open.rows > 0) this.#schedule();
  }

  #release(batch: Batch): void {
    this.waiting -= batch.rows;
    batch.clear();
    if (batch.capacity === this.#batchRows && this.#spare.length < SPARES) this.#spare.push(batch);
    if (this.waiting > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}

function attempt(act: () => void, failed: (error: unknown) => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}
