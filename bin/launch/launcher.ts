import path from "node:path";
import { messageOf } from "#server/kernel/errors.ts";
import { deploy } from "#server/platform/deploy.ts";
import { type Env, env } from "#server/platform/env.ts";
import { createProgress, type Progress } from "../cli/progress.ts";
import { bold, dim, duration, gold, red } from "../cli/terminal.ts";
import { DEMO_PEOPLE } from "../idp/people.ts";
import { serverVersion, startEmbedded } from "./database.ts";
import { adoptSettings, type Environment } from "./environment.ts";
import { generateClient } from "./generate.ts";
import { probeUrl, untilHealthy } from "./health.ts";
import { takeLock } from "./lock.ts";
import { dataDirProblem, preflight } from "./preflight.ts";
import { refusal } from "./production.ts";
import { findRunning, removeRunFile, writeRunFile } from "./run-file.ts";
import { hasSamples } from "./seed.ts";
import { createServices } from "./services.ts";
import { embeddedProvider, settingsFor } from "./settings.ts";
import { createShutdown, onSignals, type Shutdown } from "./shutdown.ts";
import { buildApp, seedSamples } from "./tasks.ts";

export type LaunchOptions = {
  /** `next dev` instead of build and `next start`; worker and serving start again when their sources change. */
  readonly dev: boolean;
  /** Shows every line of the started processes. */
  readonly verbose: boolean;
};

const ROOT = path.join(import.meta.dirname, "../..");
const READY_MS = 60_000;
/** In development the app compiles at the first request, while a serving that has not come up yet is somebody's work in progress. */
const DEV_APP_MS = 180_000;
const DEV_SERVING_MS = 15_000;

/** Says on standard error why nothing was started. */
function refuse(lines: readonly string[]): number {
  for (const line of lines) console.error(`${red("✗")} ${line}`);
  return 1;
}

/** Starts Touchstone, runs until it is stopped, and returns the exit code: 0 after Ctrl-C or SIGTERM, 1 when something failed. */
export async function launch(options: LaunchOptions): Promise<number> {
  process.chdir(ROOT);
  const settings = env();
  const refused = refusal(settings) ?? dataDirProblem(settings.dataDir);
  if (refused !== null) return refuse([refused]);

  const lock = takeLock(path.join(settings.dataDir, "launcher.lock"));
  if ("heldBy" in lock) {
    const at = findRunning(settings.dataDir)?.appUrl;
    return refuse([
      `Touchstone already runs on ${settings.dataDir} (process ${lock.heldBy}${at === undefined ? "" : `, ${at}`}). Stop that one, or set DATA_DIR and other ports for a second.`,
    ]);
  }
  const progress = createProgress();
  const shutdown = createShutdown((text) => progress.line(`\n  ${text}`));
  const untie = onSignals(shutdown, (code) => process.exit(code));
  const crashed = (error: unknown) => {
    progress.line(red(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    shutdown.request("Stopping, because the launcher failed …", 1);
  };
  process.on("uncaughtException", crashed);
  process.on("unhandledRejection", crashed);
  // A closed terminal takes the output away before the signal arrives; that must not end the orderly stop.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  try {
    const starting = bringUp(settings, options, progress, shutdown);
    starting.catch((error: unknown) => {
      if (shutdown.signal.aborted) return;
      progress.line(`\n${red("✗")} ${explain(error)}`);
      shutdown.request("Stopping …", 1);
    });
    const code = await shutdown.finish(starting);
    progress.end();
    if (!shutdown.idle) progress.line(`  Stopped. Your data is kept in ${settings.dataDir}.`);
    return code;
  } finally {
    untie();
    process.off("uncaughtException", crashed);
    process.off("unhandledRejection", crashed);
    removeRunFile(settings.dataDir);
    lock.release();
  }
}

function explain(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const full = code === "ENOSPC" || /ENOSPC|No space left on device/.test(messageOf(error));
  if (full)
    return `The disk is full: ${messageOf(error).split("\n", 1)[0] ?? ""}. Free some space and start again; nothing is lost.`;
  if (code === "EACCES") return `${messageOf(error)}. Give this folder to the user who starts Touchstone.`;
  return messageOf(error);
}

async function bringUp(settings: Env, options: LaunchOptions, progress: Progress, shutdown: Shutdown): Promise<void> {
  const began = Date.now();
  const { signal } = shutdown;
  const production = settings.TOUCHSTONE_ENV === "production";
  progress.line(`\n  ${gold("╱")} ${bold("Touchstone")} ${dim(settings.TOUCHSTONE_ENV)}\n`);

  await progress.step("Machine", async () => {
    const found = await preflight(settings);
    for (const warning of found.warnings) progress.warn(warning);
    if (found.problems.length > 0) throw new Error(found.problems.join(`\n${red("✗")} `));
    return found.summary;
  });
  const databaseUrl = await startDatabase(settings, progress, shutdown);
  signal.throwIfAborted();
  await progress.step("Migrations", async () => {
    const applied = await deploy(databaseUrl);
    return applied.length === 0 ? "up to date" : `${applied.length} applied`;
  });
  const children = settingsFor(settings, databaseUrl);
  adoptSettings(children);
  await startProvider(settings, progress, shutdown);
  signal.throwIfAborted();
  await progress.step("Client", async (step) => {
    step.note("generating the database client");
    return generateClient() ? "generated from the schema" : "up to date";
  });
  if (!options.dev)
    await progress.step("Build", async ({ note }) => {
      const built = await buildApp({ root: ROOT, dataDir: settings.dataDir, signal, note });
      return built ? "built" : "up to date";
    });
  signal.throwIfAborted();
  await startServices(settings, children, options, progress, shutdown);
  writeRunFile(settings.dataDir, { appUrl: settings.appUrl, settings: children });
  if (!production && hasSamples()) await bringInSamples(settings, children, progress, signal);
  signal.throwIfAborted();
  welcome(settings, progress, Date.now() - began);
}

async function startDatabase(settings: Env, progress: Progress, shutdown: Shutdown): Promise<string> {
  let url = settings.DATABASE_URL ?? "";
  await progress.step("Database", async () => {
    if (settings.DATABASE_URL !== undefined) return `Postgres ${await serverVersion(url)} of DATABASE_URL`;
    const embedded = await startEmbedded(settings.dataDir);
    url = embedded.url;
    const { cluster } = embedded;
    if (!cluster.dir.startsWith(settings.dataDir))
      progress.warn(
        `Postgres keeps its files in ${cluster.dir}: the user it runs as cannot reach ${settings.dataDir}.`,
      );
    shutdown.add({ name: "Postgres", stop: () => cluster.stop(), kill: () => cluster.kill() });
    void cluster.exited.then(() => shutdown.request("Stopping, because Postgres ended by itself …", 1));
    return `Postgres ${await serverVersion(url)} on 127.0.0.1:${cluster.port}`;
  });
  return url;
}

async function startProvider(settings: Env, progress: Progress, shutdown: Shutdown): Promise<void> {
  const embedded = embeddedProvider(settings);
  await progress.step("Sign-in", async () => {
    if (embedded === null) return `provider ${settings.OIDC_ISSUER ?? ""}`;
    const { startIdp } = await import("../idp/server.ts");
    const idp = await startIdp({
      ...embedded,
      appUrl: settings.appUrl,
      port: settings.IDP_PORT,
      dir: path.join(settings.dataDir, "idp"),
      onError: (error) => progress.warn(`identity provider: ${error.message}`),
    });
    shutdown.add({ name: "identity provider", stop: () => idp.stop() });
    return `development provider on ${idp.issuer}`;
  });
}

async function startServices(
  settings: Env,
  children: Environment,
  options: LaunchOptions,
  progress: Progress,
  shutdown: Shutdown,
): Promise<void> {
  const { signal } = shutdown;
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
      if (!options.dev || signal.aborted) throw error;
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
  try {
    await Promise.all(steps);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function bringInSamples(settings: Env, children: Environment, progress: Progress, signal: AbortSignal) {
  try {
    await progress.step("Samples", async ({ note }) => {
      note("bringing in the sample projects");
      const last = await seedSamples({ root: ROOT, dataDir: settings.dataDir, signal, note, settings: children });
      return last === "" ? "there" : last;
    });
  } catch (error) {
    if (signal.aborted) throw error;
    progress.warn(`The samples are not complete; the next start tries again. ${messageOf(error)}`);
  }
}

function welcome(settings: Env, progress: Progress, took: number): void {
  progress.line(`\n  ${gold("╱")} ${bold(settings.appUrl)}   ${dim(`ready in ${duration(took)}`)}\n`);
  if (settings.OIDC_ISSUER === undefined) {
    progress.line("  Sign in as");
    for (const person of DEMO_PEOPLE)
      progress.line(`    ${person.name.padEnd(14)} ${person.title.padEnd(15)} ${dim(person.sees)}`);
  }
  progress.line(dim(`\n  Logs ${path.join(settings.dataDir, "logs")} · stop with Ctrl-C\n`));
}
