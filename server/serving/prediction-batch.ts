import { CopyWriter } from "#server/platform/copy-format.ts";
import { isUuid } from "#server/kernel/ids.ts";
import type { PredictionRecord } from "./contract.ts";
import { writePrediction } from "./prediction-row.ts";

const DAY_MS = 86_400_000;

/** How many predictions of a version fall on one day of events. */
export interface DayCount {
  readonly endpointId: string;
  readonly versionId: string;
  /** Days since 1970-01-01, UTC. */
  readonly day: number;
  predictions: number;
}

/** Records that are written to the log together. */
export class PredictionBatch {
  readonly rows = new CopyWriter(16 * 1024);
  readonly #days = new Map<string, DayCount>();
  /** Projects whose endpoints the records belong to. */
  readonly projects = new Map<string, string>();
  count = 0;
  /** Milliseconds since 1970 of the record that was received first. */
  since = Infinity;
  #last: DayCount | undefined;

  /** Adds a record and returns the bytes it takes. Throws for an id that is no uuid or a time that is none, with nothing added. */
  add(record: PredictionRecord): number {
    const { endpointId, projectId, modelVersionId: versionId, receivedAt } = record;
    const before = this.rows.bytes;
    const day = Math.floor((record.eventTime ?? receivedAt) / DAY_MS);
    let counted = this.#last;
    // Most records follow one of the same endpoint, version and day.
    if (counted?.day !== day || counted.endpointId !== endpointId || counted.versionId !== versionId) {
      for (const id of [endpointId, projectId, versionId]) if (!isUuid(id)) throw new TypeError(`'${id}' is no uuid`);
      counted = this.#dayOf(endpointId, versionId, day);
      this.projects.set(endpointId, projectId);
    }
    try {
      writePrediction(this.rows, record);
    } catch (error) {
      // Half a row would spoil the whole batch.
      this.rows.truncate(before);
      throw error;
    }
    counted.predictions += 1;
    this.#last = counted;
    this.count += 1;
    this.since = Math.min(this.since, receivedAt);
    return this.rows.bytes - before;
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
