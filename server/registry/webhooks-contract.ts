import { z } from "zod";

/** What a webhook can be told of, in MLflow's words: "<entity>.<action>". */
export const WEBHOOK_EVENTS = [
  "registered_model.created",
  "model_version.created",
  "model_version_tag.set",
  "model_version_tag.deleted",
  "model_version_alias.created",
  "model_version_alias.deleted",
  "prompt.created",
  "prompt_version.created",
  "prompt_tag.set",
  "prompt_tag.deleted",
  "prompt_version_tag.set",
  "prompt_version_tag.deleted",
  "prompt_alias.created",
  "prompt_alias.deleted",
] as const;
export const WebhookEvent = z.enum(WEBHOOK_EVENTS);
export type WebhookEvent = z.infer<typeof WebhookEvent>;

export const WebhookStatus = z.enum(["ACTIVE", "DISABLED"]);
export type WebhookStatus = z.infer<typeof WebhookStatus>;

export const WebhookName = z
  .string()
  .regex(
    /^(?=.{1,63}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/,
    "A webhook's name starts and ends with a small letter or digit, has at most 63 characters, and contains only small letters, digits, dots, underscores and hyphens.",
  );

export const CreateWebhookInput = z.object({
  name: WebhookName,
  url: z.string().max(500),
  description: z.string().max(1000).nullable().default(null),
  events: z.array(WebhookEvent).min(1, "Name at least one event."),
  secret: z.string().max(1000).nullable().default(null),
  status: WebhookStatus.default("ACTIVE"),
});

export interface WebhookDto {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly status: WebhookStatus;
  /** Whether its messages are signed; the secret itself is never given out. */
  readonly signed: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export const DeliveryStatus = z.enum(["waiting", "delivered", "failed"]);
export type DeliveryStatus = z.infer<typeof DeliveryStatus>;

/** After so many attempts a delivery is given up, after some ten minutes. */
export const MOST_ATTEMPTS = 9;

/** One event on its way to a webhook. */
export interface WebhookDeliveryDto {
  readonly id: string;
  readonly event: WebhookEvent;
  /** What the message says. */
  readonly data: unknown;
  /** Waiting for its first or its next attempt, delivered, or given up. */
  readonly status: DeliveryStatus;
  readonly attempts: number;
  /** What the receiver answered last; null when there was no answer. */
  readonly responseStatus: number | null;
  readonly error: string | null;
  /** Milliseconds since 1970; the second null while it waits. */
  readonly createdAt: number;
  readonly settledAt: number | null;
  /** While it waits: when the next attempt is due; null where that is not known at the moment, as during an attempt. */
  readonly nextTryAt: number | null;
}

export interface WebhookDeliveriesPage {
  readonly deliveries: readonly WebhookDeliveryDto[];
  /** What to ask for as `before` to get the next page; null at the end. */
  readonly next: string | null;
}

/** The deliveries of the last seven days by state, and the last of all. */
export interface WebhookHealthDto {
  readonly webhookId: string;
  readonly waiting: number;
  readonly delivered: number;
  readonly failed: number;
  readonly last: WebhookDeliveryDto;
}

export interface WebhookTestResult {
  readonly success: boolean;
  readonly responseStatus: number | null;
  readonly responseBody: string | null;
  readonly error: string | null;
}
