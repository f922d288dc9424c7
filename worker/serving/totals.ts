const OK = 200;

interface Sum {
  count: number;
  ms: number;
}
const sum = (): Sum => ({ count: 0, ms: 0 });
const toNs = ({ count, ms }: Sum) => ({ count, ns: Math.round(ms * 1e6) });

/** What a version did since it went live, as Triton's statistics extension counts it: durations are summed over requests. */
export class Totals {
  executions = 0;
  #rows = 0;
  #lastAt = 0;
  readonly #success = sum();
  readonly #fail = sum();
  readonly #queue = sum();
  readonly #infer = sum();
  /** By rows in a run. */
  readonly #batches = new Map<number, Sum>();

  request(status: number, rows: number, latencyUs: number): void {
    const kind = status === OK ? this.#success : this.#fail;
    kind.count += 1;
    kind.ms += latencyUs / 1000;
    if (status === OK) this.#rows += rows;
  }

  ran(rows: number, ms: number, requests: number, waitedMs: number): void {
    this.executions += 1;
    this.#lastAt = Date.now();
    this.#queue.count += requests;
    this.#queue.ms += waitedMs;
    this.#infer.count += requests;
    this.#infer.ms += ms * Math.max(1, requests);
    let batch = this.#batches.get(rows);
    if (!batch) this.#batches.set(rows, (batch = sum()));
    batch.count += 1;
    batch.ms += ms;
  }

  describe(): object {
    const zero = { count: 0, ns: 0 };
    return {
      last_inference: this.#lastAt,
      inference_count: this.#rows,
      execution_count: this.executions,
      inference_stats: {
        success: toNs(this.#success),
        fail: toNs(this.#fail),
        queue: toNs(this.#queue),
        // Reading a request and writing its answer are in `success` and not measured apart.
        compute_input: zero,
        compute_infer: toNs(this.#infer),
        compute_output: zero,
        cache_hit: zero,
        cache_miss: zero,
      },
      batch_stats: [...this.#batches]
        .sort(([a], [b]) => a - b)
        .map(([rows, run]) => ({
          batch_size: rows,
          compute_input: zero,
          compute_infer: toNs(run),
          compute_output: zero,
        })),
    };
  }
}
