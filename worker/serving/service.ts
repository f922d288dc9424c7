import { readFileSync } from "node:fs";
import path from "node:path";
import { AppError } from "#server/kernel/errors.ts";
import { env } from "#server/platform/env.ts";
import { announceNow } from "#server/platform/events.ts";
import type { Log } from "#server/platform/log.ts";
import { registry } from "#server/platform/metrics.ts";
import {
  ensurePartitions,
  ErrorLog,
  forgetPredictions,
  MinuteCounts,
  PredictionLog,
  recordOutcomes,
  ShadowLog,
  TokenAccess,
  TokenLimits,
  whyNotApproved,
} from "#server/serving/index.ts";
import type { Service } from "../services.ts";
import { PlanFollower } from "./plan-follower.ts";
import { startServing } from "./server.ts";
import { LIMITS } from "./deps.ts";
import { createServices } from "./services/services.ts";

const HOUR_MS = 3_600_000;
const COUNTS_MS = 10_000;
const ANNOUNCE_MS = 2_000;
/** How far processes may be apart in what they know of a token's day. */
const TOKENS_MS = 2_000;
/** How long an outcome waits for predictions of this process that are on their way to the log. */
const LOG_FIRST_MS = 1_000;

/** Answers predictions on SERVING_PORT for as long as the worker lives. */
export const serving: Service = {
  name: "serving",
  roles: ["serving"],
  async start({ id, log }) {
    const access = new TokenAccess(log);
    const counts = new MinuteCounts(id, log);
    const announcer = new Announcer(log);
    const limits = new TokenLimits(log);
    const shadows = new ShadowLog(log, registry);
    const errors = new ErrorLog(log, registry);
    const predictions = new PredictionLog({
      log,
      metrics: registry,
      onWritten: (endpoints) => announcer.written(endpoints),
    });
    const takeDropped = () => {
      errors.takeDropped();
      return new Map([...predictions.takeDropped(), ...shadows.takeDropped()]);
    };
    await keepPartitions(log);
    const { SERVING_HOST: host, SERVING_PORT: port, servingUrl } = env();
    const services = createServices({
      workerId: id,
      log,
      metrics: registry,
      publicUrl: servingUrl,
      bodyBytes: LIMITS.bodyBytes,
      authenticate: async (token, projectId) => {
        const found = await access.check(token, "predict", projectId);
        return typeof found === "object" ? { caller: found } : found === "allowed" ? { caller: null } : found;
      },
      admit: (caller, serviceId) => limits.admitRequest(caller, serviceId) ?? limits.admitRows(caller, serviceId, 1),
      onFailed: (tokenId, serviceId) => limits.failed(tokenId, serviceId),
      onLogged: (written) => announcer.written(written),
    });
    const server = await startServing({
      host,
      port,
      publicUrl: servingUrl,
      version: ownVersion(),
      log,
      metrics: registry,
      whyNotApproved,
      services: services.handler,
      authenticate: (token, act, target) => access.check(token, act, target?.projectId ?? null),
      admitRequest: (caller, endpointId) => limits.admitRequest(caller, endpointId),
      admitRows: (caller, endpointId, rows) => limits.admitRows(caller, endpointId, rows),
      logPrediction: (record) => predictions.add(record),
      logShadow: (record) => shadows.add(record),
      logError: (record) => {
        // A limit that was reached is counted as that.
        if (record.caller !== null && record.status !== 429) limits.failed(record.caller, record.endpointId);
        errors.add(record);
      },
      recordOutcomes: async ({ endpointId, projectId }, outcomes, requestId) => {
        await predictions.flush(LOG_FIRST_MS);
        const receipt = await recordOutcomes(endpointId, outcomes).catch((error: unknown) => {
          log.warn({ err: error, requestId }, "outcomes could not be kept");
          throw new AppError("unavailable", "The outcomes could not be kept, not one of them.", {
            remedy: "Send them again in a few seconds.",
          });
        });
        announcer.written(new Map([[endpointId, projectId]]));
        return receipt;
      },
      flushStats: (stats) => counts.keep(stats, takeDropped()),
    });
    const stopFollowing = await new PlanFollower(server, log).start();
    const stopServices = services.start(`http://${host === "0.0.0.0" ? "127.0.0.1" : host}:${server.port}`);
    const timers = [
      setInterval(() => void keepPartitions(log), HOUR_MS),
      setInterval(() => {
        const dropped = takeDropped();
        if (counts.waiting > 0 || dropped.size > 0) void counts.keep([], dropped);
      }, COUNTS_MS),
      setInterval(() => void limits.flush(), TOKENS_MS),
    ];
    log.info({ host, port: server.port }, "answering predictions");
    return async () => {
      for (const timer of timers) clearInterval(timer);
      await stopFollowing();
      await server.stop();
      await stopServices();
      await Promise.all([predictions.stop(), shadows.stop(), errors.stop(), limits.flush()]);
      await counts.keep([], takeDropped());
      announcer.stop();
    };
  },
};

/** Makes the coming days' partitions and drops what is older than PREDICTION_LOG_DAYS. */
async function keepPartitions(log: Log): Promise<void> {
  try {
    await ensurePartitions();
    const days = await forgetPredictions(env().PREDICTION_LOG_DAYS);
    if (days > 0) log.info({ days }, "old predictions were dropped");
  } catch (error) {
    log.warn(
      { err: error },
      "the prediction log's partitions could not be kept; trying again in an hour, or when one is missing",
    );
  }
}

function ownVersion(): string {
  const file = path.join(import.meta.dirname, "../../package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** Tells open browsers that an endpoint has new predictions, at most once in two seconds. */
class Announcer {
  readonly #log: Log;
  readonly #waiting = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  written(endpoints: ReadonlyMap<string, string>): void {
    for (const [endpointId, projectId] of endpoints) this.#waiting.set(endpointId, projectId);
    this.#timer ??= setTimeout(() => void this.#announce(), ANNOUNCE_MS).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #announce(): Promise<void> {
    this.#timer = undefined;
    const endpoints = [...this.#waiting];
    this.#waiting.clear();
    try {
      for (const [id, projectId] of endpoints) await announceNow({ projectId, topic: "predictions", id });
    } catch (error) {
      this.#log.debug({ err: error }, "new predictions were not announced");
    }
  }
}
