import { z } from "zod";
import { defineEvent, defineJob, on } from "#server/platform/jobs.ts";

const finished = z.object({
  projectId: z.string(),
  runId: z.string(),
  status: z.enum(["succeeded", "failed", "cancelled"]),
});
export type FinishedRun = z.infer<typeof finished>;

/** A run has ended, one way or another. */
export const pipelineRunFinished = defineEvent("pipeline-run.finished", finished);

/** Compares a repetition with its original when it has ended. */
export const compareReproduction = defineJob({
  name: "pipelines.compare-reproduction",
  payload: finished,
  key: (p) => p.runId,
  role: "pipelines",
  handler: async () => (await import("./compare-reproduction.ts")).compareReproductionJob,
});

export const jobs = [compareReproduction];
export const subscriptions = [on(pipelineRunFinished, compareReproduction)];
