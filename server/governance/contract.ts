import { z } from "zod";
import { GoldenSummary, type VersionDto } from "#server/registry/contract.ts";
import type { SelectionDto } from "#server/tracking/contract.ts";
import type { VoteSignature } from "./approval-contract.ts";
import { RolloutPolicy } from "./rollout-contract.ts";

export * from "./approval-contract.ts";
export * from "./rollout-contract.ts";

const id = z.string().regex(/^[a-z][a-z0-9_-]{0,40}$/, "Use lower-case letters, digits, hyphens and underscores.");
const judged = {
  /** What the comparison must show. */
  require: z.enum(["superior", "non_inferior"]).default("non_inferior"),
  /** Loss against the champion that is still accepted, in the unit of the metric. */
  margin: z.number().min(0).max(1).default(0),
  /** One-sided. */
  alpha: z.number().gt(0).lt(0.5).default(0.05),
  /** Fewer rows are inconclusive, never a pass. */
  min_n: z.number().int().min(2).default(200),
};

/** A comparison with the champion on rows that neither model was fitted to. */
export const HoldoutCheck = z.strictObject({
  id,
  type: z.literal("holdout"),
  dataset: z.string(),
  /** SQL condition on the table `data`; all rows without it. */
  where: z.string().max(2000).optional(),
  label: z.string(),
  metric: z.enum(["accuracy", "auc", "log_loss"]),
  test: z.enum(["mcnemar", "delong", "paired_t"]).optional(),
  /** The least value of the metric for a first champion, which has nothing to be compared with (the greatest, for log_loss). */
  first: z.number().optional(),
  /** Plural noun for the rows, for the sentence on the decision page. */
  rows: z.string().max(40).default("rows"),
  ...judged,
});
export const DatasetCheck = z.strictObject({ id, type: z.literal("dataset"), dataset: z.string() });
export const SignatureCheck = z.strictObject({ id, type: z.literal("signature") });
export const LatencyCheck = z.strictObject({
  id,
  type: z.literal("latency"),
  p95_ms: z.number().gt(0),
  requests: z.number().int().min(50).max(5000).default(400),
});
/** Whether the version carries rows with the training framework's own outputs, and its file gives the same. */
export const GoldenRowsCheck = z.strictObject({
  id,
  type: z.literal("golden"),
  min_rows: z.number().int().min(1).max(1000).default(1),
});

export const PolicyCheck = z.discriminatedUnion("type", [
  HoldoutCheck,
  DatasetCheck,
  SignatureCheck,
  LatencyCheck,
  GoldenRowsCheck,
]);
export type PolicyCheck = z.infer<typeof PolicyCheck>;
export type HoldoutCheck = z.infer<typeof HoldoutCheck>;
export type LatencyCheck = z.infer<typeof LatencyCheck>;

const TESTS = { accuracy: "mcnemar", auc: "delong", log_loss: "paired_t" } as const;

/** The test that belongs to a metric; a policy may name it, but not another. */
export function testOf(check: HoldoutCheck): (typeof TESTS)[keyof typeof TESTS] {
  return TESTS[check.metric];
}

export const PolicySpec = z
  .strictObject({
    version: z.literal(1),
    model: z.string(),
    checks: z.array(PolicyCheck).min(1, "A policy without checks proves nothing.").max(50),
    approvals: z
      .strictObject({ reviewers: z.number().int().min(1, "At least one reviewer must approve.").max(10) })
      .default({ reviewers: 1 }),
    /** How an approved challenger takes over from a champion; without it, at once. */
    rollout: RolloutPolicy.optional(),
  })
  .superRefine((policy, context) => {
    const seen = new Set<string>();
    policy.checks.forEach((check, i) => {
      if (seen.has(check.id))
        context.addIssue({ code: "custom", path: ["checks", i, "id"], message: `The id '${check.id}' is used twice.` });
      seen.add(check.id);
      if (check.type === "holdout" && check.test && check.test !== TESTS[check.metric])
        context.addIssue({
          code: "custom",
          path: ["checks", i, "test"],
          message: `The test of ${check.metric} is ${TESTS[check.metric]}, not ${check.test}.`,
        });
    });
  });
export type PolicySpec = z.infer<typeof PolicySpec>;

export const RequestStatus = z.enum([
  "checking",
  "blocked",
  "ready",
  "changes_requested",
  "rolling_out",
  "completed",
  "reverted",
  "rejected",
  "withdrawn",
  "stale",
]);
export type RequestStatus = z.infer<typeof RequestStatus>;
/** Statuses in which a request waits for its checks or for people. */
export const OPEN_STATUSES = ["checking", "blocked", "ready", "changes_requested"] as const satisfies RequestStatus[];
/** Statuses from which a request can still become a promotion. */
export const ACTIVE_STATUSES = [...OPEN_STATUSES, "rolling_out"] as const satisfies RequestStatus[];
/** Statuses of requests that somebody may still have to do something about. */
export const UNFINISHED_STATUSES = [...ACTIVE_STATUSES, "stale"] as const satisfies RequestStatus[];

export const CheckState = z.enum(["queued", "running", "passed", "failed", "inconclusive", "error"]);
export type CheckState = z.infer<typeof CheckState>;

export const Vote = z.enum(["approve", "reject", "request_changes"]);
export type Vote = z.infer<typeof Vote>;

export const RequestPromotionInput = z.object({
  model: z.string(),
  version: z.coerce.string(),
  reason: z.string().trim().max(5000).default(""),
  /** The recorded choice that took the version's run, for the reviewer to see. */
  selection: z.uuid("There is no such choice.").optional(),
});
export const DecideInput = z.object({
  number: z.coerce.number().int().min(1),
  vote: Vote,
  comment: z.string().trim().max(10_000).default(""),
  /** The digest that the page showed: what the person decides on. */
  digest: z.string().regex(/^[0-9a-f]{64}$/, "Reload the page and read the evidence again."),
});
export const RollBackInput = z.object({
  model: z.string().min(1),
  /** Number of the version to go back to; the last champion before this one without it. */
  version: z.coerce.number().int().min(1).optional(),
  reason: z.string().trim().min(1, "Say why, so that the others know.").max(1000),
});

/** A version that was champion before, as a target of a rollback. */
export interface FormerChampion {
  readonly version: number;
  readonly versionId: string;
  readonly request: number;
  /** When it became champion. */
  readonly since: string;
  readonly approvedBy: readonly string[];
  /** Why it cannot become champion again, as a sentence; null when it can. */
  readonly refused: string | null;
}
export interface RollbackTargets {
  readonly current: number | null;
  /** Newest first. */
  readonly targets: readonly FormerChampion[];
}

export const CommentInput = z.object({
  number: z.coerce.number().int().min(1),
  body: z.string().trim().min(1, "Write something first.").max(10_000),
});

/** What an approval is bound to. Two requests with one digest are the same decision. */
export const DigestParts = z.object({
  model: z.object({ name: z.string(), version: z.number(), sha256: z.string().nullable(), record: z.string() }),
  dataset: z.object({ name: z.string(), version: z.number(), sha256: z.string() }).nullable(),
  code: z.string().nullable(),
  policy: z.object({ version: z.number(), sha256: z.string() }),
  evaluation: z.object({ number: z.number(), results: z.string() }),
  base: z.object({ version: z.number(), sha256: z.string().nullable() }).nullable(),
});
export type DigestParts = z.infer<typeof DigestParts>;

/** Counts and figures of a hold-out comparison, enough to recompute the verdict. */
export const HoldoutEvidence = z.object({
  kind: z.literal("holdout"),
  metric: z.string(),
  test: z.string(),
  dataset: z.object({ name: z.string(), version: z.number(), sha256: z.string() }),
  where: z.string().nullable(),
  n: z.number(),
  dropped: z.number(),
  minN: z.number(),
  margin: z.number(),
  alpha: z.number(),
  require: z.string(),
  champion: z
    .object({ version: z.number(), value: z.number(), low: z.number().nullable(), high: z.number().nullable() })
    .nullable(),
  challenger: z.object({ value: z.number(), low: z.number().nullable(), high: z.number().nullable() }),
  difference: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  pSuperior: z.number().nullable(),
  pNonInferior: z.number().nullable(),
  /** Both right, only the challenger, only the champion, both wrong. */
  table: z
    .object({ bothRight: z.number(), onlyChallenger: z.number(), onlyChampion: z.number(), bothWrong: z.number() })
    .nullable(),
  positives: z.number().nullable(),
  /** Smallest difference these rows would show with 80% power. */
  detectable: z.number().nullable(),
});
export type HoldoutEvidence = z.infer<typeof HoldoutEvidence>;
export const DatasetEvidence = z.object({
  kind: z.literal("dataset"),
  dataset: z.object({ name: z.string(), version: z.number(), sha256: z.string() }),
  rules: z.number(),
  failed: z.array(z.object({ text: z.string(), observed: z.string() })),
});
export const SignatureEvidence = z.object({
  kind: z.literal("signature"),
  against: z.number().nullable(),
  differences: z.array(z.object({ breaking: z.boolean(), sentence: z.string() })),
});
export const LatencyEvidence = z.object({
  kind: z.literal("latency"),
  budgetMs: z.number(),
  requests: z.number(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  championP95Ms: z.number().nullable(),
});
export const GoldenEvidence = z.object({
  kind: z.literal("golden"),
  minRows: z.number(),
  /** null for a version without golden rows. */
  golden: GoldenSummary.nullable(),
});
export const NoEvidence = z.object({ kind: z.literal("none") });
export const CheckEvidence = z.discriminatedUnion("kind", [
  HoldoutEvidence,
  DatasetEvidence,
  SignatureEvidence,
  LatencyEvidence,
  GoldenEvidence,
  NoEvidence,
]);
export type CheckEvidence = z.infer<typeof CheckEvidence>;

export interface CheckDto {
  readonly id: string;
  readonly checkId: string;
  readonly kind: PolicyCheck["type"];
  readonly state: CheckState;
  readonly verdict: string | null;
  readonly summary: string;
  readonly evidence: CheckEvidence;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

export interface DecisionDto {
  readonly id: string;
  readonly userId: string;
  readonly userName: string;
  readonly vote: Vote;
  readonly comment: string;
  readonly digest: string;
  readonly createdAt: string;
  readonly voidedAt: string | null;
  readonly voidReason: string | null;
  /** Of an approval; null for a vote that gives none. */
  readonly signature: VoteSignature | null;
}

export interface CommentDto {
  readonly id: string;
  readonly userName: string;
  readonly body: string;
  readonly createdAt: string;
}

export interface RequestSummary {
  readonly id: string;
  readonly number: number;
  readonly model: string;
  readonly version: number;
  readonly baseVersion: number | null;
  readonly status: RequestStatus;
  readonly reason: string;
  readonly requestedBy: string;
  readonly trigger: { readonly kind: string } & Readonly<Record<string, unknown>>;
  readonly createdAt: string;
  readonly readyAt: string | null;
  readonly closedAt: string | null;
  readonly checks: { readonly passed: number; readonly total: number };
  readonly approvals: { readonly given: number; readonly needed: number };
  /** The verdict of the primary comparison in one sentence, once known. */
  readonly headline: string | null;
}

export interface RequestDetail extends RequestSummary {
  readonly challenger: VersionDto;
  readonly champion: VersionDto | null;
  readonly policy: {
    readonly version: number;
    readonly sha256: string;
    readonly text: string;
    readonly spec: PolicySpec;
  };
  readonly evaluation: number;
  readonly checkResults: readonly CheckDto[];
  readonly decisions: readonly DecisionDto[];
  readonly comments: readonly CommentDto[];
  readonly digest: string | null;
  readonly digestParts: DigestParts | null;
  /** Whether the reader may decide, and if not why, in a sentence. */
  readonly mayDecide: { readonly allowed: boolean; readonly reason: string | null };
  readonly mayWithdraw: boolean;
  /** The rule by which the version's run was chosen, when the request names that choice. */
  readonly selection: SelectionDto | null;
  /** What the evidence does not show, in sentences. */
  readonly unknowns: readonly string[];
}

export interface PolicyDto {
  readonly id: string;
  readonly model: string;
  readonly version: number;
  readonly sha256: string;
  readonly text: string;
  readonly spec: PolicySpec;
  readonly createdBy: string | null;
  readonly createdAt: string;
}
