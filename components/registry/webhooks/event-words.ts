import { WEBHOOK_EVENTS, type WebhookEvent } from "#server/registry/contract.ts";

const WORDS: Readonly<Record<WebhookEvent, string>> = {
  "registered_model.created": "A model is registered",
  "model_version.created": "A version is registered",
  "model_version_tag.set": "A tag of a version is set",
  "model_version_tag.deleted": "A tag of a version is deleted",
  "model_version_alias.created": "An alias is set, champion too",
  "model_version_alias.deleted": "An alias is removed",
  "prompt.created": "A prompt is registered",
  "prompt_version.created": "A version of a prompt is registered",
  "prompt_tag.set": "A tag of a prompt is set",
  "prompt_tag.deleted": "A tag of a prompt is deleted",
  "prompt_version_tag.set": "A tag of a prompt's version is set",
  "prompt_version_tag.deleted": "A tag of a prompt's version is deleted",
  "prompt_alias.created": "An alias of a prompt is set",
  "prompt_alias.deleted": "An alias of a prompt is removed",
};

/** What happened, in words. */
export const eventWord = (event: WebhookEvent): string => WORDS[event];

export const EVENT_GROUPS: readonly { readonly name: string; readonly events: readonly WebhookEvent[] }[] = [
  { name: "Models", events: WEBHOOK_EVENTS.filter((event) => !event.startsWith("prompt")) },
  { name: "Prompts", events: WEBHOOK_EVENTS.filter((event) => event.startsWith("prompt")) },
];
