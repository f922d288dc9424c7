import { z } from "zod";
import type { TrafficTotals } from "./contract.ts";

/** services/<name>.ts or services/<name>.py. The name stands in a URL of the platform: it is unique over all projects. */
export const ServicePath = z
  .string()
  .regex(
    /^services\/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.(ts|py)$/,
    "Name a file services/<name>.ts or services/<name>.py; the name has lower-case letters, digits and hyphens.",
  );

/** How a field of requests and answers is kept in the log. Fields are named from the top: "customer.name"; a list is passed through. */
export const Redaction = z.record(z.string().min(1).max(200), z.enum(["drop", "hash"]));
export type Redaction = z.infer<typeof Redaction>;

export const SERVICE_LIMITS = {
  memoryMb: { least: 64, most: 65_536, usual: 256 },
  cpu: { least: 0.1, most: 64, usual: 1 },
  timeoutMs: { least: 100, most: 120_000, usual: 10_000 },
} as const;

const within = ({ least, most }: { least: number; most: number }) => z.number().min(least).max(most);

export const PublishServiceInput = z.object({
  path: ServicePath,
  /** A commit of the default branch; its newest when absent. */
  commit: z
    .string()
    .regex(/^[0-9a-f]{7,64}$/i, "Name a commit by its id.")
    .optional(),
  note: z.string().trim().max(2000).default(""),
  description: z.string().trim().max(2000).optional(),
  memoryMb: within(SERVICE_LIMITS.memoryMb).int().optional(),
  cpu: within(SERVICE_LIMITS.cpu).optional(),
  timeoutMs: within(SERVICE_LIMITS.timeoutMs).int().optional(),
  redaction: Redaction.optional(),
});

/** What a service does now. starting: its code is being loaded; failing: it cannot be; down: no serving process runs. */
export const ServiceHealth = z.enum(["live", "starting", "failing", "stopped", "unpublished", "down"]);
export type ServiceHealth = z.infer<typeof ServiceHealth>;

export type JsonSchema = Record<string, z.core.util.JSONType>;

export interface ServicePublicationDto {
  readonly number: number;
  readonly commit: string;
  readonly sha256: string;
  readonly note: string;
  readonly publishedBy: string;
  readonly publishedAt: string;
  readonly liveAt: string | null;
  readonly endedAt: string | null;
}

export interface ServiceSummary {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly description: string;
  readonly health: ServiceHealth;
  /** Why it is not live, in a sentence; null when it is. */
  readonly reason: string | null;
  /** The publication that answers; null while none does. */
  readonly live: ServicePublicationDto | null;
  readonly lastHour: TrafficTotals;
  /** Requests by minute of the last hour, oldest first. */
  readonly minutes: readonly number[];
}

export interface ServiceDetail extends ServiceSummary {
  /** Where callers reach it. */
  readonly address: string;
  readonly memoryMb: number;
  readonly cpu: number;
  readonly timeoutMs: number;
  readonly redaction: Redaction;
  readonly changedBy: { readonly name: string; readonly at: string } | null;
  /** Schemas of the publication that answers, or of the last that did. */
  readonly input: JsonSchema | null;
  readonly output: JsonSchema | null;
  /** A request made from the schema's examples and defaults. */
  readonly example: unknown;
  readonly snippets: readonly { readonly language: "curl" | "Python" | "TypeScript"; readonly code: string }[];
  readonly publications: readonly ServicePublicationDto[];
  /** The newest commit of the default branch, if it could be published in place of what is; null when that is it. */
  readonly newerCommit: string | null;
  readonly crashesLastDay: number;
}

export const ListServiceCallsInput = z.object({
  name: z.string(),
  outcome: z.enum(["answered", "refused", "failed"]).optional(),
  requestId: z.string().max(128).optional(),
  /** What the page before ended with. */
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export interface ServiceCall {
  readonly requestId: string;
  readonly receivedAt: string;
  readonly publication: number;
  readonly status: number;
  readonly latencyMs: number;
  readonly caller: string | null;
  readonly input: unknown;
  readonly output: unknown;
  readonly error: string | null;
}

// The seam between the serving process and the database.

/** One service and the publication that it is to answer with. */
export interface ServicePlanEntry {
  readonly serviceId: string;
  readonly projectId: string;
  readonly name: string;
  readonly path: string;
  readonly description: string;
  readonly publicationId: string;
  readonly publication: number;
  readonly commit: string;
  readonly memoryMb: number;
  readonly cpu: number;
  readonly timeoutMs: number;
  readonly redaction: Redaction;
  /** Why it answers nothing now, for callers; it stays loaded. */
  readonly stopped?: string | undefined;
}

/** One call of a service, as it is kept. */
export interface ServiceCallRecord {
  readonly serviceId: string;
  readonly projectId: string;
  readonly publication: number;
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly status: number;
  readonly latencyUs: number;
  /** Id of the token that asked; null where it is not known. */
  readonly caller: string | null;
  readonly input: unknown;
  readonly output: unknown;
  readonly error: string | null;
}

/** What one publication did in one minute of one process. */
export interface ServiceMinuteStats {
  readonly serviceId: string;
  readonly publication: number;
  readonly minute: number;
  requests: number;
  errors4xx: number;
  errors5xx: number;
  crashes: number;
  logDropped: number;
  readonly latency: number[];
}
