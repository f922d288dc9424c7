import { z } from "zod";
import { defineEvent, defineJob } from "#server/platform/jobs.ts";

const payload = z.object({ projectId: z.string(), versionId: z.string() });
export type VersionRef = z.infer<typeof payload>;

/** A dataset has a new version; its profile may still be on its way. */
export const datasetVersionCreated = defineEvent("dataset-version.created", payload);

/** Profiles a version and checks it against the dataset's expectations. */
export const profileVersion = defineJob({
  name: "data.profile-version",
  payload,
  key: (p) => p.versionId,
  role: "pipelines",
  handler: async () => (await import("./profile-version.ts")).profileVersionJob,
});

export const jobs = [profileVersion];
