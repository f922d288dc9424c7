import { z } from "zod";
import { defineJob } from "#server/platform/jobs.ts";

const payload = z.object({ deliveryId: z.uuid() });
export type DeliveryRef = z.infer<typeof payload>;

/** Sends one message to one webhook; tried again after 2, 4, 8 … seconds, for some ten minutes. */
export const deliverWebhook = defineJob({
  name: "registry.deliver-webhook",
  payload,
  key: (p) => p.deliveryId,
  role: "monitoring",
  retries: 8,
  timeout: 60,
  concurrency: 4,
  handler: async () => (await import("./deliver-webhook.ts")).deliver,
});

export const jobs = [deliverWebhook];
