import { createServer } from "node:net";
import { vi } from "vitest";
import { log } from "#server/platform/log.ts";
import { resetEnv } from "#server/platform/env.ts";
import { serving } from "../service.ts";
import type { Answer } from "./serve.ts";

/** A port that nothing uses now. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

export interface Stack {
  readonly port: number;
  readonly url: string;
  readonly post: (path: string, token: string | null, body: unknown) => Promise<{ status: number; body: Answer }>;
  readonly get: (path: string, token?: string) => Promise<{ status: number; body: Answer }>;
  readonly stop: () => Promise<void>;
}

/** The whole serving service on the file's database, as a worker with the role runs it, on a port of its own. */
export async function startStack(id: string): Promise<Stack> {
  const port = await freePort();
  vi.stubEnv("SERVING_PORT", String(port));
  resetEnv();
  const stop = await serving.start({ id, roles: ["serving"], log, signal: new AbortController().signal });
  const url = `http://127.0.0.1:${port}`;
  const ask = async (path: string, init: RequestInit) => {
    const response = await fetch(url + path, init);
    return { status: response.status, body: (await response.json()) as Answer };
  };
  return {
    port,
    url,
    stop,
    get: (path, token) => ask(path, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } }),
    post: (path, token, body) =>
      ask(path, {
        method: "POST",
        headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
        body: JSON.stringify(body),
      }),
  };
}
