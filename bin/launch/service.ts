import { type Child, type ChildOptions, startChild } from "./child.ts";
import type { LogLine } from "./log-line.ts";

export type ServiceOptions = Omit<ChildOptions, "onLine"> & {
  /** Whether a line says that the service is ready. Left out: ready at once. */
  readonly isReady?: (line: LogLine) => boolean;
  /** May be started again when it ends by itself: at most three times a minute. */
  readonly restarts: boolean;
  onLine(line: LogLine): void;
  /** It ended by itself and is started again in `delayMs`. */
  onRestart(how: number | string, delayMs: number): void;
  /** It ended by itself and stays so. */
  onDeath(how: number | string): void;
};

/** A long-lived child process, with its restarts. */
export type Service = {
  readonly name: string;
  readonly pid: number;
  /** Waits until it says it is ready; throws with its last words when it ends before, or `timeoutMs` is over, or `signal` is aborted. */
  ready(timeoutMs: number, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
  kill(): void;
};

const MAX_RESTARTS = 3;
const WINDOW_MS = 60_000;
const FIRST_DELAY_MS = 500;
const LAST_WORDS = 15;

/** Starts a service and keeps it running as its options say. */
export function startService(options: ServiceOptions): Service {
  const words: string[] = [];
  const restarts: number[] = [];
  let child: Child;
  let stopping = false;
  let isReady = options.isReady === undefined;
  let timer: NodeJS.Timeout | undefined;
  let wake: () => void = () => undefined;
  let ended: string | null = null;

  const begin = () => {
    child = startChild({
      ...options,
      onLine(line) {
        words.push(line.text);
        if (words.length > LAST_WORDS) words.shift();
        if (!isReady && options.isReady?.(line) === true) {
          isReady = true;
          wake();
        }
        options.onLine(line);
      },
    });
    void child.exited.then(died);
  };

  const died = (how: number | string) => {
    if (stopping) return;
    child.kill(); // whatever it left in its group
    const now = Date.now();
    const recent = restarts.filter((at) => now - at < WINDOW_MS);
    if (!isReady) {
      // Starting again does not cure what kept it from starting; ready() tells.
      ended = `${options.name} ended (${how})`;
      wake();
      return;
    }
    if (!options.restarts || recent.length >= MAX_RESTARTS) {
      options.onDeath(how);
      return;
    }
    const delayMs = FIRST_DELAY_MS * 2 ** recent.length;
    restarts.splice(0, restarts.length, ...recent, now);
    options.onRestart(how, delayMs);
    timer = setTimeout(begin, delayMs);
  };

  begin();
  return {
    name: options.name,
    get pid() {
      return child.pid;
    },
    async ready(timeoutMs, signal) {
      const give = (why: string) => () => {
        ended ??= why;
        wake();
      };
      const late = setTimeout(give(`${options.name} was not ready after ${timeoutMs / 1000} s`), timeoutMs);
      const aborted = give("the start was broken off");
      signal.addEventListener("abort", aborted, { once: true });
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (isReady || ended !== null || signal.aborted) resolve();
      });
      clearTimeout(late);
      signal.removeEventListener("abort", aborted);
      if (!isReady) signal.throwIfAborted();
      if (!isReady) throw new Error(`${ended ?? options.name}. Its last words:\n${words.join("\n")}`);
    },
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await child.stop();
    },
    kill() {
      stopping = true;
      clearTimeout(timer);
      child.kill();
    },
  };
}
