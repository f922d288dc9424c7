import {
  createExperiment,
  deleteExperiment,
  getExperiment,
  renameExperiment,
  restoreExperiment,
  searchDatasets,
  searchExperiments,
  tagExperiment,
} from "#server/tracking/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { type Call, experimentNumber, type Handler } from "./call.ts";
import { pair } from "./fields.ts";
import { experimentMessage } from "./messages.ts";

export const VIEWS = { ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 } as const;

const numberOf = ({ fields }: Call) => experimentNumber(fields.required("experiment_id"));

/** A page size that the client must state and that must be sensible. */
function pageSize(value: number | undefined, greatest: number): number {
  const given = value ?? 0;
  if (given < 1)
    throw new AppError(
      "invalid_input",
      `Invalid value for max_results. It must be a positive integer, but got ${given}`,
      { field: "max_results" },
    );
  if (given > greatest)
    throw new AppError(
      "invalid_input",
      `Invalid value for max_results. It must be at most ${greatest}, but got ${given}`,
      {
        field: "max_results",
      },
    );
  return given;
}

export const getExperimentByName: Handler = async ({ actor, project, fields }) => {
  const experiment = await getExperiment(actor, project, { name: fields.required("experiment_name") });
  return { experiment: experimentMessage(experiment) };
};

export const getExperimentById: Handler = async (call) => ({
  experiment: experimentMessage(await getExperiment(call.actor, call.project, { number: numberOf(call) })),
});

/** Artifacts live in Touchstone's own store, where their hash and project are kept; another place cannot be promised. */
export const createExperimentHandler: Handler = async ({ actor, project, fields }) => {
  const name = fields.required("name");
  const location = fields.text("artifact_location");
  if (location && !location.startsWith("mlflow-artifacts:"))
    throw new AppError(
      "invalid_input",
      `The artifact_location '${location}' is not supported: Touchstone keeps artifacts itself. Leave artifact_location out.`,
      { field: "artifact_location" },
    );
  const made = await createExperiment(actor, project, { name, tags: fields.messages("tags", pair) });
  return { experiment_id: String(made.number) };
};

export const searchExperimentsHandler: Handler = async ({ actor, project, fields }) => {
  const pageToken = fields.text("page_token");
  const { experiments, nextPageToken } = await searchExperiments(actor, project, {
    view: fields.word("view_type", VIEWS) ?? "ACTIVE_ONLY",
    maxResults: pageSize(fields.int("max_results"), 50_000),
    filter: fields.text("filter") ?? "",
    orderBy: fields.texts("order_by"),
    ...(pageToken ? { pageToken } : {}),
  });
  return {
    ...(experiments.length > 0 ? { experiments: experiments.map(experimentMessage) } : {}),
    ...(nextPageToken === null ? {} : { next_page_token: nextPageToken }),
  };
};

export const updateExperimentHandler: Handler = async (call) => {
  await renameExperiment(call.actor, call.project, { number: numberOf(call), name: call.fields.required("new_name") });
  return {};
};

export const deleteExperimentHandler: Handler = async (call) => {
  await deleteExperiment(call.actor, call.project, { number: numberOf(call) });
  return {};
};

export const restoreExperimentHandler: Handler = async (call) => {
  await restoreExperiment(call.actor, call.project, { number: numberOf(call) });
  return {};
};

export const setExperimentTag: Handler = async (call) => {
  const { key, value } = pair(call.fields);
  await tagExperiment(call.actor, call.project, { number: numberOf(call), key, value });
  return {};
};

export const deleteExperimentTag: Handler = async (call) => {
  const key = call.fields.required("key");
  await tagExperiment(call.actor, call.project, { number: numberOf(call), key, value: null });
  return {};
};

export const searchDatasetsHandler: Handler = async ({ actor, project, fields }) => {
  const experiments = fields.texts("experiment_ids").map(experimentNumber);
  const found = await searchDatasets(actor, project, { experiments });
  if (found.length === 0) return {};
  return {
    dataset_summaries: found.map(({ experiment, name, digest, context }) => ({
      experiment_id: String(experiment),
      name,
      digest,
      ...(context === null ? {} : { context }),
    })),
  };
};
