import type { WebhookEvent } from "./webhooks-contract.ts";

const tags = { example_key: "example_value" };
const tag = { key: "example_key", value: "example_value" };
const model = { name: "example_model" };
const prompt = { name: "example_prompt" };
const alias = { alias: "example_alias" };

/** What a test message carries: MLflow's own examples, so that a receiver written against it reads them. */
export const WEBHOOK_EXAMPLES: Readonly<Record<WebhookEvent, object>> = {
  "registered_model.created": { ...model, tags, description: "An example registered model" },
  "model_version.created": {
    ...model,
    version: "1",
    source: "models:/123",
    run_id: "abcd1234abcd5678",
    tags,
    description: "An example model version",
  },
  "model_version_tag.set": { ...model, version: "1", ...tag },
  "model_version_tag.deleted": { ...model, version: "1", key: tag.key },
  "model_version_alias.created": { ...model, ...alias, version: "1" },
  "model_version_alias.deleted": { ...model, ...alias },
  "prompt.created": { ...prompt, tags, description: "An example prompt" },
  "prompt_version.created": {
    ...prompt,
    version: "1",
    template: "Hello {{name}}!",
    tags,
    description: "An example prompt version",
  },
  "prompt_tag.set": { ...prompt, ...tag },
  "prompt_tag.deleted": { ...prompt, key: tag.key },
  "prompt_version_tag.set": { ...prompt, version: "1", ...tag },
  "prompt_version_tag.deleted": { ...prompt, version: "1", key: tag.key },
  "prompt_alias.created": { ...prompt, ...alias, version: "1" },
  "prompt_alias.deleted": { ...prompt, ...alias },
};
