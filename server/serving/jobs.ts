import { championChanged } from "#server/governance/index.ts";
import { defineJob, on } from "#server/platform/jobs.ts";

/** Gives a model with its first champion an endpoint. */
export const ensureEndpointJob = defineJob({
  name: "serving.ensure-endpoint",
  payload: championChanged.payload,
  key: (p) => p.modelId,
  role: "serving",
  handler: async () => (await import("./follow-champion.ts")).followChampion,
});

export const jobs = [ensureEndpointJob];
export const subscriptions = [on(championChanged, ensureEndpointJob)];
