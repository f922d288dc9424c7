import pino from "pino";
import { env } from "./env.ts";

/** Names whose values never belong in a log line. */
const redact = [
  "authorization",
  "cookie",
  "password",
  "token",
  "secret",
  "*.authorization",
  "*.cookie",
  "*.password",
  "*.token",
  "*.secret",
];

/** JSON lines on standard output. Add `requestId` to every line that belongs to a request. */
export const log = pino({
  level: env().LOG_LEVEL,
  base: { process: env().PROCESS_NAME, pid: process.pid },
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
  redact: { paths: redact, censor: "[redacted]" },
});

export type Log = pino.Logger;
