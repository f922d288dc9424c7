import { z } from "zod";
import { defineJob } from "#server/platform/jobs.ts";

const ofPurge = z.object({ projectId: z.string(), purgeId: z.string() });
export type PurgeRef = z.infer<typeof ofPurge>;

/** Removes what a purge asked for, in bounded batches. Repeated after a restart it goes on where it was. */
export const runPurge = defineJob({
  name: "retention.run-purge",
  payload: ofPurge,
  key: (p) => p.purgeId,
  role: "pipelines",
  timeout: 6 * 3600,
  concurrency: 1,
  handler: async () => (await import("./run-purge.ts")).runPurgeJob,
});

const ofSweep = z.object({});
export type SweepRef = z.infer<typeof ofSweep>;

/** Starts the purges that projects' rules ask for, and lets content that nobody refers to leave the disk. */
export const sweep = defineJob({
  name: "retention.sweep",
  payload: ofSweep,
  key: () => "all",
  role: "pipelines",
  concurrency: 1,
  handler: async () => (await import("./sweep.ts")).sweepJob,
});

export const jobs = [runPurge, sweep];
