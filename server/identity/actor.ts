import { uuidv7 } from "#server/kernel/ids.ts";
import type { Scope, TokenLimits } from "./contract.ts";

/** What a pipeline step's token knows about the step: lineage that a client cannot claim for itself. */
export interface StepContext {
  readonly pipelineRunId: string;
  readonly step: string;
  readonly commit: string;
  readonly datasetVersionIds: readonly string[];
}

/** Who is acting. Every use case receives one; there is no anonymous change. */
export interface Actor {
  readonly kind: "person" | "token" | "system";
  readonly userId: string | null;
  readonly name: string;
  readonly platformRoles: readonly string[];
  /** A token narrows what its owner may do to its scopes and, if bound, to one project. */
  readonly token?: {
    readonly id: string;
    readonly scopes: readonly Scope[];
    readonly projectId: string | null;
    readonly step?: StepContext;
    /** What it may ask of endpoints. */
    readonly limits?: TokenLimits;
    /** Issued by the platform for itself, for a project: it holds its scopes without a member behind it. */
    readonly ofPlatform?: true;
  };
  /** Joins the audit events, log lines and the answer of one act. */
  readonly requestId: string;
}

/**
 * The platform itself: workers, the seed, the launcher. It holds every scope but never decides on a promotion, and its name says which part acted.
 * `requestId` carries on the act that caused the work.
 */
export function systemActor(name: string, requestId: string = uuidv7()): Actor {
  return { kind: "system", userId: null, name, platformRoles: [], requestId };
}
