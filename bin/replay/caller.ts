import { Agent, request } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#server/kernel/errors.ts";

const TRIES = 8;

/** Calls one endpoint with kept-alive connections. */
export class Caller {
  readonly #base: URL;
  readonly #token: string;
  readonly #agent: Agent;
  readonly #signal: AbortSignal;

  constructor(options: {
    servingUrl: string;
    endpoint: string;
    token: string;
    connections: number;
    signal: AbortSignal;
  }) {
    this.#base = new URL(`${options.servingUrl}/v2/models/${encodeURIComponent(options.endpoint)}/`);
    this.#token = options.token;
    this.#signal = options.signal;
    const settings = { keepAlive: true, maxSockets: options.connections };
    this.#agent = this.#base.protocol === "https:" ? new SecureAgent(settings) : new Agent(settings);
  }

  /**
   * Posts to `infer` or `outcomes` and returns the answer. What is only busy is tried again (429, 503, a broken connection); what is wrong throws the
   * server's own words.
   */
  async post<T>(route: "infer" | "outcomes", body: unknown): Promise<T> {
    const text = JSON.stringify(body);
    for (let attempt = 1; ; attempt += 1) {
      let answer: { status: number; text: string; retryAfter: number };
      try {
        answer = await this.#send(route, text);
      } catch (error) {
        this.#signal.throwIfAborted();
        if (attempt >= TRIES)
          throw new AppError("unavailable", `${this.#base.origin} does not answer: ${(error as Error).message}`, {
            remedy: "Is the serving process running? See npm run -s touchstone -- doctor.",
            cause: error,
          });
        await this.#wait(Math.min(2000, 100 * 2 ** attempt));
        continue;
      }
      if (answer.status === 200) return JSON.parse(answer.text) as T;
      const isBusy = answer.status === 429 || answer.status === 503;
      if (!isBusy || attempt >= TRIES) throw new Error(`${route}: ${answer.status} ${messageIn(answer.text)}`);
      await this.#wait(Math.min(2000, answer.retryAfter * 1000));
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#signal });
  }

  #send(route: string, body: string): Promise<{ status: number; text: string; retryAfter: number }> {
    const send = this.#base.protocol === "https:" ? secureRequest : request;
    return new Promise((resolve, reject) => {
      const sent = send(
        new URL(route, this.#base),
        {
          method: "POST",
          agent: this.#agent,
          signal: this.#signal,
          headers: {
            authorization: `Bearer ${this.#token}`,
            "content-type": "application/json",
            "content-length": Buffer.byteLength(body),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              text: Buffer.concat(chunks).toString(),
              retryAfter: Number(response.headers["retry-after"] ?? 1),
            }),
          );
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  }
}

function messageIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // Not the protocol's form: somebody else answered, such as a proxy.
  }
  return text.slice(0, 500);
}
