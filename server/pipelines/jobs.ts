import { z } from "zod";
import { defineEvent } from "#server/platform/jobs.ts";

/** A run has ended, one way or another. */
export const pipelineRunFinished = defineEvent(
  "pipeline-run.finished",
  z.object({ projectId: z.string(), runId: z.string(), status: z.enum(["succeeded", "failed", "cancelled"]) }),
);
