import type { Env } from "#server/platform/env.ts";
import { type Environment, givenSettings } from "./environment.ts";
import { keptSecret } from "./secrets.ts";

export const EMBEDDED_CLIENT_ID = "touchstone";

/** Where the embedded provider is, and its client's secret; null when another issuer is configured. */
export function embeddedProvider(settings: Env): { issuer: string; clientId: string; clientSecret: string } | null {
  if (settings.OIDC_ISSUER !== undefined) return null;
  return {
    issuer: `http://localhost:${settings.IDP_PORT}`,
    clientId: EMBEDDED_CLIENT_ID,
    clientSecret: keptSecret(settings.dataDir, "oidc-client"),
  };
}

/** Every setting the started processes get: what was given, what has a default they must agree on, and what the launcher makes up. */
export function settingsFor(settings: Env, databaseUrl: string): Environment {
  const provider = embeddedProvider(settings);
  return {
    ...givenSettings(),
    TOUCHSTONE_ENV: settings.TOUCHSTONE_ENV,
    APP_URL: settings.appUrl,
    HOST: settings.HOST,
    PORT: String(settings.PORT),
    SERVING_HOST: settings.SERVING_HOST,
    SERVING_PORT: String(settings.SERVING_PORT),
    SERVING_URL: settings.servingUrl,
    WORKER_PORT: String(settings.WORKER_PORT),
    DATA_DIR: settings.dataDir,
    ARTIFACT_DIR: settings.artifactDir,
    DATABASE_URL: databaseUrl,
    NEXTAUTH_SECRET: settings.NEXTAUTH_SECRET ?? keptSecret(settings.dataDir, "nextauth"),
    ...(provider === null
      ? { OIDC_EMBEDDED: "0" }
      : {
          OIDC_EMBEDDED: "1",
          OIDC_ISSUER: provider.issuer,
          OIDC_CLIENT_ID: provider.clientId,
          OIDC_CLIENT_SECRET: provider.clientSecret,
        }),
  };
}
