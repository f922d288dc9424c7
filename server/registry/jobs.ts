import { z } from "zod";
import { defineJob } from "#server/platform/jobs.ts";
import { MOST_ATTEMPTS } from "./webhooks-contract.ts";

const payload = z.object({ deliveryId: z.uuid() });
export type DeliveryRef = z.infer<typeof payload>;

/** Sends one message to one webhook; tried again after 2, 4, 8 … seconds, for some ten minutes. */
export const deliverWebhook = defineJob({
  name: "registry.deliver-webhook",
  payload,
  key: (p) => p.deliveryId,
  role: "monitoring",
  retries: MOST_ATTEMPTS - 1,
  timeout: 60,
  concurrency: 4,
  handler: async () => (await import("./deliver-webhook.ts")).deliver,
});

const ofVersion = z.object({ projectId: z.string(), versionId: z.string() });
export type GoldenRef = z.infer<typeof ofVersion>;

/** Runs a version's file on its golden rows and notes how it compared. */
export const checkGolden = defineJob({
  name: "registry.check-golden",
  payload: ofVersion,
  key: (p) => p.versionId,
  role: "monitoring",
  timeout: 300,
  handler: async () => (await import("./check-golden.ts")).checkGoldenJob,
});

export const jobs = [deliverWebhook, checkGolden];
