import { z } from "zod";

/** A part of the traffic and how long it lasts at least. */
const RolloutStep = z.strictObject({
  /** Of each endpoint's requests, 0.05 is a twentieth. */
  share: z
    .number({ error: "Say which share of the requests the challenger answers, as 0.05." })
    .gt(0, "A share is greater than 0.")
    .lt(1, "A share is less than 1: after the last step the challenger becomes champion."),
  minutes: z
    .number({ error: "Say how many minutes the step lasts at least." })
    .min(0, "A step lasts 0 minutes or more.")
    .max(43_200, "A step lasts at most 30 days (43200 minutes)."),
});

const alpha = z.number().gt(0).lt(0.5).default(0.01);

const ErrorGuard = z.strictObject({
  /** How much greater than the champion's share of failed requests the challenger's may be: 0.01 is one in a hundred. */
  max_difference: z.number().min(0).lt(1).default(0.01),
  /** Chance of reverting a challenger that is no worse, over all looks together. */
  alpha,
});
const LatencyGuard = z
  .strictObject({
    /** Budget for the 95th percentile of a request, in milliseconds. */
    p95_ms: z.number().gt(0).max(60_000).optional(),
    /** The same as a multiple of the champion's. */
    p95_ratio: z.number().gte(1, "A ratio below 1 would ask the challenger to be faster.").max(100).optional(),
    alpha,
  })
  .refine(({ p95_ms, p95_ratio }) => p95_ms !== undefined || p95_ratio !== undefined, {
    message: "Give p95_ms, p95_ratio or both.",
  });
const QualityGuard = z.strictObject({
  /** Share of predictions that the outcome bore out. */
  metric: z.literal("accuracy"),
  /** Loss against the champion that is still accepted. */
  margin: z.number().min(0).lt(1).default(0),
  alpha,
  /** With fewer outcomes of either version nothing is said. */
  min_outcomes: z.number().int().min(20).max(10_000_000).default(200),
});

/** How an approved challenger takes over from a champion: by steps, as long as the guards hold. */
export const RolloutPolicy = z
  .strictObject({
    steps: z.array(RolloutStep).min(1, "A rollout has at least one step.").max(20),
    guards: z
      .strictObject({
        errors: ErrorGuard.prefault({}),
        latency: LatencyGuard.optional(),
        quality: QualityGuard.optional(),
        /** Requests that the challenger must have answered in a step before it ends, and before a guard judges. */
        min_requests: z.number().int().min(10, "Fewer than 10 requests show nothing.").max(10_000_000).default(200),
      })
      .prefault({}),
    on_breach: z.literal("revert", { error: "What a breach leads to is 'revert'." }).default("revert"),
    /** Whether a reviewer may end the steps and make the challenger champion at once. */
    complete_early: z.boolean().default(false),
  })
  .superRefine(({ steps }, context) => {
    steps.forEach((step, i) => {
      const before = steps[i - 1];
      if (before && step.share <= before.share)
        context.addIssue({
          code: "custom",
          path: ["steps", i, "share"],
          message: `Each step's share is greater than the one before, which is ${before.share}.`,
        });
    });
  });
export type RolloutPolicy = z.infer<typeof RolloutPolicy>;
