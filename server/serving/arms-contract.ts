import { z } from "zod";
import type { PlanEntry } from "./contract.ts";

/** How a version takes part in an endpoint's traffic beside the champion. */
export const ArmKind = z.enum(["canary", "ab", "shadow"]);
export type ArmKind = z.infer<typeof ArmKind>;

/** What stands in counts and metrics for who dealt with a request. */
export const ServedArm = z.enum(["champion", "canary", "ab", "shadow", "fallback"]);
export type ServedArm = z.infer<typeof ServedArm>;

/** How the log writes an arm that answers (serving_log.predictions.arm). */
export const ARM_CODES = { champion: 0, canary: 1, ab: 2 } as const;
export type AnsweringArm = keyof typeof ARM_CODES;

/** What arm a code of the log means. */
export function armOfCode(code: number): AnsweringArm {
  return code === ARM_CODES.canary ? "canary" : code === ARM_CODES.ab ? "ab" : "champion";
}

/** Shares are counted in ten-thousandths: as many buckets a router deals keys into. */
export const BUCKETS = 10_000;

/** How a column of the log is kept: not at all, or as a keyed hash that tells equal texts from others. A number that is hashed is dropped. */
export const RedactionRule = z.enum(["drop", "hash"]);
export type RedactionRule = z.infer<typeof RedactionRule>;

export interface LogRules {
  /** Share of predictions that is kept, 0 to 1, chosen by a hash of their ids. */
  readonly share: number;
  /** By feature column; others are kept as they came. */
  readonly redaction: Readonly<Record<string, RedactionRule>>;
}

export const FallbackValue = z.union([z.number(), z.string(), z.boolean()]);
/** What every row is answered while nothing else can be: by output of the champion's signature, the values of one row. */
export const Fallback = z.record(z.string(), z.union([FallbackValue, z.array(FallbackValue).max(10_000)]));
export type Fallback = z.infer<typeof Fallback>;

/** A version in an endpoint's traffic. */
export interface PlanArm {
  /** Null for the champion, which follows from the model's alias. */
  readonly armId: string | null;
  readonly kind: "champion" | ArmKind;
  /** Of all requests, 0 to 1; the champion's is what others leave, a shadow's is 0. */
  readonly share: number;
  readonly entry: PlanEntry;
}

/** What one endpoint is to do. */
export interface EndpointPlan {
  readonly endpointId: string;
  readonly projectId: string;
  /** Hashed with a request's sticky key. */
  readonly salt: string;
  /** Why it gives no predictions now, as a sentence for callers. Versions stay loaded: outcomes are still taken, and it goes on at once. */
  readonly stopped: string | null;
  /** Why no version may answer, as a sentence for callers; null with a champion, and while the model has none yet. */
  readonly problem: string | null;
  readonly fallback: Fallback | null;
  readonly log: LogRules;
  /** The champion, if there is one that may answer, then the others. At most one of them is a canary or an A/B. */
  readonly arms: readonly PlanArm[];
}

/** What is to be live, by the endpoint's name, which is the model's name in the protocol. */
export type ServingPlan = ReadonlyMap<string, EndpointPlan>;

/** What became of an arm: null when its version runs. */
export interface ArmResult {
  readonly armId: string;
  readonly problem: string | null;
}

/** What became of an endpoint. A champion that cannot be loaded leaves the one before it in place, another arm leaves its traffic to the champion. */
export interface PlanResult {
  readonly endpoint: string;
  /** Of the champion that was planned; empty without one. */
  readonly modelVersionId: string;
  readonly state: "live" | "loading" | "unchanged" | "removed" | "failed";
  readonly error?: string;
  readonly arms: readonly ArmResult[];
}

const name = z.string();
const id = z.uuid();
const Share = z.coerce
  .number()
  .min(1 / BUCKETS, `A share is at least ${1 / BUCKETS}: the router deals requests into ${BUCKETS} buckets.`)
  .max(1, "A share is at most 1, which is all requests.");

export const StartArmInput = z
  .object({
    name,
    kind: ArmKind,
    /** Number of the version. */
    version: z.coerce.number().int().min(1),
    /** Of all requests; a shadow has none. */
    share: Share.optional(),
  })
  .superRefine((arm, context) => {
    const say = (message: string) => context.addIssue({ code: "custom", path: ["share"], message });
    if (arm.kind === "shadow" && arm.share !== undefined) say("A shadow answers nobody, so it has no share.");
    if (arm.kind !== "shadow" && arm.share === undefined) say("Say which share of the requests it answers, as 0.05.");
    if (arm.kind === "ab" && arm.share === 1) say("An A/B leaves something to the champion: a share below 1.");
  });
export const ChangeArmInput = z.object({ name, id, share: Share });
export const EndArmInput = z.object({ name, id, reason: z.string().trim().max(500).default("") });
export const SetFallbackInput = z.object({ name, fallback: Fallback.nullable() });
/** A word that is not known is refused: whoever believes to have hidden a column must not be told that all went well. */
export const ChangeLogRulesInput = z.strictObject({
  name,
  share: z.coerce
    .number("Give a share from 0 to 1.")
    .min(0, "Give a share from 0 to 1.")
    .max(1, "Give a share from 0 to 1.")
    .optional(),
  redaction: z.record(z.string(), RedactionRule).optional(),
});

/** Counts of one version in one role, without what the endpoint's totals hold. */
export interface ArmCounts {
  /** Runs of the model; rows divided by it is the mean batch. */
  readonly executions: number;
  /** Rows that a shadow did not score because it could not keep up. */
  readonly skipped: number;
}

export interface ArmDto {
  readonly id: string;
  readonly kind: ArmKind;
  readonly version: number;
  readonly versionId: string;
  readonly share: number;
  /** failing: its version cannot run, so its traffic goes to the champion. */
  readonly state: "running" | "failing" | "ended";
  readonly problem: string | null;
  readonly startedBy: string;
  readonly startedAt: string;
  /** Since when the share is what it is. */
  readonly shareSince: string;
  readonly endedAt: string | null;
  readonly endReason: string;
  /** The steps of its request alone change it. */
  readonly isRollingOut: boolean;
  readonly request: { readonly number: number; readonly approvedBy: readonly string[] } | null;
}

/** A version of the endpoint's model, and why it cannot take part in the traffic as each kind; null where it can. */
export interface ArmCandidate {
  readonly version: number;
  readonly versionId: string;
  readonly aliases: readonly string[];
  readonly createdAt: string;
  readonly why: Readonly<Record<ArmKind, string | null>>;
}

/** Whether as many requests reached an arm as its share says. */
export interface SampleRatio {
  /** What was counted: requests, or the distinct entities of those that named one, when most did. */
  readonly unit: "request" | "entity";
  readonly champion: number;
  readonly arm: number;
  /** The declared share of the arm. */
  readonly declared: number;
  /** Null before anything was counted. */
  readonly observed: number | null;
  readonly statistic: number | null;
  readonly p: number | null;
  /** broken: the split is not what was declared (p < 0.001), so a difference between the arms may come from who was in them. */
  readonly verdict: "fits" | "broken" | "insufficient";
}

export interface ReportedMetric {
  readonly name: "accuracy" | "log_loss" | "mean_absolute_error";
  /** Whether larger is better. */
  readonly higherIsBetter: boolean;
  readonly champion: MetricFigure | null;
  readonly arm: MetricFigure | null;
  /** Arm minus champion, turned so that above 0 the arm is better; with the interval of level 0.95. Null without outcomes of both. */
  readonly difference: { readonly value: number; readonly low: number; readonly high: number } | null;
  readonly verdict: "better" | "worse" | "no difference shown" | "too few outcomes" | "invalid";
  /** In plain words. */
  readonly sentence: string;
}
export interface MetricFigure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Rows with an outcome, and the entities or requests that they belong to. */
  readonly rows: number;
  readonly units: number;
}

/** One side of an A/B or a canary, since its share is what it is. */
export interface ReportedArm {
  readonly arm: AnsweringArm;
  readonly version: number;
  readonly versionId: string;
  /** Requests that the router gave it. */
  readonly requests: number;
  readonly refused: number;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  /** Logged rows, and those of them whose outcome is known. */
  readonly rows: number;
  readonly outcomes: number;
}

/** What a split has shown so far. Only requests that the router dealt count, not those that asked for a version. */
export interface ArmReport {
  readonly arm: ArmDto;
  readonly from: string;
  readonly to: string;
  readonly ratio: SampleRatio;
  readonly champion: ReportedArm;
  readonly challenger: ReportedArm;
  readonly metrics: readonly ReportedMetric[];
  /** What a reader must know: a change of champion within the time, a sampled log. */
  readonly notes: readonly string[];
}
