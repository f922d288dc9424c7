/**
 * Work that is asked for far more often than it needs doing: at most one at a time, at most one per `spacingMs`, and always once more after the last time
 * it was asked for.
 */
export class Pulse {
  readonly #work: () => Promise<unknown>;
  readonly #spacingMs: number;
  readonly #onError: (error: unknown) => void;
  #running: Promise<void> | null = null;
  #asked = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #endedAt = -Infinity;

  constructor(work: () => Promise<unknown>, options: { spacingMs: number; onError: (error: unknown) => void }) {
    this.#work = work;
    this.#spacingMs = options.spacingMs;
    this.#onError = options.onError;
  }

  /** Asks for the work. */
  ask(): void {
    if (this.#stopped) return;
    this.#asked = true;
    if (this.#running || this.#timer) return;
    const wait = this.#endedAt + this.#spacingMs - performance.now();
    if (wait <= 0) this.#begin();
    else
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#begin();
      }, wait);
  }

  #begin(): void {
    this.#asked = false;
    this.#running = this.#work()
      .then(() => undefined, this.#onError)
      .finally(() => {
        this.#running = null;
        this.#endedAt = performance.now();
        if (this.#asked) this.ask();
      });
  }

  /** Takes no more work and waits for what is going on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }
}
