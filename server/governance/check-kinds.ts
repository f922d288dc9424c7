import type { VersionDto } from "#server/registry/contract.ts";
import type { Db } from "#server/platform/db.ts";
import type { Log } from "#server/platform/log.ts";
import type { ModelRuntime } from "#server/platform/runtimes.ts";
import type { CheckEvidence, PolicyCheck } from "./contract.ts";

export interface CheckContext<C extends PolicyCheck = PolicyCheck> {
  readonly db: Db;
  readonly projectId: string;
  readonly check: C;
  readonly challenger: VersionDto;
  readonly champion: VersionDto | null;
  readonly models: ModelRuntime;
  readonly log: Log;
}

export interface CheckOutcome {
  readonly state: "passed" | "failed" | "inconclusive";
  /** superior, non_inferior, inferior, inconclusive or invalid, where the check compares. */
  readonly verdict: string | null;
  /** One sentence for the reviewer. */
  readonly summary: string;
  readonly evidence: CheckEvidence;
}

/** How a kind of check is carried out. It refuses with an AppError when it cannot be; that is an error of the check, never a pass. */
export type CheckKind<C extends PolicyCheck> = (context: CheckContext<C>) => Promise<CheckOutcome>;
