import { AppError } from "#server/kernel/errors.ts";
import { cutPage, offsetOf } from "#server/kernel/offset-token.ts";
import {
  WEBHOOK_EVENTS,
  type WebhookDto,
  type WebhookEvent,
  type WebhookTestResult,
} from "#server/registry/contract.ts";
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  testWebhook,
  updateWebhook,
} from "#server/registry/index.ts";
import { missingValue } from "#server/tracking/index.ts";
import type { Call, Handler } from "./call.ts";
import type { Fields } from "./fields.ts";

const ENTITIES = {
  REGISTERED_MODEL: 1,
  MODEL_VERSION: 2,
  MODEL_VERSION_TAG: 3,
  MODEL_VERSION_ALIAS: 4,
  PROMPT: 5,
  PROMPT_VERSION: 6,
  PROMPT_TAG: 7,
  PROMPT_VERSION_TAG: 8,
  PROMPT_ALIAS: 9,
  BUDGET_POLICY: 10,
} as const;
const ACTIONS = { CREATED: 1, UPDATED: 2, DELETED: 3, SET: 4, EXCEEDED: 5 } as const;
const STATUSES = { ACTIVE: 1, DISABLED: 2 } as const;

function eventOf(item: Fields): WebhookEvent {
  const entity = item.word("entity", ENTITIES)?.toLowerCase();
  const action = item.word("action", ACTIONS)?.toLowerCase();
  if (entity === undefined || action === undefined)
    throw missingValue(item.place(entity === undefined ? "entity" : "action"));
  const event = WEBHOOK_EVENTS.find((one) => one === `${entity}.${action}`);
  if (event) return event;
  const actions = WEBHOOK_EVENTS.flatMap((one) =>
    one.startsWith(`${entity}.`) ? [`'${one.split(".")[1] ?? ""}'`] : [],
  );
  throw new AppError(
    "invalid_input",
    `Invalid action '${action}' for entity '${entity}'. Valid actions are: [${actions.join(", ")}]`,
    { field: "events" },
  );
}

function webhookMessage(webhook: WebhookDto) {
  return {
    webhook_id: webhook.id,
    name: webhook.name,
    ...(webhook.description ? { description: webhook.description } : {}),
    url: webhook.url,
    events: webhook.events.map((event) => {
      const [entity = "", action = ""] = event.toUpperCase().split(".");
      return { entity, action };
    }),
    status: webhook.status,
    creation_timestamp: webhook.createdAt,
    last_updated_timestamp: webhook.updatedAt,
  };
}

function testMessage(result: WebhookTestResult) {
  return {
    success: result.success,
    ...(result.responseStatus === null ? {} : { response_status: result.responseStatus }),
    ...(result.responseBody === null ? {} : { response_body: result.responseBody }),
    ...(result.error === null ? {} : { error_message: result.error }),
  };
}

const idOf = ({ fields }: Call) => fields.required("webhook_id");

export const createWebhookHandler: Handler = async ({ actor, project, fields }) => {
  const name = fields.required("name");
  const url = fields.required("url");
  if (!fields.has("events")) throw missingValue("events");
  const webhook = await createWebhook(actor, project, {
    name,
    url,
    events: fields.messages("events", eventOf),
    description: fields.text("description") || null,
    secret: fields.text("secret") || null,
    status: fields.word("status", STATUSES) ?? "ACTIVE",
  });
  return { webhook: webhookMessage(webhook) };
};

export const listWebhooksHandler: Handler = async ({ actor, project, fields }) => {
  const size = fields.int("max_results") || 100;
  if (size < 1 || size > 1000)
    throw new AppError("invalid_input", "max_results must be between 1 and 1000.", { field: "max_results" });
  const offset = offsetOf(fields.text("page_token"));
  const found = await listWebhooks(actor, project, { offset, limit: size + 1 });
  const { page, next } = cutPage(found, offset, size);
  return {
    ...(page.length > 0 ? { webhooks: page.map(webhookMessage) } : {}),
    ...(next === null ? {} : { next_page_token: next }),
  };
};

export const getWebhookHandler: Handler = async (call) => ({
  webhook: webhookMessage(await getWebhook(call.actor, call.project, { id: idOf(call) })),
});

export const updateWebhookHandler: Handler = async (call) => {
  const { actor, project, fields } = call;
  const [name, url] = [fields.text("name"), fields.text("url")];
  const [description, secret] = [fields.text("description"), fields.text("secret")];
  const status = fields.word("status", STATUSES);
  const events = fields.messages("events", eventOf);
  const webhook = await updateWebhook(actor, project, {
    id: idOf(call),
    ...(name ? { name } : {}),
    ...(url ? { url } : {}),
    ...(description === undefined ? {} : { description }),
    ...(events.length > 0 ? { events } : {}),
    ...(secret === undefined ? {} : { secret }),
    ...(status ? { status } : {}),
  });
  return { webhook: webhookMessage(webhook) };
};

export const deleteWebhookHandler: Handler = async (call) => {
  await deleteWebhook(call.actor, call.project, { id: idOf(call) });
  return {};
};

export const testWebhookHandler: Handler = async (call) => {
  const { actor, project, fields } = call;
  const event = fields.has("event") ? eventOf(fields.message("event")) : undefined;
  return { result: testMessage(await testWebhook(actor, project, { id: idOf(call), ...(event ? { event } : {}) })) };
};
