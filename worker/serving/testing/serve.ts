import { connect } from "node:net";
import { Registry } from "prom-client";
import { log } from "#server/platform/log.ts";
import type {
  EndpointPlan,
  MinuteStats,
  PlanEntry,
  PredictionRecord,
  RequestErrorRecord,
  ShadowRecord,
  ToldOutcome,
} from "#server/serving/contract.ts";
import type { ServingDeps } from "../deps.ts";
import { startServing, type Serving } from "../server.ts";
import { servingPlan } from "./plan.ts";

interface Init {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server with its dependencies recorded, and a client for it. */
export interface TestServing extends Serving {
  readonly url: string;
  readonly predictions: PredictionRecord[];
  readonly shadows: ShadowRecord[];
  readonly errors: RequestErrorRecord[];
  readonly outcomes: ToldOutcome[];
  readonly stats: MinuteStats[];
  readonly call: (
    path: string,
    body?: unknown,
    init?: Init,
  ) => Promise<{ status: number; body: Answer; headers: Headers }>;
}

export interface Answer {
  readonly error?: string;
  readonly id?: string;
  readonly model_version?: string;
  readonly parameters?: { prediction_ids: string[] };
  readonly outputs?: { name: string; shape: number[]; datatype: string; data: (string | number)[] }[];
  readonly [key: string]: unknown;
}

/**
 * Sends several requests in one write on one socket, so that they arrive in the same turn of the server's event loop and share a run.
 * Gives status and body of each, in order.
 */
export async function sendTogether(
  serving: Serving,
  path: string,
  bodies: readonly unknown[],
): Promise<{ status: number; body: Answer }[]> {
  const socket = connect(serving.port, "127.0.0.1");
  socket.write(
    bodies
      .map((body, i) => {
        const text = JSON.stringify(body);
        const last = i === bodies.length - 1 ? "connection: close\r\n" : "";
        return `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\n${last}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
      })
      .join(""),
  );
  let rest = Buffer.concat(await socket.toArray());
  const answers: { status: number; body: Answer }[] = [];
  while (rest.length > 0) {
    const end = rest.indexOf("\r\n\r\n") + 4;
    const head = rest.subarray(0, end).toString();
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    answers.push({
      status: Number(head.slice(9, 12)),
      body: JSON.parse(rest.subarray(end, end + length).toString()) as Answer,
    });
    rest = rest.subarray(end + length);
  }
  return answers;
}

/** Starts a server on a free port with these endpoints live. The token `good` may do everything. */
export async function serve(
  plan: Record<string, PlanEntry | EndpointPlan>,
  change: Partial<ServingDeps> = {},
): Promise<TestServing> {
  const predictions: PredictionRecord[] = [];
  const shadows: ShadowRecord[] = [];
  const errors: RequestErrorRecord[] = [];
  const outcomes: ToldOutcome[] = [];
  const stats: MinuteStats[] = [];
  const serving = await startServing({
    host: "127.0.0.1",
    port: 0,
    publicUrl: "http://serving.test",
    version: "1.2.3",
    log,
    metrics: new Registry(),
    whyNotApproved: () => null,
    authenticate: (token) => (token === "good" ? "allowed" : "unauthenticated"),
    admitRequest: () => null,
    admitRows: () => null,
    logPrediction: (record) => predictions.push(record),
    logShadow: (record) => shadows.push(record),
    logError: (record) => errors.push(record),
    recordOutcomes: (_, told) => {
      outcomes.push(...told);
      return Promise.resolve({ accepted: told.length, unknown: [] });
    },
    flushStats: (minutes) => {
      stats.push(...minutes);
      return Promise.resolve();
    },
    ...change,
  });
  const url = `http://127.0.0.1:${serving.port}`;
  let results = await serving.applyPlan(servingPlan(plan));
  // What is loaded beside the plan is there when a later plan finds it.
  while (results.some((result) => result.state === "loading")) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    results = await serving.applyPlan(servingPlan(plan));
  }
  for (const { endpoint, state, error } of results)
    if (state !== "live" && state !== "unchanged") throw new Error(`${endpoint} is ${state}: ${error}`);
  return {
    ...serving,
    url,
    predictions,
    shadows,
    errors,
    outcomes,
    stats,
    call: async (path, body, init: Init = {}) => {
      const headers = {
        authorization: "Bearer good",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...init.headers,
      };
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const method = body === undefined ? "GET" : "POST";
      const response = await fetch(url + path, {
        method,
        ...(body === undefined ? {} : { body: text }),
        ...init,
        headers,
      });
      const answer = await response.text();
      const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
      return {
        status: response.status,
        body: isJson ? (JSON.parse(answer) as Answer) : { text: answer },
        headers: response.headers,
      };
    },
  };
}
