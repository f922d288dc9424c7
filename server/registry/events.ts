import { z } from "zod";
import { defineEvent } from "#server/platform/jobs.ts";

const ofVersion = z.object({ projectId: z.string(), versionId: z.string() });

/** A model has a new version. */
export const modelVersionRegistered = defineEvent("model-version.registered", ofVersion);

/** The description or tags of a version changed: evidence that was gathered before speaks of another record. */
export const modelVersionChanged = defineEvent("model-version.changed", ofVersion);
