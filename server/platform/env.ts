import os from "node:os";
import path from "node:path";
import { z } from "zod";

const port = z.coerce.number().int().min(1).max(65535);
/** An empty variable means "not set", as docker compose and systemd files write it. */
const text = z.preprocess((v) => (v === "" ? undefined : v), z.string().optional());

/**
 * Every setting Touchstone reads, with its safe default. `docs/configuration.md` and the README table describe the same list.
 * This is the only file that reads `process.env` (a lint rule holds it so); the launcher passes what it generates through the same names.
 */
const Env = z.object({
  TOUCHSTONE_ENV: z.enum(["development", "production"]).default("development"),
  /** Where the browser reaches the app. Cookies, redirects and snippets are built from it. */
  APP_URL: z.url().optional(),
  HOST: z.string().default("127.0.0.1"),
  PORT: port.default(3000),
  SERVING_HOST: z.string().default("127.0.0.1"),
  SERVING_PORT: port.default(8080),
  SERVING_URL: z.url().optional(),
  WORKER_PORT: port.default(8081),
  IDP_PORT: port.default(3001),
  DATA_DIR: z.string().default(".data"),
  DATABASE_URL: text,
  PG_POOL: z.coerce.number().int().min(1).max(200).default(10),
  OIDC_ISSUER: text,
  OIDC_CLIENT_ID: text,
  OIDC_CLIENT_SECRET: text,
  OIDC_SCOPE: z.string().default("openid profile email roles offline_access"),
  OIDC_ROLES_CLAIM: text,
  /** Set by the launcher when it started the embedded provider; names the identities it issues. */
  OIDC_EMBEDDED: z.enum(["0", "1"]).default("0"),
  NEXTAUTH_SECRET: text,
  ARTIFACT_DIR: text,
  /** The Ed25519 private key (PEM) that signs approvals, and the file with every public key they may be signed with. */
  APPROVAL_KEY_FILE: text,
  APPROVAL_PUBLIC_KEY_FILE: text,
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  PROCESS_NAME: z.string().default("app"),
  /** Logged predictions and their outcomes are kept this many days. */
  PREDICTION_LOG_DAYS: z.coerce.number().int().min(2).max(3650).default(400),
  /** Whether webhooks may go to addresses inside the network and over plain HTTP. */
  WEBHOOK_PRIVATE: z.enum(["0", "1"]).default("0"),
  WORKER_SLOTS: z.coerce.number().int().min(1).max(64).default(Math.max(2, os.availableParallelism())),
  /** Memory in megabytes that a worker may give to the processes of Python models and services together; by default half of the machine's. */
  PROCESS_MEMORY_MB: z.coerce.number().int().min(64).optional(),
  /** Where programs (git, python3, uv) are looked for; handed on to the ones that are started. */
  PATH: z.string().default("/usr/local/bin:/usr/bin:/bin"),
  PYTHON: z.string().default("python3"),
  UV_PATH: text,
});

/** The names of all settings, for the launcher, which hands them to the processes it starts. PATH belongs to the machine: every process has it anyway. */
export const SETTING_NAMES: readonly string[] = Object.keys(Env.shape).filter((name) => name !== "PATH");

export type Env = z.infer<typeof Env> & {
  readonly appUrl: string;
  readonly servingUrl: string;
  readonly dataDir: string;
  readonly artifactDir: string;
  readonly approvalKeyFile: string;
  readonly approvalPublicKeyFile: string;
};

let parsed: Env | undefined;

/** The settings of this process, parsed once. Throws an error that lists each wrong variable by name. */
export function env(): Env {
  if (parsed) return parsed;
  const result = Env.safeParse(process.env);
  if (!result.success) {
    const lines = result.error.issues.map((i) => `  ${i.path.join(".")}: ${i.message}`);
    throw new Error(`The configuration has wrong values:\n${lines.join("\n")}`);
  }
  const e = result.data;
  const dataDir = path.resolve(/*turbopackIgnore: true*/ e.DATA_DIR);
  const approvalKeyFile = path.resolve(
    /*turbopackIgnore: true*/ e.APPROVAL_KEY_FILE ?? path.join(dataDir, "keys", "approvals.pem"),
  );
  parsed = {
    ...e,
    appUrl: (e.APP_URL ?? `http://localhost:${e.PORT}`).replace(/\/$/, ""),
    servingUrl: (e.SERVING_URL ?? `http://localhost:${e.SERVING_PORT}`).replace(/\/$/, ""),
    dataDir,
    artifactDir: path.resolve(/*turbopackIgnore: true*/ e.ARTIFACT_DIR ?? path.join(dataDir, "objects")),
    approvalKeyFile,
    approvalPublicKeyFile: path.resolve(
      /*turbopackIgnore: true*/ e.APPROVAL_PUBLIC_KEY_FILE ?? `${approvalKeyFile.replace(/\.pem$/, "")}.pub.pem`,
    ),
  };
  return parsed;
}

/** Forgets the parsed settings, so that a test or the launcher can set variables and read them anew. */
export function resetEnv(): void {
  parsed = undefined;
}

const FOR_TOOLS =
  /^(PIP_\w+|UV_(?!PATH$)\w+|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)$/i;

/** The variables by which a machine's administrator tells package tools where indexes, proxies and certificates are; no setting of Touchstone's own. */
export function toolVariables(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => FOR_TOOLS.test(entry[0]) && entry[1] !== undefined,
    ),
  );
}
