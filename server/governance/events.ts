import { z } from "zod";
import { defineEvent } from "#server/platform/jobs.ts";

const ofRequest = {
  projectId: z.string(),
  modelId: z.string(),
  modelName: z.string(),
  versionId: z.string(),
  version: z.number(),
  requestId: z.string(),
  requestNumber: z.number(),
};

/** A version was approved whose policy asks for steps: it begins to answer beside the champion. */
export const rolloutApproved = defineEvent("rollout.approved", z.object(ofRequest));

/** A challenger gave all traffic back to the champion. */
export const rolloutReverted = defineEvent(
  "rollout.reverted",
  z.object({
    ...ofRequest,
    reason: z.string(),
    /** A guard did not hold, or a person said so. */
    by: z.enum(["guard", "person"]),
    byName: z.string(),
  }),
);

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
