import { env } from "#server/platform/env.ts";
import type { Log } from "#server/platform/log.ts";
import { messageOf } from "#server/kernel/errors.ts";
import {
  claimProbeSlot,
  forgetProbes,
  listProbed,
  PROBE_MS,
  type ProbedEndpoint,
  type ProbeResult,
  probeToken,
  recordProbes,
} from "#server/serving/index.ts";

/** Ready later than this is slow; no answer after that is a failure. */
const SLOW_MS = 1_000;
const LIMIT_MS = 5_000;
/** Probes under way at once, and how long a whole round may take: what is left of it stays unknown. */
const AT_ONCE = 8;
const ROUND_MS = 25_000;
/** Processes look at different moments, so that they do not all ask the database at once. */
const JITTER_MS = 5_000;
const TOKEN_MS = 2 * 3_600_000;
const FORGET_MS = 3_600_000;

/**
 * Asks every endpoint through the public serving address whether it is ready, every half minute, with a token as a caller has one: what lies between a
 * caller and the model is probed too. Of several workers one does it at a time.
 */
export class Prober {
  readonly #log: Log;
  readonly #url: string;
  readonly #tokens = new Map<string, { secret: string; renewAt: number }>();
  #forgottenAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #stopped = false;

  constructor(log: Log, url: string = env().servingUrl) {
    this.#log = log;
    this.#url = url;
  }

  start(): void {
    const wait = PROBE_MS - (Date.now() % PROBE_MS) + Math.random() * JITTER_MS;
    this.#timer = setTimeout(() => {
      this.#working = this.look()
        .then(() => undefined)
        .catch((error: unknown) => this.#log.warn({ err: error }, "endpoints could not be probed"))
        .finally(() => {
          if (!this.#stopped) this.start();
        });
    }, wait);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#working;
  }

  /** One round, if no other process has this half minute. Returns what it found, null when another has it. */
  async look(): Promise<readonly ProbeResult[] | null> {
    if (!(await claimProbeSlot())) return null;
    const endpoints = await listProbed();
    const until = AbortSignal.timeout(ROUND_MS);
    const results: ProbeResult[] = [];
    const waiting = [...endpoints];
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (let next = waiting.shift(); next && !until.aborted && !this.#stopped; next = waiting.shift())
        results.push(await this.#probe(next));
    });
    await Promise.all(workers);
    await recordProbes(results);
    if (Date.now() - this.#forgottenAt > FORGET_MS) {
      await forgetProbes();
      this.#forgottenAt = Date.now();
    }
    return results;
  }

  async #probe({ id, name, projectId, isExcluded }: ProbedEndpoint): Promise<ProbeResult> {
    if (isExcluded) return { endpointId: id, found: "excluded", text: null };
    const failed = (text: string): ProbeResult => ({ endpointId: id, found: "failed", text: text.slice(0, 300) });
    const token = await this.#tokenOf(projectId);
    const started = performance.now();
    try {
      const response = await fetch(`${this.#url}/v2/models/${encodeURIComponent(name)}/ready`, {
        headers: { authorization: `Bearer ${token}` },
        redirect: "manual",
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      const text = await response.text();
      if (response.status !== 200) return failed(`${response.status}: ${text}`);
      return { endpointId: id, found: performance.now() - started > SLOW_MS ? "slow" : "ok", text: null };
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? `: ${messageOf(error.cause)}` : "";
      return failed(`no answer within ${LIMIT_MS / 1000} s (${messageOf(error)}${cause})`);
    }
  }

  async #tokenOf(projectId: string): Promise<string> {
    const known = this.#tokens.get(projectId);
    if (known && Date.now() < known.renewAt) return known.secret;
    const secret = await probeToken(projectId, new Date(Date.now() + TOKEN_MS));
    this.#tokens.set(projectId, { secret, renewAt: Date.now() + TOKEN_MS / 2 });
    return secret;
  }
}
