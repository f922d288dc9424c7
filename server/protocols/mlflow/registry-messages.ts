import type { ModelDetail, VersionDto } from "#server/registry/contract.ts";

const pairs = (tags: Readonly<Record<string, string>>) => Object.entries(tags).map(([key, value]) => ({ key, value }));

function tagList(tags: Readonly<Record<string, string>>): { tags?: { key: string; value: string }[] } {
  const list = pairs(tags);
  return list.length > 0 ? { tags: list } : {};
}

/** Marks a version that a client archived. */
export const STAGE_TAG = "mlflow.stage";

/** The stage in which MLflow would see a version: what is promoted is in Production, what has the free alias `staging` in Staging. */
export function stageOf(version: VersionDto): "None" | "Staging" | "Production" | "Archived" {
  if (version.aliases.includes("champion")) return "Production";
  if (version.aliases.includes("staging")) return "Staging";
  return version.tags[STAGE_TAG] === "Archived" || version.state === "retired" ? "Archived" : "None";
}

/** A version as MLflow knows it. It is READY from the first: registration stores all or nothing. */
export function versionMessage(version: VersionDto) {
  return {
    name: version.model,
    version: String(version.version),
    creation_timestamp: Date.parse(version.createdAt),
    last_updated_timestamp: Date.parse(version.updatedAt),
    ...(version.createdBy === null ? {} : { user_id: version.createdBy }),
    current_stage: stageOf(version),
    description: version.description,
    source: version.source,
    ...(version.runId === null ? {} : { run_id: version.runId }),
    status: "READY",
    ...tagList(version.tags),
    ...(version.aliases.length > 0 ? { aliases: version.aliases } : {}),
    ...(version.loggedModelId === null ? {} : { model_id: version.loggedModelId }),
  };
}

export function modelMessage(model: ModelDetail) {
  return {
    name: model.name,
    creation_timestamp: Date.parse(model.createdAt),
    last_updated_timestamp: Date.parse(model.updatedAt),
    description: model.description,
    ...(model.latest === null ? {} : { latest_versions: [versionMessage(model.latest)] }),
    ...tagList(model.tags),
    ...(model.aliases.length > 0
      ? { aliases: model.aliases.map(({ alias, version }) => ({ alias, version: String(version) })) }
      : {}),
  };
}
