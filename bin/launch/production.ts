import type { Env } from "#server/platform/env.ts";

/** What only a development start may make up: the database, the identity provider with its demo people, and secrets. */
const REQUIRED = ["DATABASE_URL", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "NEXTAUTH_SECRET"] as const;
const MIN_SECRET = 32;

/**
 * Why these settings cannot start, as one line; null when they can. Production refuses everything made up, all in one line; development
 * refuses half a provider.
 */
export function refusal(settings: Env): string | null {
  if (settings.TOUCHSTONE_ENV === "production") {
    const missing = REQUIRED.filter((name) => settings[name] === undefined);
    if (missing.length > 0)
      return `TOUCHSTONE_ENV=production starts no embedded database, no development identity provider with demo people and no generated secret. Set ${list(missing)}.`;
    if ((settings.NEXTAUTH_SECRET ?? "").length < MIN_SECRET)
      return `NEXTAUTH_SECRET is shorter than ${MIN_SECRET} characters. Make one with: openssl rand -base64 32`;
    return null;
  }
  if (settings.OIDC_ISSUER === undefined) return null;
  const missing = (["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"] as const).filter((name) => settings[name] === undefined);
  return missing.length === 0
    ? null
    : `OIDC_ISSUER is set, so ${list(missing)} must be too: the client that is registered at ${settings.OIDC_ISSUER}.`;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}
