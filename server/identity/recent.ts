/** How long, in milliseconds, an answer about a token may be used again. Bounds how late a revocation in another process takes effect. */
export const RECENT_MS = 1000;
const KEPT = 10_000;

interface Entry<T> {
  readonly until: number;
  readonly value: T;
}

interface Memory<T> {
  readonly entries: Map<string, Entry<T>>;
  /** Until then nothing is remembered. */
  silentUntil: number;
}

// Next keeps several module graphs in one process; what one of them forgets, all must forget.
const shared = globalThis as unknown as { touchstoneRecent?: Map<string, Memory<unknown>> };

/** Answers of the last second, by name. A logging client asks the same a hundred times a second. */
export class Recent<T> {
  readonly #memory: Memory<T>;

  constructor(topic: string) {
    const all = (shared.touchstoneRecent ??= new Map());
    const known = all.get(topic) as Memory<T> | undefined;
    this.#memory = known ?? { entries: new Map<string, Entry<T>>(), silentUntil: 0 };
    if (!known) all.set(topic, this.#memory);
  }

  get(name: string): T | undefined {
    const { entries } = this.#memory;
    const entry = entries.get(name);
    if (entry && entry.until > performance.now()) return entry.value;
    if (entry) entries.delete(name);
    return undefined;
  }

  set(name: string, value: T): void {
    const { entries, silentUntil } = this.#memory;
    if (performance.now() < silentUntil) return;
    if (entries.size >= KEPT) entries.clear();
    entries.set(name, { until: performance.now() + RECENT_MS, value });
  }

  /**
   * Forgets everything, since something changes, and remembers nothing for RECENT_MS: the change is committed only after this call, and who asks
   * in between still reads the old.
   */
  clear(): void {
    this.#memory.entries.clear();
    this.#memory.silentUntil = performance.now() + RECENT_MS;
  }
}
