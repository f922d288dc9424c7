import { z } from "zod";
import { defineEvent } from "#server/platform/jobs.ts";

/** A model has a new champion: endpoints serve it from now on. */
export const championChanged = defineEvent(
  "champion.changed",
  z.object({
    projectId: z.string(),
    modelId: z.string(),
    modelName: z.string(),
    versionId: z.string(),
    requestId: z.string(),
  }),
);
