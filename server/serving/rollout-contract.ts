import { z } from "zod";
import type { RolloutPolicy } from "#server/governance/contract.ts";

export const RolloutState = z.enum(["running", "paused", "completed", "reverted", "superseded"]);
export type RolloutState = z.infer<typeof RolloutState>;

/** Requests of one version with what became of them. */
export const ArmFigures = z.object({
  requests: z.number(),
  /** Those of them that the router gave it; a caller who asks for a version is no part of a split. */
  routed: z.number(),
  /** Requests that got no prediction: refused (4xx) or failed (5xx). */
  errors: z.number(),
  /** Of answered requests, by bucket of kernel/statistics/latency-histogram.ts. */
  latency: z.array(z.number()),
});
export type ArmFigures = z.infer<typeof ArmFigures>;

/** What had been counted when the step began. */
export const RolloutBaseline = z.object({
  championRouted: z.number(),
  challenger: ArmFigures,
});
export type RolloutBaseline = z.infer<typeof RolloutBaseline>;

export const GuardReading = z.object({
  guard: z.enum(["runs", "errors", "latency", "latency_ratio", "quality"]),
  /** waiting: too little is known to judge. */
  state: z.enum(["holds", "breached", "waiting"]),
  /** What was seen, with its figures and sample sizes. */
  sentence: z.string(),
  /** One-sided p of "no worse"; null while waiting. */
  p: z.number().nullable(),
  /** What p must not be above at this look for a breach. */
  threshold: z.number().nullable(),
});
export type GuardReading = z.infer<typeof GuardReading>;

const Side = z.object({ requests: z.number(), errors: z.number(), p95Ms: z.number().nullable() });

/** What one look at a rollout saw. The challenger's figures are those of the step, the champion's those since the rollout began. */
export const RolloutReading = z.object({
  at: z.string(),
  champion: Side,
  challenger: Side,
  /** Of the requests of this step, which share the challenger got; null before there were any. */
  observedShare: z.number().nullable(),
  guards: z.array(GuardReading),
  /** Tells new data from what was judged already. */
  mark: z.string(),
});
export type RolloutReading = z.infer<typeof RolloutReading>;

export const RolloutStepDone = z.object({
  share: z.number(),
  from: z.string(),
  to: z.string(),
  requests: z.number(),
  errors: z.number(),
});

export interface RolloutDto {
  readonly requestNumber: number;
  readonly model: string;
  readonly version: number;
  readonly baseVersion: number;
  readonly policy: RolloutPolicy;
  readonly state: RolloutState;
  readonly step: number;
  /** Of the step in force; 0 once it has ended. */
  readonly share: number;
  readonly startedAt: string;
  readonly stepSince: string;
  /** Milliseconds until the step may end, by time alone; 0 when it has lasted long enough. */
  readonly timeLeftMs: number;
  /** Requests of the challenger that are still missing for the step to end. */
  readonly requestsLeft: number;
  readonly reading: RolloutReading | null;
  readonly history: readonly z.infer<typeof RolloutStepDone>[];
  readonly endpoints: readonly { readonly name: string; readonly problem: string | null }[];
  readonly reason: string;
  readonly endedBy: string | null;
  readonly endedAt: string | null;
  /** What the reader may do to it now. */
  readonly may: {
    readonly pause: boolean;
    readonly resume: boolean;
    readonly revert: boolean;
    readonly complete: boolean;
  };
}
