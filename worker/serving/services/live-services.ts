import { messageOf } from "#server/kernel/errors.ts";
import type { Log } from "#server/platform/log.ts";
import type { ServiceIntent } from "#server/serving/index.ts";
import { isSameProcess, type LiveService } from "./live-service.ts";

/** A publication that could not be loaded is tried again after this time, in case what it needs is there now. */
const RETRY_MS = 60_000;

/** What became of a service of the plan. */
export interface ServiceResult {
  readonly name: string;
  readonly live: LiveService | null;
  /** Why the newest publication does not answer; null when it does. */
  readonly problem: string | null;
  /** Whether it is being loaded: what is known then says nothing yet. */
  readonly loading: boolean;
}

interface Failure {
  readonly reason: string;
  readonly at: number;
}

export type OpenService = (entry: ServiceIntent["candidates"][number]) => Promise<LiveService>;

/**
 * The services that answer now. Loading takes seconds, and the building of an environment minutes, so each service is loaded beside the others and beside
 * what answers: the one before goes on until the next is there.
 */
export class LiveServices {
  readonly #log: Log;
  readonly #open: OpenService;
  readonly #onLoaded: () => void;
  readonly #live = new Map<string, LiveService>();
  readonly #failures = new Map<string, Failure>();
  readonly #loading = new Map<string, Promise<void>>();
  readonly #closing = new Set<Promise<void>>();
  #plan = new Map<string, ServiceIntent>();
  #planned = false;
  #closed = false;

  /** `onLoaded` is called when a load has ended, well or not. */
  constructor(log: Log, open: OpenService, onLoaded: () => void) {
    this.#log = log;
    this.#open = open;
    this.#onLoaded = onLoaded;
  }

  get ready(): boolean {
    return this.#planned;
  }

  get(name: string): LiveService | undefined {
    return this.#live.get(name);
  }

  all(): LiveService[] {
    return [...this.#live.values()];
  }

  /** The project of a published service, whether it answers or not. */
  projectOf(name: string): string | null {
    return this.#plan.get(name)?.candidates[0]?.projectId ?? null;
  }

  /** Why a published service does not answer. */
  problemOf(name: string): string {
    const [newest] = this.#plan.get(name)?.candidates ?? [];
    const failure = newest ? this.#failures.get(keyOf(newest)) : undefined;
    return failure ? failure.reason : `The service '${name}' is being loaded.`;
  }

  /** Takes a plan: what is new begins to load, what is gone ends. Says what is known at this moment. */
  apply(intents: readonly ServiceIntent[]): ServiceResult[] {
    this.#plan = new Map(intents.map((intent) => [intent.name, intent]));
    this.#planned = true;
    for (const [name, live] of this.#live) if (!this.#plan.has(name)) this.#retire(name, live);
    for (const intent of intents) this.#bring(intent);
    return intents.map((intent) => this.#resultOf(intent));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.apply([]);
    await Promise.all([...this.#loading.values(), ...this.#closing]);
  }

  #bring({ name, candidates }: ServiceIntent): void {
    const live = this.#live.get(name);
    const [newest] = candidates;
    if (live && newest && isSameProcess(live.entry, newest)) {
      // The description, the log's rules and a stop change nothing of the process.
      this.#live.set(name, { ...live, entry: newest, stopped: newest.stopped });
      return;
    }
    if (live) live.stopped = newest?.stopped;
    if (this.#loading.has(name)) return;
    const wanted = candidates.find((entry) => {
      const failure = this.#failures.get(keyOf(entry));
      return !failure || Date.now() - failure.at > RETRY_MS;
    });
    // With something that answers, only the newest is worth a load.
    if (!wanted || (live && wanted !== newest)) return;
    const loading = this.#load(wanted).finally(() => {
      this.#loading.delete(name);
      if (!this.#closed) this.#onLoaded();
    });
    this.#loading.set(name, loading);
  }

  async #load(entry: ServiceIntent["candidates"][number]): Promise<void> {
    const { name, publication } = entry;
    const started = performance.now();
    try {
      const next = await this.#open(entry);
      const wanted = this.#plan.get(name)?.candidates.find((each) => isSameProcess(each, entry));
      if (!wanted || this.#closed) {
        await next.close();
        return;
      }
      const before = this.#live.get(name);
      // From this line on new requests reach the next publication; those that the one before has are answered by it.
      this.#live.set(name, { ...next, entry: wanted, stopped: wanted.stopped });
      this.#failures.delete(keyOf(entry));
      if (before) this.#end(before);
      this.#log.info({ service: name, publication, ms: Math.round(performance.now() - started) }, "service is live");
    } catch (error) {
      this.#failures.set(keyOf(entry), { reason: messageOf(error), at: Date.now() });
      this.#log.error({ err: error, service: name, publication }, "service cannot be loaded");
    }
  }

  #resultOf({ name, candidates }: ServiceIntent): ServiceResult {
    const live = this.#live.get(name) ?? null;
    const [newest] = candidates;
    const failure = newest ? this.#failures.get(keyOf(newest)) : undefined;
    return { name, live, problem: failure?.reason ?? null, loading: this.#loading.has(name) && !failure };
  }

  #retire(name: string, live: LiveService): void {
    this.#live.delete(name);
    this.#end(live);
  }

  #end(live: LiveService): void {
    const { name, publication } = live.entry;
    const closing = drained(live)
      .then(() => live.close())
      .catch((error: unknown) =>
        this.#log.error({ err: error, service: name, publication }, "service was not ended cleanly"),
      )
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

const DRAIN_MS = 5_000;

/** Lets it answer what it has, but not for ever. */
async function drained({ process }: LiveService): Promise<void> {
  const until = performance.now() + DRAIN_MS;
  while (process.state.inFlight > 0 && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

function keyOf(entry: ServiceIntent["candidates"][number]): string {
  return `${entry.publicationId} ${entry.memoryMb} ${entry.cpu} ${entry.timeoutMs}`;
}
