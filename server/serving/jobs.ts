import { championChanged, rolloutApproved } from "#server/governance/index.ts";
import { defineJob, on } from "#server/platform/jobs.ts";
import { z } from "zod";

/** Gives a model with its first champion an endpoint. */
export const ensureEndpointJob = defineJob({
  name: "serving.ensure-endpoint",
  payload: championChanged.payload,
  key: (p) => p.modelId,
  role: "serving",
  handler: async () => (await import("./follow-champion.ts")).followChampion,
});

const ofBulk = z.object({ projectId: z.string(), workId: z.string() });
export type BulkRef = z.infer<typeof ofBulk>;

/**
 * Scores a dataset. Work of the pipelines' workers, which are there for hours of computing on whole datasets: those of monitoring must stay free for windows
 * and alerts, those of serving for requests.
 */
export const runScoring = defineJob({
  name: "serving.run-scoring",
  payload: ofBulk,
  key: (p) => p.workId,
  role: "pipelines",
  timeout: 24 * 3600,
  concurrency: 1,
  handler: async () => (await import("./bulk/run-scoring.ts")).runScoringJob,
});

/** Writes logged predictions into a file. */
export const runExport = defineJob({
  name: "serving.run-export",
  payload: ofBulk,
  key: (p) => p.workId,
  role: "pipelines",
  timeout: 24 * 3600,
  concurrency: 1,
  handler: async () => (await import("./bulk/run-export.ts")).runExportJob,
});

/** Begins the steps of an approved request. */
export const startRolloutJob = defineJob({
  name: "serving.start-rollout",
  payload: rolloutApproved.payload,
  key: (p) => p.requestId,
  role: "monitoring",
  handler: async () => (await import("./rollouts/start-rollout.ts")).startRolloutJob,
});

export const jobs = [ensureEndpointJob, runScoring, runExport, startRolloutJob];
export const subscriptions = [on(championChanged, ensureEndpointJob), on(rolloutApproved, startRolloutJob)];
