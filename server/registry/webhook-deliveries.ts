import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { nextTries } from "#server/platform/next-tries.ts";
import { findWebhook } from "./find-webhook.ts";
import { deliverWebhook } from "./jobs.ts";
import {
  DeliveryStatus,
  type WebhookDeliveriesPage,
  type WebhookDeliveryDto,
  WebhookEvent,
  type WebhookHealthDto,
} from "./webhooks-contract.ts";

/** How far back the counts look. */
const DAYS = 7;

interface Row {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
  readonly status: string;
  readonly attempts: number;
  readonly responseStatus: number | null;
  readonly error: string | null;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

/** When the waiting ones of some deliveries are tried next. */
async function triesOf(rows: readonly Row[]): Promise<ReadonlyMap<string, Date>> {
  return await nextTries(
    deliverWebhook,
    rows.filter((row) => row.status === "waiting").map((row) => row.id),
  );
}

function deliveryDto(row: Row, tries: ReadonlyMap<string, Date>): WebhookDeliveryDto {
  return {
    id: row.id,
    event: WebhookEvent.parse(row.event),
    data: row.data,
    status: DeliveryStatus.parse(row.status),
    attempts: row.attempts,
    responseStatus: row.responseStatus,
    error: row.error,
    createdAt: row.createdAt.getTime(),
    settledAt: row.settledAt?.getTime() ?? null,
    nextTryAt: tries.get(row.id)?.getTime() ?? null,
  };
}

/** How the webhooks of a project fared in the last week: deliveries by state, and the last one. Webhooks without a delivery are left out. */
export const getWebhookHealth = defineUseCase({
  name: "registry.get-webhook-health",
  scope: "registry:webhooks",
  effect: "read",
  input: z.object({}),
  async run({ project, db }): Promise<WebhookHealthDto[]> {
    const webhook = { projectId: project.id, deletedAt: null };
    const since = new Date(Date.now() - DAYS * 86_400_000);
    const [counted, last] = await Promise.all([
      db.webhookDelivery.groupBy({
        by: ["webhookId", "status"],
        where: { webhook, createdAt: { gte: since } },
        _count: true,
      }),
      db.$queryRaw<(Row & { webhookId: string })[]>`
        select w.id as "webhookId", d.id, d.event, d.data, d.status, d.attempts, d.response_status as "responseStatus", d.error,
          d.created_at as "createdAt", d.settled_at as "settledAt"
        from webhooks w cross join lateral (
          select * from webhook_deliveries where webhook_id = w.id order by created_at desc, id desc limit 1
        ) d where w.project_id = ${project.id}::uuid and w.deleted_at is null`,
    ]);
    const tries = await triesOf(last);
    return last.map((row) => {
      const count = (status: DeliveryStatus): number =>
        counted.find((one) => one.webhookId === row.webhookId && one.status === status)?._count ?? 0;
      return {
        webhookId: row.webhookId,
        waiting: count("waiting"),
        delivered: count("delivered"),
        failed: count("failed"),
        last: deliveryDto(row, tries),
      };
    });
  },
});

/** The deliveries of a webhook, newest first, a page at a time. Errors: not_found. */
export const listDeliveries = defineUseCase({
  name: "registry.list-webhook-deliveries",
  scope: "registry:webhooks",
  effect: "read",
  input: z.object({
    webhook: z.string(),
    status: DeliveryStatus.optional(),
    /** The id of the last delivery of the page before. */
    before: z.uuid().optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  async run({ input, project, db }): Promise<WebhookDeliveriesPage> {
    const webhook = await findWebhook(db, project.id, input.webhook);
    // Ids are made in the order of time.
    const rows = await db.webhookDelivery.findMany({
      where: {
        webhookId: webhook.id,
        ...(input.status ? { status: input.status } : {}),
        ...(input.before ? { id: { lt: input.before } } : {}),
      },
      orderBy: { id: "desc" },
      take: input.limit + 1,
    });
    const page = rows.slice(0, input.limit);
    const tries = await triesOf(page);
    return {
      deliveries: page.map((row) => deliveryDto(row, tries)),
      next: rows.length > page.length ? (page.at(-1)?.id ?? null) : null,
    };
  },
});

/**
 * Sends a failed delivery again, under its old id and with as many attempts as a new one. Errors: not_found, conflict when it has not failed or the
 * webhook is paused.
 */
export const redeliver = defineUseCase({
  name: "registry.redeliver-webhook",
  scope: "registry:webhooks",
  effect: "write",
  input: z.object({ webhook: z.string(), delivery: z.uuid("There is no such delivery.") }),
  async run({ input, actor, project, db, audit, publish, enqueue }): Promise<WebhookDeliveryDto> {
    const webhook = await findWebhook(db, project.id, input.webhook);
    const found = await db.webhookDelivery.findFirst({ where: { id: input.delivery, webhookId: webhook.id } });
    if (!found)
      throw new AppError("not_found", "This webhook has no such delivery.", {
        field: "delivery",
        value: input.delivery,
      });
    if (webhook.status !== "ACTIVE")
      throw new AppError("conflict", `The webhook ${webhook.name} is paused.`, {
        field: "webhook",
        value: webhook.id,
        remedy: "Resume it first.",
      });
    const again = await db.webhookDelivery.updateMany({
      where: { id: found.id, status: "failed" },
      data: { status: "waiting", attempts: 0, settledAt: null },
    });
    if (again.count === 0)
      throw new AppError("conflict", `The delivery is ${found.status}: only one that failed is sent again.`, {
        field: "delivery",
        value: found.id,
      });
    await enqueue(deliverWebhook, { deliveryId: found.id });
    await audit({
      action: "webhook.redelivered",
      subject: { type: "webhook", id: webhook.id },
      summary: `${actor.name} had the webhook ${webhook.name} told again of ${found.event}`,
      details: { delivery: found.id, event: found.event, error: found.error },
    });
    await publish("webhooks", webhook.id);
    return deliveryDto({ ...found, status: "waiting", attempts: 0, settledAt: null }, new Map());
  },
});
