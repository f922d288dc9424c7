import { AppError, isAppError } from "#server/kernel/errors.ts";
import { parseComparisons, parseOrdering, filterError, type Comparison } from "#server/kernel/comparisons.ts";
import { cutPage, offsetOf } from "#server/kernel/offset-token.ts";
import type { ModelDetail, VersionDto } from "#server/registry/contract.ts";
import {
  createModel,
  deleteAlias,
  deleteModel,
  deleteVersion,
  getModel,
  getVersion,
  listModels,
  registerVersion,
  renameModel,
  setAlias,
  updateModel,
  updateVersion,
} from "#server/registry/index.ts";
import { getLoggedModel, getRun, artifactUri, invalidValue } from "#server/tracking/index.ts";
import type { Call, Handler } from "./call.ts";
import { pair } from "./fields.ts";
import { numberMatches, tagMatches, textMatches } from "./match.ts";
import { modelMessage, versionMessage } from "./registry-messages.ts";

const tagsOf = (list: readonly { key: string; value: string }[]) =>
  Object.fromEntries(list.map((t) => [t.key, t.value]));

export const createRegisteredModel: Handler = async ({ actor, project, fields }) => {
  const name = fields.required("name");
  await createModel(actor, project, {
    name,
    description: fields.text("description") ?? "",
    tags: tagsOf(fields.messages("tags", pair)),
  });
  return { registered_model: modelMessage(await getModel(actor, project, { name })) };
};

export const getRegisteredModel: Handler = async ({ actor, project, fields }) => ({
  registered_model: modelMessage(await getModel(actor, project, { name: fields.required("name") })),
});

export const updateRegisteredModel: Handler = async ({ actor, project, fields }) => {
  const name = fields.required("name");
  await updateModel(actor, project, { name, description: fields.text("description") ?? "" });
  return { registered_model: modelMessage(await getModel(actor, project, { name })) };
};

export const renameRegisteredModel: Handler = async ({ actor, project, fields }) => {
  const newName = fields.required("new_name");
  await renameModel(actor, project, { name: fields.required("name"), newName });
  return { registered_model: modelMessage(await getModel(actor, project, { name: newName })) };
};

export const deleteRegisteredModel: Handler = async ({ actor, project, fields }) => {
  await deleteModel(actor, project, { name: fields.required("name") });
  return {};
};

export const setRegisteredModelTag: Handler = async ({ actor, project, fields }) => {
  const { key, value } = pair(fields);
  await updateModel(actor, project, { name: fields.required("name"), tags: { [key]: value } });
  return {};
};

export const deleteRegisteredModelTag: Handler = async ({ actor, project, fields }) => {
  await updateModel(actor, project, { name: fields.required("name"), tags: { [fields.required("key")]: null } });
  return {};
};

async function everyModel({ actor, project }: Call): Promise<ModelDetail[]> {
  const models = await listModels(actor, project, {});
  return await Promise.all(models.map(({ name }) => getModel(actor, project, { name })));
}

function modelMatches(model: ModelDetail, c: Comparison): boolean {
  if (c.entity === "tag" || c.entity === "tags") return tagMatches(model.tags, c);
  if (c.key === "name" && (c.entity === null || c.entity === "attribute" || c.entity === "attributes"))
    return textMatches(model.name, c);
  throw filterError(`Invalid attribute key '${c.key}' specified. Valid keys are '{'name'}'`, c);
}

const pageSize = (given: number | undefined, usual: number, greatest: number): number => {
  const size = given ?? usual;
  if (size < 1 || size > greatest) throw invalidValue("max_results", size, ` It must be between 1 and ${greatest}.`);
  return size;
};

/** Sorts by `<name> [ASC|DESC]` clauses over the named keys; ties keep the order that was. */
function sortedBy<T>(
  rows: readonly T[],
  clauses: readonly string[],
  keys: Readonly<Record<string, (row: T) => string | number>>,
): T[] {
  const orders = clauses.map((clause) => {
    const { key, ascending } = parseOrdering(clause);
    const read = keys[key];
    if (!read)
      throw new AppError(
        "invalid_input",
        `Invalid order by key '${key}' specified. Valid keys are '${Object.keys(keys).join(", ")}'`,
        {
          field: "order_by",
          value: clause,
        },
      );
    return { read, ascending };
  });
  return rows.toSorted((a, b) => {
    for (const { read, ascending } of orders) {
      const [x, y] = [read(a), read(b)];
      if (x !== y) return (x < y ? -1 : 1) * (ascending ? 1 : -1);
    }
    return 0;
  });
}

export const searchRegisteredModels: Handler = async (call) => {
  const { fields } = call;
  const size = pageSize(fields.int("max_results"), 100, 1000);
  const offset = offsetOf(fields.text("page_token"));
  const filter = parseComparisons(fields.text("filter") ?? "");
  const models = (await everyModel(call)).filter((model) => filter.every((c) => modelMatches(model, c)));
  const ordered = sortedBy(models, fields.texts("order_by"), {
    name: (m) => m.name,
    timestamp: (m) => m.updatedAt,
    last_updated_timestamp: (m) => m.updatedAt,
  });
  const { page, next } = cutPage(ordered.slice(offset, offset + size + 1), offset, size);
  return {
    ...(page.length > 0 ? { registered_models: page.map(modelMessage) } : {}),
    ...(next === null ? {} : { next_page_token: next }),
  };
};

export const createModelVersion: Handler = async ({ actor, project, fields }) => {
  const source = fields.required("source");
  const loggedModelId = fields.text("model_id") || /^models:\/(m-[\w-]+)$/.exec(source)?.[1];
  const runId = fields.text("run_id") || /^runs:\/([^/]+)(?:\/|$)/.exec(source)?.[1];
  if (/(^|\/|%2f)\.\.(\/|%2f|$)/i.test(source))
    throw new AppError("invalid_input", `Invalid model version source: '${source}'.`, {
      field: "source",
      value: source,
    });
  const version = await registerVersion(actor, project, {
    model: fields.required("name"),
    description: fields.text("description") ?? "",
    source,
    tags: tagsOf(fields.messages("tags", pair)),
    ...(loggedModelId ? { loggedModelId } : {}),
    ...(runId ? { runId } : {}),
  });
  return { model_version: versionMessage(version) };
};

const versionOf = ({ fields }: Call) => ({ name: fields.required("name"), version: fields.required("version") });

export const getModelVersion: Handler = async (call) => ({
  model_version: versionMessage(await getVersion(call.actor, call.project, versionOf(call))),
});

export const updateModelVersion: Handler = async (call) => {
  const description = call.fields.text("description");
  const changed = await updateVersion(call.actor, call.project, {
    ...versionOf(call),
    ...(description === undefined ? {} : { description }),
  });
  return { model_version: versionMessage(changed) };
};

export const deleteModelVersion: Handler = async (call) => {
  await deleteVersion(call.actor, call.project, versionOf(call));
  return {};
};

export const setModelVersionTag: Handler = async (call) => {
  const { key, value } = pair(call.fields);
  await updateVersion(call.actor, call.project, { ...versionOf(call), tags: { [key]: value } });
  return {};
};

export const deleteModelVersionTag: Handler = async (call) => {
  const key = call.fields.required("key");
  await updateVersion(call.actor, call.project, { ...versionOf(call), tags: { [key]: null } });
  return {};
};

function versionMatches(version: VersionDto, c: Comparison): boolean {
  if (c.entity === "tag" || c.entity === "tags") return tagMatches(version.tags, c);
  if (c.entity !== null && c.entity !== "attribute" && c.entity !== "attributes")
    throw filterError(`Invalid entity type '${c.entity}'. Valid entity types are ('attribute', 'tag', 'tags')`, c);
  switch (c.key) {
    case "name":
      return textMatches(version.model, c);
    case "run_id":
      return textMatches(version.runId, c);
    case "source_path":
      return textMatches(version.source, c);
    case "version_number":
      return numberMatches(version.version, c);
    default:
      throw filterError(
        `Invalid attribute key '${c.key}' specified. Valid keys are '{'name', 'run_id', 'source_path', 'version_number'}'`,
        c,
      );
  }
}

/** The versions that a search must look at: those of one model where the filter names it, else all. */
async function searched(call: Call, filter: readonly Comparison[]): Promise<VersionDto[]> {
  const named = filter.find((c) => c.key === "name" && c.entity !== "tags" && c.entity !== "tag" && c.operator === "=");
  if (named?.value.kind !== "text") return (await everyModel(call)).flatMap((model) => [...model.versions]);
  try {
    return [...(await getModel(call.actor, call.project, { name: named.value.text })).versions];
  } catch (error) {
    if (isAppError(error, "not_found", "invalid_input")) return [];
    throw error;
  }
}

export const searchModelVersions: Handler = async (call) => {
  const { fields } = call;
  const size = pageSize(fields.int("max_results"), 10_000, 200_000);
  const offset = offsetOf(fields.text("page_token"));
  const filter = parseComparisons(fields.text("filter") ?? "");
  const versions = (await searched(call, filter)).filter((version) => filter.every((c) => versionMatches(version, c)));
  const usual = versions.toSorted((a, b) => (a.model === b.model ? b.version - a.version : a.model < b.model ? -1 : 1));
  const ordered = sortedBy(usual, fields.texts("order_by"), {
    name: (v) => v.model,
    version_number: (v) => v.version,
    creation_timestamp: (v) => v.createdAt,
    last_updated_timestamp: (v) => v.updatedAt,
  });
  const { page, next } = cutPage(ordered.slice(offset, offset + size + 1), offset, size);
  return {
    ...(page.length > 0 ? { model_versions: page.map(versionMessage) } : {}),
    ...(next === null ? {} : { next_page_token: next }),
  };
};

/** Where the files of a version are: its logged model's, its run's folder, or the run itself. */
export const getDownloadUri: Handler = async (call) => {
  const { actor, project } = call;
  const version = await getVersion(actor, project, versionOf(call));
  if (version.source.startsWith("mlflow-artifacts:")) return { artifact_uri: version.source };
  if (version.loggedModelId !== null) {
    const model = await getLoggedModel(actor, project, { modelId: version.loggedModelId, deleted: true });
    return { artifact_uri: artifactUri(model.experiment, { kind: "model", id: model.id }) };
  }
  if (version.runId !== null) {
    const run = await getRun(actor, project, { runId: version.runId });
    const folder = /^runs:\/[^/]+\/(.+)$/.exec(version.source)?.[1];
    return { artifact_uri: artifactUri(run.experiment, { kind: "run", id: run.id }) + (folder ? `/${folder}` : "") };
  }
  throw new AppError(
    "not_found",
    `Version ${version.version} of '${version.model}' has no MLflow files, only an ONNX file.`,
    {
      field: "version",
      remedy: "Download the ONNX file on the version's page.",
    },
  );
};

export const setRegisteredModelAlias: Handler = async ({ actor, project, fields }) => {
  await setAlias(actor, project, {
    name: fields.required("name"),
    alias: fields.required("alias"),
    version: fields.required("version"),
  });
  return {};
};

export const deleteRegisteredModelAlias: Handler = async ({ actor, project, fields }) => {
  await deleteAlias(actor, project, { name: fields.required("name"), alias: fields.required("alias") });
  return {};
};

/** An alias that nobody set is, unlike everything else that is missing, an invalid parameter to MLflow clients. */
export const getVersionByAlias: Handler = async ({ actor, project, fields }) => {
  const name = fields.required("name");
  const alias = fields.required("alias");
  const model = await getModel(actor, project, { name });
  const version = model.versions.find((v) =>
    alias === "latest" ? v.id === model.latest?.id : v.aliases.includes(alias),
  );
  if (!version)
    throw new AppError("invalid_input", `Registered model alias ${alias} not found.`, { field: "alias", value: alias });
  return { model_version: versionMessage(version) };
};
