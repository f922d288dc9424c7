import { messageOf } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { announce } from "#server/platform/events.ts";
import { unseal } from "#server/platform/instance-key.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import { deliverWebhook, type DeliveryRef } from "./jobs.ts";
import { sendWebhook, type WebhookAnswer } from "./send-webhook.ts";
import { WebhookEvent } from "./webhooks-contract.ts";

export const SECRET_PURPOSE = "webhook secrets";

/** What may go better next time; everything else from 400 on says that the message itself is not wanted. */
const PASSING = [408, 425, 429];
const isPassing = (status: number) => status >= 500 || PASSING.includes(status);

type Attempt =
  | { readonly answer: WebhookAnswer; readonly error: null }
  | { readonly answer: null; readonly error: string };

/** Sends a waiting delivery once and notes how it went. Throws, to be called again, while another attempt may help and one is left. */
export async function deliver({ deliveryId }: DeliveryRef, { log }: Pick<JobContext, "log">): Promise<void> {
  const db = prisma();
  const delivery = await db.webhookDelivery.findUnique({ where: { id: deliveryId }, include: { webhook: true } });
  if (delivery?.status !== "waiting") return;
  const { webhook } = delivery;
  const changed = { projectId: webhook.projectId, topic: "webhooks", id: webhook.id };
  if (webhook.deletedAt || webhook.status !== "ACTIVE") {
    const why = webhook.deletedAt ? "The webhook was deleted." : "The webhook was switched off.";
    await db.webhookDelivery.update({
      where: { id: deliveryId },
      data: { status: "failed", error: why, settledAt: new Date() },
    });
    await announce(db, changed);
    return;
  }
  const { answer, error } = await attempt(delivery, webhook);
  const attempts = delivery.attempts + 1;
  const ok = answer !== null && answer.status < 300;
  const again = !ok && attempts <= deliverWebhook.retries && (answer === null || isPassing(answer.status));
  const said = answer === null ? error : ok ? null : `The receiver answered ${answer.status}.`;
  await db.webhookDelivery.update({
    where: { id: deliveryId },
    data: {
      attempts,
      responseStatus: answer?.status ?? null,
      error: said,
      ...(again ? {} : { status: ok ? "delivered" : "failed", settledAt: new Date() }),
    },
  });
  await announce(db, changed);
  if (ok) return;
  log.warn(
    { webhook: webhook.id, delivery: deliveryId, attempts, again },
    `a webhook was not delivered: ${said ?? ""}`,
  );
  if (again) throw new Error(said ?? "not delivered");
}

async function attempt(
  delivery: { readonly id: string; readonly event: string; readonly data: unknown; readonly createdAt: Date },
  webhook: { readonly url: string; readonly sealedSecret: string | null },
): Promise<Attempt> {
  try {
    const answer = await sendWebhook({
      url: webhook.url,
      secret: webhook.sealedSecret === null ? null : unseal(SECRET_PURPOSE, webhook.sealedSecret),
      deliveryId: delivery.id,
      event: WebhookEvent.parse(delivery.event),
      data: delivery.data,
      at: delivery.createdAt,
    });
    return { answer, error: null };
  } catch (error) {
    return { answer: null, error: messageOf(error) };
  }
}
