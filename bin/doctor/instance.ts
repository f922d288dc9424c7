import { existsSync } from "node:fs";
import path from "node:path";
import { messageOf } from "#server/kernel/errors.ts";
import { migrationStatus } from "#server/platform/deploy.ts";
import type { Env } from "#server/platform/env.ts";
import { isBuilt, sourceHash } from "../launch/build.ts";
import { serverVersion } from "../launch/database.ts";
import { isClientStale } from "../launch/generate.ts";
import { probeUrl } from "../launch/health.ts";
import { ROOT } from "../launch/instance.ts";
import { portProblems, portsOf } from "../launch/preflight.ts";
import { refusal } from "../launch/production.ts";
import type { RunFile } from "../launch/run-file.ts";
import { bad, type Finding, good, warn } from "./finding.ts";

/** Whether the settings themselves can start, before any of it is tried. `settings`: as given, without a running instance's. */
export function checkConfiguration(settings: Env): Finding[] {
  const refused = refusal(settings);
  const findings = [
    refused === null
      ? good("settings", settings.TOUCHSTONE_ENV)
      : bad("settings", refused, "See docs/configuration.md."),
  ];
  if (settings.TOUCHSTONE_ENV === "production" && settings.APP_URL === undefined)
    findings.push(
      warn("APP_URL", `not set, so sign-in leads back to ${settings.appUrl}`, "Set it to the address people open."),
    );
  return findings;
}

/** The ports a start needs: free, or whose they are. */
export async function checkPorts(settings: Env, running: RunFile | null): Promise<Finding[]> {
  if (running !== null) return [good("ports", `in use by the running Touchstone (process ${running.pid})`)];
  const ports = portsOf(settings);
  const problems = await portProblems(ports);
  if (problems.length === 0) return [good("ports", `${ports.map((use) => use.port).join(", ")} are free`)];
  return problems.map((problem) => bad("ports", problem, "Then run doctor again."));
}

/** The database: reachable, and how its migrations stand. */
export async function checkDatabase(settings: Env): Promise<Finding[]> {
  const url = settings.DATABASE_URL;
  if (url === undefined) {
    const made = existsSync(path.join(settings.dataDir, "postgres/data/PG_VERSION"));
    return [good("database", made ? "stopped; npm start starts it" : "none yet; npm start makes it")];
  }
  try {
    const version = await serverVersion(url);
    const { applied, pending } = await migrationStatus(url);
    return [
      good("database", `reachable, Postgres ${version}`),
      pending.length === 0
        ? good("migrations", `all ${applied.length} applied`)
        : bad(
            "migrations",
            `${pending.length} to apply: ${pending.join(", ")}`,
            "Run npm run -s touchstone -- migrate.",
          ),
    ];
  } catch (error) {
    return [bad("database", messageOf(error), "Start the database, or correct DATABASE_URL.")];
  }
}

/** What npm start would still have to make. */
export function checkArtefacts(): Finding[] {
  return [
    good("client", isClientStale() ? "will be generated at the next start" : "generated from this schema"),
    good("build", isBuilt(ROOT, sourceHash(ROOT)) ? "up to date" : "will be made at the next start, in about a minute"),
  ];
}

/** The processes of a running instance, asked themselves. */
export async function checkProcesses(settings: Env): Promise<Finding[]> {
  return [
    await ask("app", probeUrl(settings.HOST, settings.PORT, "/api/health")),
    await ask("serving", probeUrl(settings.SERVING_HOST, settings.SERVING_PORT, "/v2/health/live")),
    await ask("worker", probeUrl(settings.HOST, settings.WORKER_PORT, "/health")),
    await ask("sign-in", `${(settings.OIDC_ISSUER ?? "").replace(/\/$/, "")}/.well-known/openid-configuration`),
  ];
}

async function ask(name: string, url: string): Promise<Finding> {
  const remedy = `See ${name}.log in the logs folder of the data directory.`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    await response.body?.cancel();
    return response.ok ? good(name, `answers at ${url}`) : bad(name, `${url} answers ${response.status}`, remedy);
  } catch (error) {
    const { cause } = error as { cause?: NodeJS.ErrnoException };
    return bad(name, `${url} does not answer (${cause?.code ?? messageOf(error)})`, remedy);
  }
}

/** Whether an issuer of one's own can be reached from here. */
export async function checkIssuer(settings: Env): Promise<Finding[]> {
  if (settings.OIDC_ISSUER === undefined)
    return [good("sign-in", "the development provider, four people without passwords")];
  const finding = await ask("sign-in", `${settings.OIDC_ISSUER.replace(/\/$/, "")}/.well-known/openid-configuration`);
  return [
    finding.level === "good" ? finding : { ...finding, remedy: "Check OIDC_ISSUER, and that this machine reaches it." },
  ];
}
