import {
  artifactUri,
  createLoggedModel,
  deleteLoggedModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  getLoggedModel,
  listArtifacts,
  logModelParams,
  missingValue,
  searchLoggedModels,
  tagLoggedModel,
} from "#server/tracking/index.ts";
import { experimentNumber, type Handler } from "./call.ts";
import { pair } from "./fields.ts";
import { fileMessage, loggedModelMessage } from "./messages.ts";

const STATUSES = { LOGGED_MODEL_PENDING: 1, LOGGED_MODEL_READY: 2, LOGGED_MODEL_UPLOAD_FAILED: 3 } as const;
const OURS = {
  LOGGED_MODEL_PENDING: "PENDING",
  LOGGED_MODEL_READY: "READY",
  LOGGED_MODEL_UPLOAD_FAILED: "UPLOAD_FAILED",
} as const;

export const createModelHandler: Handler = async ({ actor, project, fields }) => {
  const name = fields.text("name");
  const modelType = fields.text("model_type");
  const sourceRunId = fields.text("source_run_id");
  const model = await createLoggedModel(actor, project, {
    experiment: experimentNumber(fields.required("experiment_id")),
    ...(name ? { name } : {}),
    ...(modelType ? { modelType } : {}),
    ...(sourceRunId ? { sourceRunId } : {}),
    params: fields.messages("params", pair),
    tags: fields.messages("tags", pair),
  });
  return { model: loggedModelMessage(model) };
};

export const getModelHandler: Handler = async ({ actor, project, fields }) => {
  const input = { modelId: fields.required("model_id"), deleted: fields.bool("allow_deleted") ?? false };
  return { model: loggedModelMessage(await getLoggedModel(actor, project, input)) };
};

export const finalizeModelHandler: Handler = async ({ actor, project, fields }) => {
  const status = fields.word("status", STATUSES);
  if (!status) throw missingValue("status");
  const input = { modelId: fields.required("model_id"), status: OURS[status] };
  return { model: loggedModelMessage(await finalizeLoggedModel(actor, project, input)) };
};

export const deleteModelHandler: Handler = async ({ actor, project, fields }) => {
  await deleteLoggedModel(actor, project, { modelId: fields.required("model_id") });
  return {};
};

export const setModelTags: Handler = async ({ actor, project, fields }) => {
  await tagLoggedModel(actor, project, { modelId: fields.required("model_id"), tags: fields.messages("tags", pair) });
  return {};
};

export const deleteModelTag: Handler = async ({ actor, project, fields }) => {
  const input = { modelId: fields.required("model_id"), key: fields.required("tag_key") };
  await deleteLoggedModelTag(actor, project, input);
  return {};
};

export const logModelParamsHandler: Handler = async ({ actor, project, fields }) => {
  await logModelParams(actor, project, {
    modelId: fields.required("model_id"),
    params: fields.messages("params", pair),
  });
  return {};
};

export const searchModelsHandler: Handler = async ({ actor, project, fields }) => {
  const pageToken = fields.text("page_token");
  const maxResults = fields.int("max_results");
  const experiments = fields.texts("experiment_ids");
  if (experiments.length === 0) throw missingValue("experiment_ids");
  const { models, nextPageToken } = await searchLoggedModels(actor, project, {
    experiments: experiments.map(experimentNumber),
    filter: fields.text("filter") ?? "",
    datasets: fields.messages("datasets", (item) => {
      const digest = item.text("dataset_digest");
      return { name: item.text("dataset_name") ?? "", ...(digest ? { digest } : {}) };
    }),
    orderBy: fields.messages("order_by", (item) => {
      const name = item.text("dataset_name");
      const digest = item.text("dataset_digest");
      return {
        field: item.required("field_name"),
        ascending: item.bool("ascending") ?? true,
        ...(name ? { dataset: { name, ...(digest ? { digest } : {}) } } : {}),
      };
    }),
    ...(maxResults ? { maxResults } : {}),
    ...(pageToken ? { pageToken } : {}),
  });
  return {
    ...(models.length > 0 ? { models: models.map(loggedModelMessage) } : {}),
    ...(nextPageToken === null ? {} : { next_page_token: nextPageToken }),
  };
};

export const listModelArtifacts: Handler = async ({ actor, project, fields }) => {
  const modelId = fields.required("model_id");
  const model = await getLoggedModel(actor, project, { modelId });
  const owner = { kind: "model", id: modelId } as const;
  const path = fields.text("artifact_directory_path") ?? "";
  const entries = await listArtifacts(actor, project, { owner, path });
  return {
    root_uri: artifactUri(model.experiment, owner),
    ...(entries.length > 0 ? { files: entries.map((entry) => fileMessage(entry, entry.path)) } : {}),
  };
};
