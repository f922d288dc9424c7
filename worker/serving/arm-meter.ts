/** Upper bounds in seconds of the durations shown to Prometheus; a run takes less than a request. */
export const DURATION_BOUNDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/** Durations by bucket; the last is for what took longer. */
export class Durations {
  readonly buckets = new Float64Array(DURATION_BOUNDS.length + 1);
  seconds = 0;
  count = 0;

  /** Counts something that took so long `times` times. */
  add(seconds: number, times = 1): void {
    this.count += times;
    this.seconds += seconds * times;
    let bucket = 0;
    while (bucket < DURATION_BOUNDS.length && seconds > (DURATION_BOUNDS[bucket] ?? 0)) bucket += 1;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + times;
  }
}

/** Labels of a series. */
export interface ArmLabels {
  readonly endpoint: string;
  readonly version: string;
  readonly arm: string;
}

/** What Prometheus is told of one version in one role. The metrics library looks labels up for every count, which costs more than a prediction's validation. */
export class ArmMeter {
  readonly of: ArmLabels;
  success = 0;
  failure = 0;
  /** Rows. */
  count = 0;
  executions = 0;
  skippedRows = 0;
  readonly request = new Durations();
  readonly queue = new Durations();
  readonly compute = new Durations();

  constructor(of: ArmLabels) {
    this.of = of;
  }

  /** Whether anything was counted: a role that never did anything needs no series. */
  get isUsed(): boolean {
    return this.success + this.failure + this.executions + this.skippedRows > 0;
  }

  answered(rows: number, latencyUs: number): void {
    this.success += 1;
    this.count += rows;
    this.request.add(latencyUs / 1e6);
  }

  failed(): void {
    this.failure += 1;
  }

  ran(ms: number, requests: number, waitedMs: number): void {
    this.executions += 1;
    this.compute.add(ms / 1000);
    // Requests of one run came within the same turn or two: their mean stands for each.
    if (requests > 0) this.queue.add(waitedMs / requests / 1000, requests);
  }

  scored(rows: number): void {
    this.count += rows;
  }

  skipped(rows: number): void {
    this.skippedRows += rows;
  }
}
