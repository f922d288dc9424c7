import { z } from "zod";
import { type Actor, defineUseCase } from "#server/identity/index.ts";
import { messageOf } from "#server/kernel/errors.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { seal, unseal } from "#server/platform/instance-key.ts";
import { SECRET_PURPOSE } from "./deliver-webhook.ts";
import { findWebhook } from "./find-webhook.ts";
import { sendWebhook } from "./send-webhook.ts";
import { webhookUrl } from "./webhook-address.ts";
import { WEBHOOK_EXAMPLES } from "./webhook-examples.ts";
import {
  CreateWebhookInput,
  type WebhookDto,
  WebhookEvent,
  WebhookName,
  WebhookStatus,
  type WebhookTestResult,
} from "./webhooks-contract.ts";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly url: string;
  readonly events: readonly string[];
  readonly status: string;
  readonly sealedSecret: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

function webhookDto(row: Row): WebhookDto {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    url: row.url,
    events: z.array(WebhookEvent).parse(row.events),
    status: WebhookStatus.parse(row.status),
    signed: row.sealedSecret !== null,
    createdAt: row.createdAt.getTime(),
    updatedAt: row.updatedAt.getTime(),
  };
}

const sealed = (secret: string) => seal(SECRET_PURPOSE, secret);

/** Has an address told of events in the registry. Its secret signs the messages and is never given out again. */
export const createWebhook = defineUseCase({
  name: "registry.create-webhook",
  scope: "registry:webhooks",
  effect: "write",
  input: CreateWebhookInput,
  async run({ input, actor, project, db, audit, publish }): Promise<WebhookDto> {
    webhookUrl(input.url);
    const { secret, ...rest } = input;
    const row = await db.webhook.create({
      data: {
        ...rest,
        events: [...new Set(input.events)],
        projectId: project.id,
        createdBy: actor.userId,
        sealedSecret: secret ? sealed(secret) : null,
      },
    });
    await audit({
      action: "webhook.created",
      subject: { type: "webhook", id: row.id },
      summary: `${actor.name} created the webhook ${input.name} to ${new URL(input.url).host}`,
      details: { url: input.url, events: input.events, signed: Boolean(secret) },
    });
    await publish("webhooks", row.id);
    return webhookDto(row);
  },
});

/** The webhooks of a project, newest first. */
export const listWebhooks = defineUseCase({
  name: "registry.list-webhooks",
  scope: "registry:webhooks",
  effect: "read",
  input: z.object({
    offset: z.coerce.number().int().min(0).default(0),
    limit: z.coerce.number().int().min(1).default(100),
  }),
  async run({ input, project, db }): Promise<WebhookDto[]> {
    const rows = await db.webhook.findMany({
      where: { projectId: project.id, deletedAt: null },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      skip: input.offset,
      take: input.limit,
    });
    return rows.map(webhookDto);
  },
});

const OfWebhook = z.object({ id: z.string() });

/** One webhook by its id. Errors: not_found. */
export const getWebhook = defineUseCase({
  name: "registry.get-webhook",
  scope: "registry:webhooks",
  effect: "read",
  input: OfWebhook,
  async run({ input, project, db }): Promise<WebhookDto> {
    return webhookDto(await findWebhook(db, project.id, input.id));
  },
});

/** Changes a webhook; what is not named stays. An empty secret ends the signing. */
export const updateWebhook = defineUseCase({
  name: "registry.update-webhook",
  scope: "registry:webhooks",
  effect: "write",
  input: OfWebhook.extend({
    name: WebhookName.optional(),
    url: z.string().max(500).optional(),
    description: z.string().max(1000).optional(),
    events: z.array(WebhookEvent).min(1).optional(),
    secret: z.string().max(1000).optional(),
    status: WebhookStatus.optional(),
  }),
  async run({ input, actor, project, db, audit, publish }): Promise<WebhookDto> {
    const { id, secret, name, url, description, events, status } = input;
    const before = await findWebhook(db, project.id, id);
    if (url !== undefined) webhookUrl(url);
    const row = await db.webhook.update({
      where: { id: before.id },
      data: {
        updatedAt: new Date(),
        ...(name === undefined ? {} : { name }),
        ...(url === undefined ? {} : { url }),
        ...(description === undefined ? {} : { description }),
        ...(events === undefined ? {} : { events: [...new Set(events)] }),
        ...(status === undefined ? {} : { status }),
        ...(secret === undefined ? {} : { sealedSecret: secret === "" ? null : sealed(secret) }),
      },
    });
    await audit({
      action: "webhook.updated",
      subject: { type: "webhook", id: row.id },
      summary: `${actor.name} changed the webhook ${row.name}`,
      details: {
        before: { name: before.name, url: before.url, events: before.events, status: before.status },
        after: { name: row.name, url: row.url, events: row.events, status: row.status },
        secretChanged: secret !== undefined,
      },
    });
    await publish("webhooks", row.id);
    return webhookDto(row);
  },
});

/** Ends a webhook; what waits to be delivered to it is not sent any more. */
export const deleteWebhook = defineUseCase({
  name: "registry.delete-webhook",
  scope: "registry:webhooks",
  effect: "write",
  input: OfWebhook,
  async run({ input, actor, project, db, audit, publish }) {
    const row = await findWebhook(db, project.id, input.id);
    await db.webhook.update({ where: { id: row.id }, data: { deletedAt: new Date(), sealedSecret: null } });
    await audit({
      action: "webhook.deleted",
      subject: { type: "webhook", id: row.id },
      summary: `${actor.name} deleted the webhook ${row.name}`,
    });
    await publish("webhooks", row.id);
    return { id: row.id };
  },
});

const webhookToTest = defineUseCase({
  name: "registry.test-webhook",
  scope: "registry:webhooks",
  effect: "read",
  input: OfWebhook.extend({ event: WebhookEvent.optional() }),
  async run({ input, project, db }) {
    const webhook = await findWebhook(db, project.id, input.id);
    return { webhook, event: input.event ?? WebhookEvent.parse(webhook.events[0]) };
  },
});

/** Sends a webhook the example of an event now, once, and says what the receiver answered. Errors: not_found. */
export async function testWebhook(
  actor: Actor,
  project: string,
  input: { readonly id: string; readonly event?: WebhookEvent },
): Promise<WebhookTestResult> {
  const { webhook, event } = await webhookToTest(actor, project, input);
  try {
    const { status, body } = await sendWebhook({
      url: webhook.url,
      secret: webhook.sealedSecret === null ? null : unseal(SECRET_PURPOSE, webhook.sealedSecret),
      deliveryId: uuidv7(),
      event,
      data: WEBHOOK_EXAMPLES[event],
      at: new Date(),
    });
    return { success: status < 400, responseStatus: status, responseBody: body, error: null };
  } catch (error) {
    return {
      success: false,
      responseStatus: null,
      responseBody: null,
      error: `Failed to test webhook: ${messageOf(error)}`,
    };
  }
}
