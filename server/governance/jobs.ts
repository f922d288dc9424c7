import { z } from "zod";
import { modelVersionChanged } from "#server/registry/index.ts";
import { defineJob, on } from "#server/platform/jobs.ts";

const evaluation = z.object({ projectId: z.string(), requestId: z.string(), evaluation: z.number().int() });
export type EvaluationRef = z.infer<typeof evaluation>;
const ofVersion = z.object({ projectId: z.string(), versionId: z.string() });
export type VersionRef = z.infer<typeof ofVersion>;

/** Carries out the checks of one evaluation of a promotion request. */
export const evaluateRequest = defineJob({
  name: "governance.evaluate-request",
  payload: evaluation,
  key: (p) => `${p.requestId}:${p.evaluation}`,
  role: "monitoring",
  handler: async () => (await import("./evaluate-request.ts")).evaluateRequestJob,
});

/** Evaluates the open requests of a version anew after its record changed. */
export const followVersionChange = defineJob({
  name: "governance.follow-version-change",
  payload: ofVersion,
  key: (p) => p.versionId,
  role: "monitoring",
  handler: async () => (await import("./void-approvals.ts")).followVersionChangeJob,
});

export const jobs = [evaluateRequest, followVersionChange];
export const subscriptions = [on(modelVersionChanged, followVersionChange)];
