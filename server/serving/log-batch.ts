import { CopyWriter } from "#server/platform/copy-format.ts";

/** What every line of the serving log says of itself. */
export interface LogLine {
  readonly endpointId: string;
  readonly projectId: string;
  readonly receivedAt: number;
  readonly requestId?: string;
}

const FIRST_BYTES = 16 * 1024;
const LARGEST_BYTES = 4 * 1024 * 1024;
const SPARES = 4;
/** Memory of batches that were written. It lies outside of the heap: to take it anew for each would have the garbage collector mark all of it every second. */
const spares: CopyWriter[] = [];

/** Lines that are written to the log together. */
export class LogBatch<L extends LogLine> {
  readonly rows: CopyWriter = spares.pop() ?? new CopyWriter(FIRST_BYTES);
  /** Projects whose endpoints the lines belong to. */
  readonly projects = new Map<string, string>();
  /** Lines by what they are counted as when they are lost. */
  readonly counted = new Map<string, number>();
  count = 0;
  /** Milliseconds since 1970 of the line that was received first. */
  since = Infinity;
  readonly #write: (rows: CopyWriter, line: L) => void;
  readonly #keyOf: (line: L) => string;
  #last: string | undefined;

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
    if (line.endpointId !== this.#last) {
      this.projects.set(line.endpointId, line.projectId);
      this.#last = line.endpointId;
    }
    this.count += 1;
    this.since = Math.min(this.since, line.receivedAt);
    return this.rows.bytes - before;
  }

  /** Gives its memory to another batch, once the database has all of its lines. */
  release(): void {
    if (spares.length >= SPARES || this.rows.capacity > LARGEST_BYTES) return;
    this.rows.clear();
    spares.push(this.rows);
  }
}
