import path from "node:path";
import { messageOf } from "#server/kernel/errors.ts";
import { deploy } from "#server/platform/deploy.ts";
import type { Env } from "#server/platform/env.ts";
import type { Progress } from "../cli/progress.ts";
import { bold, dim, duration, gold, red } from "../cli/terminal.ts";
import { DEMO_PEOPLE } from "../idp/people.ts";
import { serverVersion, startEmbedded } from "./database.ts";
import { adoptSettings, type Environment } from "./environment.ts";
import { generateClient } from "./generate.ts";
import { ROOT } from "./instance.ts";
import type { LaunchOptions } from "./options.ts";
import { preflight } from "./preflight.ts";
import { writeRunFile } from "./run-file.ts";
import { hasSamples } from "./seed.ts";
import { embeddedProvider, settingsFor } from "./settings.ts";
import type { Shutdown } from "./shutdown.ts";
import { startServices } from "./start-services.ts";
import { buildApp, seedSamples } from "./tasks.ts";

/** Starts everything in order, registering with `shutdown` what runs. Throws at the first thing that fails, or when the stop is asked for. */
export async function bringUp(
  settings: Env,
  options: LaunchOptions,
  progress: Progress,
  shutdown: Shutdown,
): Promise<void> {
  const began = Date.now();
  const { signal } = shutdown;
  const production = settings.TOUCHSTONE_ENV === "production";
  progress.line(`\n  ${gold("╱")} ${bold("Touchstone")} ${dim(settings.TOUCHSTONE_ENV)}\n`);

  await progress.step("Machine", async () => {
    const found = await preflight(settings, options.dev ? ROOT : null);
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
  signal.throwIfAborted();
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

async function bringInSamples(settings: Env, children: Environment, progress: Progress, signal: AbortSignal) {
  try {
    await progress.step("Samples", async ({ note }) => {
      note("bringing in the sample projects");
      return await seedSamples({ root: ROOT, dataDir: settings.dataDir, signal, note, settings: children });
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
