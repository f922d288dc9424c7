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
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface WebhookTestResult {
  readonly success: boolean;
  readonly responseStatus: number | null;
  readonly responseBody: string | null;
  readonly error: string | null;
}
