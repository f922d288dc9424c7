import { messageOf } from "#server/kernel/errors.ts";
import type { Env } from "#server/platform/env.ts";
import type { Progress } from "../cli/progress.ts";
import type { LaunchOptions } from "./options.ts";
import type { Environment } from "./environment.ts";
import { probeUrl, untilHealthy } from "./health.ts";
import { ROOT } from "./instance.ts";
import { createServices } from "./services.ts";
import type { Shutdown } from "./shutdown.ts";

const READY_MS = 60_000;
/** In development the app compiles at the first request, while a serving that has not come up yet is somebody's work in progress. */
const DEV_APP_MS = 180_000;
const DEV_SERVING_MS = 15_000;

/** Starts worker, serving and app side by side and waits until all answer. */
export async function startServices(
  settings: Env,
  children: Environment,
  options: LaunchOptions,
  progress: Progress,
  shutdown: Shutdown,
): Promise<void> {
  const failure = new AbortController();
  const signal = AbortSignal.any([shutdown.signal, failure.signal]);
  const verbose = options.verbose || settings.LOG_LEVEL === "debug" || settings.LOG_LEVEL === "trace";
  const services = createServices({
    root: ROOT,
    dataDir: settings.dataDir,
    settings: children,
    dev: options.dev,
    verbose,
    line: (text) => progress.line(text),
    onDeath: (name, how) => shutdown.request(`Stopping, because ${name} ended by itself (${how}) …`, 1),
  });
  const worker = services.start("worker");
  const serving = services.start("serving");
  shutdown.add(worker, serving);
  const app = services.start("app");
  shutdown.add(app);

  // Somebody's half-written file must not take the shared development instance down; it starts again when the file changes.
  const ready = async (wait: Promise<void>, detail: string) => {
    try {
      await wait;
      return detail;
    } catch (error) {
      if (!options.dev || signal.aborted) {
        failure.abort(); // the others need not go on waiting
        throw error;
      }
      progress.warn(messageOf(error));
      return "not ready";
    }
  };
  const appLimit = options.dev ? DEV_APP_MS : READY_MS;
  const servingLimit = options.dev ? DEV_SERVING_MS : READY_MS;
  const servingHealth = probeUrl(settings.SERVING_HOST, settings.SERVING_PORT, "/v2/health/live");
  const appHealth = probeUrl(settings.HOST, settings.PORT, "/api/health");
  const steps = [
    progress.step("Worker", () => ready(worker.ready(READY_MS, signal), "pipelines, monitoring")),
    progress.step("Serving", () =>
      ready(
        serving.ready(READY_MS, signal).then(() => untilHealthy(servingHealth, servingLimit, signal)),
        settings.servingUrl,
      ),
    ),
    progress.step("App", () => ready(untilHealthy(appHealth, appLimit, signal), settings.appUrl)),
  ];
  // Only when all have ended: one that fails must not leave the others writing to the terminal while things stop.
  const settled = await Promise.allSettled(steps);
  shutdown.signal.throwIfAborted();
  const reasons = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
  const cause = reasons.find((reason) => reason.name !== "AbortError") ?? reasons[0];
  if (cause !== undefined) throw cause;
}
