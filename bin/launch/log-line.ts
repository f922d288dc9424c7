import { z } from "zod";

const Line = z.object({
  level: z.union([z.string(), z.number()]),
  msg: z.string().default(""),
  requestId: z.string().optional(),
  err: z.object({ message: z.string(), stack: z.string().optional() }).optional(),
});

const LEVELS: Readonly<Record<string, number>> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 };

export type LogLine = { level: "info" | "warn" | "error"; text: string };

/**
 * What a line of a child process says to a person. JSON lines of our own logger become their sentence; anything else is taken as it is, and counts as a
 * warning when it came from standard error.
 */
export function readLogLine(raw: string, stream: "stdout" | "stderr"): LogLine {
  const parsed = raw.startsWith("{") ? parse(raw) : null;
  if (parsed === null) return { level: stream === "stderr" ? "warn" : "info", text: raw };
  const { level, msg, err, requestId } = parsed;
  const severity = typeof level === "number" ? level : (LEVELS[level] ?? 30);
  const cause = err === undefined || msg.includes(err.message) ? "" : `: ${err.message}`;
  const request = requestId === undefined ? "" : ` (request ${requestId})`;
  return { level: severity >= 50 ? "error" : severity >= 40 ? "warn" : "info", text: `${msg}${cause}${request}` };
}

function parse(raw: string): z.infer<typeof Line> | null {
  try {
    return Line.parse(JSON.parse(raw));
  } catch {
    return null;
  }
}
