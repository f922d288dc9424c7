const EVERY_MS = 25;

/** Whether the event loop is late: it turned slower than requests should wait when it was last looked at. */
export class LoopLag {
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();
  #late = false;

  constructor(lateMs: number) {
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#late = now - this.#last - EVERY_MS > lateMs;
      this.#last = now;
    }, EVERY_MS).unref();
  }

  get isLate(): boolean {
    return this.#late;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
