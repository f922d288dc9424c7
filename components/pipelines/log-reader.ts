import { LineBuffer } from "./log-lines.ts";
import { readLogPart } from "./queries.ts";

export interface FollowedLog {
  readonly lines: readonly string[];
  /** The attempt has ended and all of its log is here. */
  readonly complete: boolean;
  readonly loading: boolean;
  readonly error: unknown;
}

/** Announcements can be missed; a slow look now and then makes up for it. */
const LOOK_AGAIN_MS = 3000;

/** Reads the log of one attempt and follows it while it grows. A store for useSyncExternalStore. */
export class LogReader {
  readonly #read: (after: number, signal: AbortSignal) => ReturnType<typeof readLogPart>;
  readonly #buffer = new LineBuffer();
  readonly #listeners = new Set<() => void>();
  #state: FollowedLog = { lines: [], complete: false, loading: true, error: null };
  #next = -1;
  #busy = false;
  #again = false;
  #stop: AbortController | null = null;

  constructor(project: string, run: number, attempt: string) {
    this.#read = (after, signal) => readLogPart(project, run, attempt, after, signal);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): FollowedLog => this.#state;

  /** Begins to follow; the returned function ends it. */
  start(): () => void {
    const stop = new AbortController();
    this.#stop = stop;
    this.look();
    const timer = setInterval(() => this.look(), LOOK_AGAIN_MS);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }

  /** Something may have been added. */
  look(): void {
    const { signal } = this.#stop ?? {};
    if (signal === undefined || signal.aborted || this.#state.complete) return;
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    this.#readOn(signal)
      .catch((error: unknown) => {
        if (!signal.aborted) this.#set({ ...this.#state, loading: false, error });
      })
      .finally(() => {
        this.#busy = false;
        // Stopped and started again meanwhile, as React does in development.
        if (signal.aborted) this.look();
      });
  }

  async #readOn(signal: AbortSignal): Promise<void> {
    do {
      this.#again = false;
      const part = await this.#read(this.#next, signal);
      for (const chunk of part.chunks) this.#buffer.add(chunk.text);
      this.#next = part.next;
      this.#again ||= part.more;
      const complete = part.ended && !part.more;
      const lines = part.chunks.length > 0 ? this.#buffer.lines : this.#state.lines;
      if (part.chunks.length > 0 || complete || this.#state.loading || this.#state.error !== null)
        this.#set({ lines, complete, loading: part.more, error: null });
    } while (this.#again && !signal.aborted && !this.#state.complete);
  }

  #set(state: FollowedLog): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
