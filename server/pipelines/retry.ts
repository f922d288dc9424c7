import type { Retries, RetryCause } from "./spec.ts";

const LONGEST_WAIT_MS = 600_000;

/** Which of the causes named in a pipeline file an attempt's end is; null when no retry can help (a gate, a cancellation). */
export function retryCause(reason: string): RetryCause | null {
  switch (reason) {
    case "lost":
      return "lost";
    case "out_of_memory":
      return "oom";
    case "timeout":
      return "timeout";
    case "exit":
    case "output":
    case "start":
    case "register":
      return "failed";
    default:
      return null;
  }
}

/**
 * Milliseconds to wait before the next attempt, or null when there shall be none. `used` is how many further attempts were spent already; the wait
 * doubles with each, up to ten minutes.
 */
export function retryDelay(retries: Retries, reason: string, used: number): number | null {
  const cause = retryCause(reason);
  if (cause === null || !retries.on.includes(cause) || used >= retries.max) return null;
  return Math.min(LONGEST_WAIT_MS, retries.backoffMs * 2 ** used);
}
