import { CopyWriter } from "#server/platform/copy-format.ts";

/** What every line of the serving log says of itself. */
export interface LogLine {
  readonly endpointId: string;
  readonly projectId: string;
  readonly receivedAt: number;
  readonly requestId?: string;
}

/** Lines that are written to the log together. */
export class LogBatch<L extends LogLine> {
  readonly rows = new CopyWriter(16 * 1024);
  /** Projects whose endpoints the lines belong to. */
  readonly projects = new Map<string, string>();
  /** Lines by what they are counted as when they are lost. */
  readonly counted = new Map<string, number>();
  count = 0;
  /** Milliseconds since 1970 of the line that was received first. */
  since = Infinity;
  readonly #write: (rows: CopyWriter, line: L) => void;
  readonly #keyOf: (line: L) => string;

  constructor(write: (rows: CopyWriter, line: L) => void, keyOf: (line: L) => string) {
    this.#write = write;
    this.#keyOf = keyOf;
  }

  /** Adds a line and returns the bytes it takes. Throws for an id that is no uuid or a time that is none, with nothing added. */
  add(line: L): number {
    const before = this.rows.bytes;
    try {
      this.#write(this.rows, line);
    } catch (error) {
      // Half a row would spoil the whole batch.
      this.rows.truncate(before);
      throw error;
    }
    const key = this.#keyOf(line);
    this.counted.set(key, (this.counted.get(key) ?? 0) + 1);
    this.projects.set(line.endpointId, line.projectId);
    this.count += 1;
    this.since = Math.min(this.since, line.receivedAt);
    return this.rows.bytes - before;
  }
}
