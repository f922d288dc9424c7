import { z } from "zod";
import { defineJob } from "#server/platform/jobs.ts";

const payload = z.object({ projectId: z.string(), importanceId: z.string() });
export type ImportanceRef = z.infer<typeof payload>;

/** Grows the forest that says which parameters go with a metric. */
export const computeImportance = defineJob({
  name: "tracking.compute-importance",
  payload,
  key: (p) => p.importanceId,
  role: "monitoring",
  retries: 1,
  handler: async () => (await import("./compute-importance.ts")).computeImportanceJob,
});
