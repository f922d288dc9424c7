import type { Env } from "#server/platform/env.ts";
import type { Setting } from "./contract.ts";

/** A connection string without user and password. */
function withoutLogin(url: string | undefined): string {
  if (!url) return "not set";
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return "set";
  }
}

const secret = (value: string | undefined): string => (value ? "set" : "not set");

/** What this app was started with, in the words of docs/configuration.md. Secrets say only whether they are set. */
export function settingsSummary(env: Env): Setting[] {
  const line = (name: string, value: string | number, note: string): Setting => ({ name, value: String(value), note });
  return [
    line("TOUCHSTONE_ENV", env.TOUCHSTONE_ENV, "Production refuses the embedded provider and generated secrets."),
    line("APP_URL", env.appUrl, "Where browsers reach the app."),
    line("SERVING_URL", env.servingUrl, "Where callers reach endpoints."),
    line("DATABASE_URL", withoutLogin(env.DATABASE_URL), "Postgres; user and password are not shown."),
    line("PG_POOL", env.PG_POOL, "Connections of each process."),
    line("OIDC_ISSUER", env.OIDC_ISSUER ?? "not set", "The identity provider."),
    line("OIDC_EMBEDDED", env.OIDC_EMBEDDED === "1" ? "yes" : "no", "Whether it is the provider for development."),
    line("OIDC_CLIENT_ID", env.OIDC_CLIENT_ID ?? "not set", "The client's name at the provider."),
    line("OIDC_CLIENT_SECRET", secret(env.OIDC_CLIENT_SECRET), "Never shown."),
    line("OIDC_ROLES_CLAIM", env.OIDC_ROLES_CLAIM ?? "not set", "A claim with roles, beside the usual ones."),
    line("NEXTAUTH_SECRET", secret(env.NEXTAUTH_SECRET), "Never shown."),
    line("ARTIFACT_DIR", env.artifactDir, "Dataset versions, models and artifacts, by SHA-256."),
    line("PREDICTION_LOG_DAYS", env.PREDICTION_LOG_DAYS, "Days that predictions and outcomes are kept."),
    line("LOG_LEVEL", env.LOG_LEVEL, "Of the JSON logs."),
  ];
}
