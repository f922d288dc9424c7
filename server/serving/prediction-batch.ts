import { isUuid } from "#server/kernel/ids.ts";
import { LogBatch } from "./log-batch.ts";
import { writePrediction } from "./prediction-row.ts";
import type { PredictionRecord } from "./records-contract.ts";

const DAY_MS = 86_400_000;

/** How many predictions of a version fall on one day of events. */
export interface DayCount {
  readonly endpointId: string;
  readonly versionId: string;
  /** Days since 1970-01-01, UTC. */
  readonly day: number;
  predictions: number;
}

/** Predictions that are written to the log together. */
export class PredictionBatch extends LogBatch<PredictionRecord> {
  readonly #days = new Map<string, DayCount>();
  #last: DayCount | undefined;

  constructor(keyOf: (record: PredictionRecord) => string) {
    super(writePrediction, keyOf);
  }

  override add(record: PredictionRecord): number {
    const { endpointId, projectId, modelVersionId: versionId, receivedAt } = record;
    const day = Math.floor((record.eventTime ?? receivedAt) / DAY_MS);
    let counted = this.#last;
    // Most records follow one of the same endpoint, version and day.
    if (counted?.day !== day || counted.endpointId !== endpointId || counted.versionId !== versionId) {
      for (const id of [endpointId, projectId, versionId]) if (!isUuid(id)) throw new TypeError(`'${id}' is no uuid`);
      counted = this.#dayOf(endpointId, versionId, day);
    }
    const bytes = super.add(record);
    counted.predictions += 1;
    this.#last = counted;
    return bytes;
  }

  /** Sorted, so that two processes which write at once take their locks in the same order. */
  days(): DayCount[] {
    return [...this.#days.entries()]
      .filter(([, count]) => count.predictions > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, count]) => count);
  }

  #dayOf(endpointId: string, versionId: string, day: number): DayCount {
    const key = `${endpointId} ${String(day).padStart(8, "0")} ${versionId}`;
    let count = this.#days.get(key);
    if (!count) this.#days.set(key, (count = { endpointId, versionId, day, predictions: 0 }));
    return count;
  }
}
