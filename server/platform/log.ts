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

const output = pino.destination(1);
// Whoever reads these lines may go first (a killed launcher, a closed pipe). That must not throw into the work that is being logged. Nor may it
// be flushed: every line is written at once, so a flush only finds what a closed pipe has refused, and tries that again for ever.
output.on("error", () => undefined);
output.flushSync = () => undefined;

/**
 * An error as a log line keeps it. Only these fields: what else hangs on an error may be anything, and a database's error carries its whole
 * connection. The causes go into the stack.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack, code } = pino.stdSerializers.err(error) as pino.SerializedError & { code?: unknown };
  return { type, message, stack, ...(typeof code === "string" ? { code } : {}) };
}

/** JSON lines on standard output. Add `requestId` to every line that belongs to a request. */
export const log = pino(
  {
    level: env().LOG_LEVEL,
    base: { process: env().PROCESS_NAME, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
    redact: { paths: redact, censor: "[redacted]" },
  },
  output,
);

export type Log = pino.Logger;
