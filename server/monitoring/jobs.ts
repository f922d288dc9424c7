import { z } from "zod";
import { championChanged, rolloutReverted } from "#server/governance/index.ts";
import { pipelineRunFinished } from "#server/pipelines/index.ts";
import { defineJob, on } from "#server/platform/jobs.ts";

const ofMonitor = z.object({ projectId: z.string(), monitorId: z.string() });
export type MonitorRef = z.infer<typeof ofMonitor>;
const ofAlert = z.object({ projectId: z.string(), alertId: z.string() });
export type AlertRef = z.infer<typeof ofAlert>;
export type ChampionChange = z.infer<typeof championChanged.payload>;
export type RevertedRollout = z.infer<typeof rolloutReverted.payload>;
export type FinishedRun = z.infer<typeof pipelineRunFinished.payload>;

/** Brings the windows of a monitor up to date and opens the alerts that they ask for. */
export const computeWindows = defineJob({
  name: "monitoring.compute-windows",
  payload: ofMonitor,
  key: (p) => p.monitorId,
  role: "monitoring",
  // The reference and a window of a busy endpoint are hundreds of megabytes together.
  concurrency: 1,
  handler: async () => (await import("./compute-windows.ts")).computeWindowsJob,
});

/** Freezes captured traffic and starts the pipeline for an alert. */
export const prepareRetraining = defineJob({
  name: "monitoring.prepare-retraining",
  payload: ofAlert,
  key: (p) => p.alertId,
  role: "monitoring",
  concurrency: 1,
  handler: async () => (await import("./prepare-retraining.ts")).prepareRetrainingJob,
});

/** Gives the endpoint of a new champion the monitor that the repository asks for, and closes the loop of the alert that led to it. */
export const followChampion = defineJob({
  name: "monitoring.follow-champion",
  payload: championChanged.payload,
  key: (p) => p.requestId,
  role: "monitoring",
  handler: async () => (await import("./follow-champion.ts")).followChampionJob,
});

/** Requests the promotion of what a retraining run made. */
export const followRun = defineJob({
  name: "monitoring.follow-run",
  payload: pipelineRunFinished.payload,
  key: (p) => p.runId,
  role: "monitoring",
  handler: async () => (await import("./follow-run.ts")).followRunJob,
});

/** Opens an alert when a guard took a challenger out of the traffic. */
export const followRevertedRollout = defineJob({
  name: "monitoring.follow-reverted-rollout",
  payload: rolloutReverted.payload,
  key: (p) => p.requestId,
  role: "monitoring",
  handler: async () => (await import("./follow-reverted-rollout.ts")).followRevertedRolloutJob,
});

export const jobs = [computeWindows, prepareRetraining, followChampion, followRun, followRevertedRollout];
export const subscriptions = [
  on(championChanged, followChampion),
  on(pipelineRunFinished, followRun),
  on(rolloutReverted, followRevertedRollout),
];
