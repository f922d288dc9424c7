/** How long, in milliseconds, an answer about a token may be used again. Bounds how late a revocation in another process takes effect. */
export const RECENT_MS = 1000;
const KEPT = 10_000;

interface Entry<T> {
  readonly until: number;
  readonly value: T;
}

// Next keeps several module graphs in one process; what one of them forgets, all must forget.
const shared = globalThis as unknown as { touchstoneRecent?: Map<string, Map<string, Entry<unknown>>> };

/** Answers of the last second, by name. A logging client asks the same a hundred times a second. */
export class Recent<T> {
  readonly #entries: Map<string, Entry<T>>;

  constructor(topic: string) {
    const all = (shared.touchstoneRecent ??= new Map());
    const known = all.get(topic) as Map<string, Entry<T>> | undefined;
    this.#entries = known ?? new Map<string, Entry<T>>();
    if (!known) all.set(topic, this.#entries);
  }

  get(name: string): T | undefined {
    const entry = this.#entries.get(name);
    if (entry && entry.until > performance.now()) return entry.value;
    if (entry) this.#entries.delete(name);
    return undefined;
  }

  set(name: string, value: T): void {
    if (this.#entries.size >= KEPT) this.#entries.clear();
    this.#entries.set(name, { until: performance.now() + RECENT_MS, value });
  }

  /** Forgets everything, since something changed. */
  clear(): void {
    this.#entries.clear();
  }
}
