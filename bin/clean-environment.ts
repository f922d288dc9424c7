import { SETTING_NAMES } from "#server/platform/env.ts";

/** What libpq, the MLflow client and the sign-in library read besides the product's own settings. */
const FOREIGN = /^(TOUCHSTONE_|OIDC_|NEXTAUTH_|AUTH_|MLFLOW_|PG[A-Z]+$)/;
/** Makes each start of a Python compile all that it imports: ten seconds for mlflow. */
const SLOWS_PYTHON = "PYTHONDONTWRITEBYTECODE";

/** The environment without any setting, for tests: a stray OIDC_ISSUER or DATABASE_URL would send them to somebody's real system. */
export function cleanEnvironment(from: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(from))
    if (value !== undefined && !SETTING_NAMES.includes(name) && !FOREIGN.test(name) && name !== SLOWS_PYTHON)
      clean[name] = value;
  return { ...clean, NEXT_TELEMETRY_DISABLED: "1", CHECKPOINT_DISABLE: "1", ORT_DISABLE_TELEMETRY: "1" };
}

/** Removes them from this process, for configuration files whose tool starts its children with its own environment. */
export function scrubEnvironment(): void {
  const clean = cleanEnvironment();
  for (const name of Object.keys(process.env)) if (!(name in clean)) delete process.env[name];
  Object.assign(process.env, clean);
}
