import path from "node:path";
import { env, resetEnv, SETTING_NAMES } from "#server/platform/env.ts";

export type Environment = Record<string, string>;

/** What a process needs of the machine besides the settings: where programs, homes, certificates, proxies and package indexes are. */
const INHERITED = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TMPDIR",
  "TERM",
  "NODE_OPTIONS",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "ALL_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "all_proxy",
];
const INHERITED_PREFIXES = ["LC_", "PIP_", "UV_", "XDG_", "AWS_"];

/** The machine's part of `from`, without any setting of Touchstone or of a program that happens to be around. */
export function inherited(from: NodeJS.ProcessEnv = process.env): Environment {
  const result: Environment = {};
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined || SETTING_NAMES.includes(name)) continue;
    if (INHERITED.includes(name) || INHERITED_PREFIXES.some((prefix) => name.startsWith(prefix))) result[name] = value;
  }
  return result;
}

/** The settings that were given, with an empty variable counting as not given. */
export function givenSettings(from: NodeJS.ProcessEnv = process.env): Environment {
  const result: Environment = {};
  for (const name of SETTING_NAMES) {
    const value = from[name];
    if (value !== undefined && value !== "") result[name] = value;
  }
  return result;
}

/** Where Node keeps what it has compiled, types already stripped: it halves the time a process needs to start. */
const COMPILE_CACHE = path.join(import.meta.dirname, "../../node_modules/.cache/node");

/** The whole environment of a process: the machine's part, the settings, no telemetry. */
export function childEnvironment(settings: Environment, extra: Environment = {}): Environment {
  return {
    ...inherited(),
    NEXT_TELEMETRY_DISABLED: "1",
    CHECKPOINT_DISABLE: "1",
    // From 1.29 on ONNX Runtime tells its maker of every session, with names and hashes of the model.
    ORT_DISABLE_TELEMETRY: "1",
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    NODE_ENV: "production",
    ...settings,
    ...extra,
  };
}

/** Makes `settings` those of this very process. Settings that were given win. */
export function adoptSettings(settings: Environment): void {
  for (const [name, value] of Object.entries(settings)) {
    const given = process.env[name];
    if (given === undefined || given === "") process.env[name] = value;
  }
  resetEnv();
  env();
}
