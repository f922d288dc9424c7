import { setTimeout as sleep } from "node:timers/promises";

/** The address to ask a server that listens on `host`: one that listens everywhere is asked on the loopback address. */
export function probeUrl(host: string, port: number, path: string): string {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}${path}`;
}

/** Asks `url` until it answers 2xx. Throws with the last answer after `timeoutMs`, or when `signal` is aborted. */
export async function untilHealthy(url: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const end = Date.now() + timeoutMs;
  let last = "no answer";
  while (Date.now() < end) {
    signal.throwIfAborted();
    try {
      const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]) });
      await response.body?.cancel();
      if (response.ok) return;
      last = `HTTP ${response.status}`;
    } catch (error) {
      signal.throwIfAborted();
      const { cause } = error as { cause?: NodeJS.ErrnoException };
      last = cause?.code ?? String(error);
    }
    await sleep(100);
  }
  throw new Error(`${url} was not healthy after ${timeoutMs / 1000} s (${last}).`);
}
