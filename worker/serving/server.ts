import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, Server as NetServer } from "node:net";
import { AppError, messageOf } from "#server/kernel/errors.ts";
import type { PlanResult, ServingPlan } from "#server/serving/contract.ts";
import { prepareRuntime } from "../runtimes/onnx/ort.ts";
import { startProver } from "../runtimes/onnx/prover.ts";
import { Call } from "./call.ts";
import { LIMITS, type ServingDeps } from "./deps.ts";
import { Handler } from "./handle.ts";
import { LiveModels } from "./live-models.ts";
import { LoopLag } from "./loop-lag.ts";
import { refuseBroken } from "./refuse-broken.ts";
import { atEndOfTurn } from "./turn.ts";

/** Counts reach the database this often, so that a rollout whose challenger fails is seen within seconds. A minute is a whole number of them. */
const FLUSH_MS = 5_000;
/** After so long without a byte a connection is closed. Longer than the idle time of the usual load balancers, so that they, not we, close it. */
const IDLE_MS = 75_000;
/** How long idle connections stay open when the server stops: longer than a request of a caller who has not heard of it is on its way. */
const GRACE_MS = 300;

export interface Serving {
  readonly port: number;
  /** Puts versions live, as LiveModels.apply says. */
  readonly applyPlan: (plan: ServingPlan) => Promise<PlanResult[]>;
  /** Stops accepting, answers what is under way, hands out the last counts and frees the models. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the server of the Open Inference Protocol v2. It is ready once a plan was applied.
 * Rejects with AppError `unavailable` when it cannot listen, such as on a port that is taken.
 */
export async function startServing(deps: ServingDeps): Promise<Serving> {
  startProver();
  await prepareRuntime();
  const limits = { ...LIMITS, ...deps.limits };
  const lag = new LoopLag(limits.lateMs);
  const models = new LiveModels(limits, deps, { log: deps.logShadow, isBusy: () => lag.isLate });
  const handler = new Handler(deps, limits, models);
  const closing = () => handler.stopping;
  const server = createServer(
    {
      // The idle time is kept by the socket's own timer, below: this one would be set and cleared for every request.
      keepAliveTimeout: 0,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
      noDelay: true,
    },
    (request, response) => {
      const call = new Call(request, response, closing);
      atEndOfTurn({ act: () => handler.handle(call) });
    },
  );
  server.on("clientError", refuseBroken);
  server.timeout = IDLE_MS;
  try {
    await listen(server, deps.port, deps.host);
  } catch (error) {
    lag.stop();
    await models.close();
    throw error;
  }
  server.on("error", (error) => deps.log.error({ err: error }, "the server had an error"));

  const flush = async () => {
    const stats = models.takeStats();
    if (stats.length === 0) return;
    await deps
      .flushStats(stats)
      .catch((error: unknown) => deps.log.error({ err: error, lost: stats.length }, "counts could not be kept"));
  };
  let timer: NodeJS.Timeout;
  const schedule = () => {
    timer = setTimeout(
      () => {
        void flush();
        schedule();
      },
      FLUSH_MS - (Date.now() % FLUSH_MS),
    ).unref();
  };
  schedule();

  let stopped: Promise<void> | undefined;
  const stop = async () => {
    handler.stopping = true;
    await closeServer(server, limits.drainMs);
    clearTimeout(timer);
    lag.stop();
    await models.close();
    await flush();
  };
  return {
    port: (server.address() as AddressInfo).port,
    applyPlan: (plan) => models.apply(plan),
    stop: () => (stopped ??= stop()),
  };
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    const taken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    const message = taken
      ? `Port ${port} is taken.`
      : `The server cannot listen on ${host}:${port}: ${messageOf(cause)}`;
    throw new AppError("unavailable", message, {
      field: "SERVING_PORT",
      remedy: "Set SERVING_PORT to a free port.",
      cause,
    });
  }
}

/**
 * Waits for requests under way, but no longer than `drainMs`. Not http's own close: that ends idle connections at once, and with them requests that are on
 * their way in. For a moment each connection gets its next request answered, with `connection: close`.
 */
async function closeServer(server: Server, drainMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  let idle: NodeJS.Timeout | undefined;
  // An answer that was on its way when the stop began leaves its connection open and idle.
  const grace = setTimeout(() => (idle = setInterval(() => server.closeIdleConnections(), 50)), GRACE_MS);
  const timer = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(grace);
  clearInterval(idle);
  clearTimeout(timer);
  // Ends http's own watch over slow senders; there is nothing to listen to any more.
  server.close();
}
