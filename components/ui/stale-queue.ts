/** What keeps changing is read again this often at most. */
const PACE_MS = 1000;
/** A reading that is not done by then holds nothing back any more. */
const OVERDUE_MS = 10_000;

interface Reading {
  startedAt: number;
  running: boolean;
  /** Changed since the reading began. */
  stale: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Says when what changes made stale is read again, each topic for itself: at once after a quiet time, then once a second at most, and not before the reading
 * before is done. A script that logs hundreds of runs announces each of them; reading for each would end what is being read every time, so that a page
 * showed nothing new while they arrive, and a browser gives up at some 1,350 requests on their way (ERR_INSUFFICIENT_RESOURCES).
 */
export class StaleQueue {
  readonly #read: (topic: string) => Promise<unknown>;
  readonly #readings = new Map<string, Reading>();

  /** `read` is done when what it asked for is there or was refused. */
  constructor(read: (topic: string) => Promise<unknown>) {
    this.#read = read;
  }

  /** Something of the topic has changed. */
  mark(topic: string): void {
    const reading = this.#readings.get(topic) ?? {
      startedAt: Number.NEGATIVE_INFINITY,
      running: false,
      stale: false,
      timer: undefined,
    };
    this.#readings.set(topic, reading);
    reading.stale = true;
    const age = Date.now() - reading.startedAt;
    if (reading.timer !== undefined || (reading.running && age < OVERDUE_MS)) return;
    if (age >= PACE_MS) this.#start(topic, reading);
    else this.#startIn(PACE_MS - age, topic, reading);
  }

  /** Reads what is still stale, and waits for nothing any more. */
  close(): void {
    for (const [topic, reading] of this.#readings) {
      clearTimeout(reading.timer);
      if (reading.stale) void this.#read(topic);
    }
    this.#readings.clear();
  }

  #start(topic: string, reading: Reading): void {
    const startedAt = Date.now();
    Object.assign(reading, { startedAt, running: true, stale: false });
    void this.#read(topic).finally(() => {
      // Overdue and begun anew meanwhile, or closed.
      if (reading.startedAt !== startedAt || this.#readings.get(topic) !== reading) return;
      reading.running = false;
      if (reading.stale) this.#startIn(Math.max(0, startedAt + PACE_MS - Date.now()), topic, reading);
    });
  }

  #startIn(ms: number, topic: string, reading: Reading): void {
    reading.timer = setTimeout(() => {
      reading.timer = undefined;
      this.#start(topic, reading);
    }, ms);
  }
}
