import type { Db } from "#server/platform/db.ts";
import { enqueueJob } from "#server/platform/jobs.ts";
import { deliverWebhook } from "./jobs.ts";
import type { WebhookEvent } from "./webhooks-contract.ts";

type Data = Readonly<Record<string, string | null | Readonly<Record<string, string>>>>;

/** The tag by which MLflow keeps prompts among registered models. */
const PROMPT = "mlflow.prompt.is_prompt";

/** Whether tags are those of a prompt, whose events have names of their own. */
export function isPrompt(tags: unknown): boolean {
  return (tags as Record<string, unknown> | null)?.[PROMPT] === "true";
}

/** Notes, in the transaction of the change, that every webhook which listens for the event is to be told of it. */
export async function tellWebhooks(tx: Db, projectId: string, event: WebhookEvent, data: Data): Promise<void> {
  const listening = await tx.webhook.findMany({
    where: { projectId, deletedAt: null, status: "ACTIVE", events: { has: event } },
    select: { id: true },
  });
  for (const { id: webhookId } of listening) {
    const { id } = await tx.webhookDelivery.create({ data: { webhookId, event, data }, select: { id: true } });
    await enqueueJob(tx, deliverWebhook, { deliveryId: id });
  }
}

/** Tells of tags that were set (a text) and deleted (null), one event each. `place` names the model, or model and version. */
export async function tellOfTags(
  tx: Db,
  projectId: string,
  entity: "model_version_tag" | "prompt_tag" | "prompt_version_tag",
  place: Readonly<Record<string, string>>,
  tags: Readonly<Record<string, string | null>>,
): Promise<void> {
  for (const [key, value] of Object.entries(tags))
    if (value === null) await tellWebhooks(tx, projectId, `${entity}.deleted`, { ...place, key });
    else await tellWebhooks(tx, projectId, `${entity}.set`, { ...place, key, value });
}

/** Tells of a new registered model, or prompt. */
export async function tellOfModel(
  tx: Db,
  model: { readonly projectId: string; readonly name: string; readonly description: string },
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const event = isPrompt(tags) ? "prompt.created" : "registered_model.created";
  await tellWebhooks(tx, model.projectId, event, { name: model.name, tags, description: model.description || null });
}

/** Tells of a new version of a model, or prompt; of a prompt its text stands apart from its tags. */
export async function tellOfVersion(
  tx: Db,
  projectId: string,
  version: {
    readonly name: string;
    readonly version: number;
    readonly source: string;
    readonly runId: string | null;
    readonly description: string;
    readonly tags: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const common = { name: version.name, version: String(version.version), description: version.description || null };
  if (!isPrompt(version.tags)) {
    const data = { ...common, source: version.source, run_id: version.runId, tags: version.tags };
    await tellWebhooks(tx, projectId, "model_version.created", data);
    return;
  }
  const { "mlflow.prompt.text": template = null, ...rest } = version.tags;
  const tags = Object.fromEntries(
    Object.entries(rest).filter(([key]) => key !== PROMPT && key !== "_mlflow_prompt_type"),
  );
  await tellWebhooks(tx, projectId, "prompt_version.created", { ...common, template, tags });
}

/** Tells that an alias was set (with the version's number) or removed (without). */
export async function tellOfAlias(tx: Db, modelId: string, alias: string, version?: number): Promise<void> {
  const model = await tx.registeredModel.findUnique({
    where: { id: modelId },
    select: { projectId: true, name: true, tags: true },
  });
  if (!model) return;
  const entity = isPrompt(model.tags) ? "prompt_alias" : "model_version_alias";
  const data = { name: model.name, alias };
  if (version === undefined) await tellWebhooks(tx, model.projectId, `${entity}.deleted`, data);
  else await tellWebhooks(tx, model.projectId, `${entity}.created`, { ...data, version: String(version) });
}
