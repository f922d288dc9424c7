import { AppError } from "#server/kernel/errors.ts";
import { LIMITS } from "#server/tracking/contract.ts";
import {
  createRun,
  deleteRuns,
  deleteRunTag,
  getMetricHistory,
  getRun,
  invalidValue,
  listArtifacts,
  artifactUri,
  logBatch,
  logInputs,
  logOutputs,
  missingValue,
  recordLoggedModel,
  restoreRuns,
  sampleMetricHistory,
  searchRuns,
  updateRun,
} from "#server/tracking/index.ts";
import { experimentNumber, type Handler } from "./call.ts";
import { VIEWS } from "./experiments.ts";
import { type Fields, pair } from "./fields.ts";
import { fileMessage, metricMessage, runInfoMessage, runMessage } from "./messages.ts";

const STATUSES = { RUNNING: 1, SCHEDULED: 2, FINISHED: 3, FAILED: 4, KILLED: 5 } as const;

/** The most points of a history that one answer holds. */
const HISTORY_PAGE = 25_000;

/** Old clients say run_uuid, new ones both. */
const runIdOf = (fields: Fields): string =>
  fields.text("run_id") || fields.text("run_uuid") || fields.required("run_id");

function metricOf(fields: Fields) {
  const modelId = fields.text("model_id");
  const datasetName = fields.text("dataset_name");
  const datasetDigest = fields.text("dataset_digest");
  return {
    key: fields.required("key"),
    value: fields.requiredDouble("value"),
    timestamp: fields.requiredInt("timestamp"),
    step: fields.int("step") ?? 0,
    ...(modelId ? { modelId } : {}),
    ...(datasetName ? { datasetName } : {}),
    ...(datasetDigest ? { datasetDigest } : {}),
  };
}

const PLAIN = new Set(["key", "value", "timestamp", "step"]);

/** A metric in the form that clients send by the thousand: a key and three numbers, nothing else. */
function plainMetric(item: Readonly<Record<string, unknown>>) {
  for (const name in item) if (!PLAIN.has(name)) return null;
  const { key, value, timestamp, step = 0 } = item;
  if (typeof key !== "string" || key === "" || key.includes("\u0000") || typeof value !== "number") return null;
  if (typeof timestamp !== "number" || typeof step !== "number") return null;
  if (!Number.isInteger(timestamp) || !Number.isInteger(step)) return null;
  return Math.abs(timestamp) < 2 ** 63 && Math.abs(step) < 2 ** 63 ? { key, value, timestamp, step } : null;
}

export const createRunHandler: Handler = async ({ actor, project, fields }) => ({
  run: runMessage(
    await createRun(actor, project, {
      experiment: experimentNumber(fields.text("experiment_id")),
      name: fields.text("run_name") ?? "",
      userName: fields.text("user_id") ?? "",
      startTime: Math.max(0, fields.int("start_time") ?? 0),
      tags: fields.messages("tags", pair),
    }),
  ),
});

export const getRunHandler: Handler = async ({ actor, project, fields }) => ({
  run: runMessage(await getRun(actor, project, { runId: runIdOf(fields) })),
});

export const updateRunHandler: Handler = async ({ actor, project, fields }) => {
  const status = fields.word("status", STATUSES);
  const endTime = fields.int("end_time");
  const name = fields.text("run_name");
  const info = await updateRun(actor, project, {
    runId: runIdOf(fields),
    ...(status ? { status } : {}),
    ...(endTime === undefined ? {} : { endTime: Math.max(0, endTime) }),
    ...(name ? { name } : {}),
  });
  return { run_info: runInfoMessage(info) };
};

export const deleteRunHandler: Handler = async ({ actor, project, fields }) => {
  await deleteRuns(actor, project, { runIds: [runIdOf(fields)] });
  return {};
};

export const restoreRunHandler: Handler = async ({ actor, project, fields }) => {
  await restoreRuns(actor, project, { runIds: [runIdOf(fields)] });
  return {};
};

export const searchRunsHandler: Handler = async ({ actor, project, fields }) => {
  const maxResults = fields.int("max_results");
  if (maxResults !== undefined && (maxResults > LIMITS.runsPerSearch || maxResults < 0))
    throw invalidValue("max_results", maxResults, ` It must be between 0 and ${LIMITS.runsPerSearch}.`);
  const pageToken = fields.text("page_token");
  const { runs, nextPageToken } = await searchRuns(actor, project, {
    experiments: fields.texts("experiment_ids").map(experimentNumber),
    filter: fields.text("filter") ?? "",
    view: fields.word("run_view_type", VIEWS) ?? "ACTIVE_ONLY",
    orderBy: fields.texts("order_by"),
    ...(maxResults === undefined ? {} : { maxResults }),
    ...(pageToken ? { pageToken } : {}),
  });
  return {
    ...(runs.length > 0 ? { runs: runs.map(runMessage) } : {}),
    ...(nextPageToken === null ? {} : { next_page_token: nextPageToken }),
  };
};

export const logMetricHandler: Handler = async ({ actor, project, fields }) => {
  await logBatch(actor, project, { runId: runIdOf(fields), metrics: [metricOf(fields)], single: true });
  return {};
};

export const logParamHandler: Handler = async ({ actor, project, fields }) => {
  await logBatch(actor, project, { runId: runIdOf(fields), params: [pair(fields)], single: true });
  return {};
};

export const setTagHandler: Handler = async ({ actor, project, fields }) => {
  await logBatch(actor, project, { runId: runIdOf(fields), tags: [pair(fields)], single: true });
  return {};
};

export const deleteTagHandler: Handler = async ({ actor, project, fields }) => {
  await deleteRunTag(actor, project, { runId: runIdOf(fields), key: fields.required("key") });
  return {};
};

export const logBatchHandler: Handler = async ({ actor, project, fields }) => {
  await logBatch(actor, project, {
    runId: runIdOf(fields),
    metrics: fields.plain("metrics", plainMetric) ?? fields.messages("metrics", metricOf),
    params: fields.messages("params", pair),
    tags: fields.messages("tags", pair),
  });
  return {};
};

const modelIdOf = (item: Fields): string => item.required("model_id");

export const logInputsHandler: Handler = async ({ actor, project, fields }) => {
  await logInputs(actor, project, {
    runId: runIdOf(fields),
    datasets: fields.messages("datasets", (item) => {
      const dataset = item.message("dataset");
      return {
        name: dataset.required("name"),
        digest: dataset.required("digest"),
        sourceType: dataset.required("source_type"),
        source: dataset.required("source"),
        schema: dataset.text("schema") ?? null,
        profile: dataset.text("profile") ?? null,
        tags: item.messages("tags", pair),
      };
    }),
    models: fields.messages("models", modelIdOf),
  });
  return {};
};

export const logOutputsHandler: Handler = async ({ actor, project, fields }) => {
  await logOutputs(actor, project, {
    runId: runIdOf(fields),
    models: fields.messages("models", (item) => ({ modelId: modelIdOf(item), step: item.int("step") ?? 0 })),
  });
  return {};
};

/** How clients before MLflow 3 note a model: the description of it as JSON in a text. */
export const logModelHandler: Handler = async ({ actor, project, fields }) => {
  const text = fields.required("model_json");
  let model: unknown;
  try {
    model = JSON.parse(text);
  } catch {
    throw new AppError("invalid_input", `Malformed model info. \n ${text} \n is not a valid JSON.`, {
      field: "model_json",
    });
  }
  const described = typeof model === "object" && model !== null ? (model as Record<string, unknown>) : {};
  const lacking = ["artifact_path", "flavors", "run_id", "utc_time_created"].filter((name) => !(name in described));
  if (lacking.length > 0)
    throw new AppError(
      "invalid_input",
      `Model json is missing mandatory fields: {${lacking.map((name) => `'${name}'`).join(", ")}}`,
      { field: "model_json" },
    );
  await recordLoggedModel(actor, project, { runId: runIdOf(fields), model: described });
  return {};
};

export const getHistoryHandler: Handler = async ({ actor, project, fields }) => {
  const maxResults = fields.int("max_results");
  if (maxResults !== undefined && maxResults <= 0)
    throw new AppError(
      "invalid_input",
      `Invalid value ${maxResults} for parameter 'max_results' supplied. It must be a positive integer.`,
      { field: "max_results" },
    );
  const pageToken = fields.text("page_token");
  const { metrics, nextPageToken } = await getMetricHistory(actor, project, {
    runId: runIdOf(fields),
    key: fields.required("metric_key"),
    ...(maxResults === undefined ? {} : { maxResults: Math.min(maxResults, HISTORY_PAGE) }),
    ...(pageToken ? { pageToken } : {}),
  });
  return {
    ...(metrics.length > 0 ? { metrics: metrics.map(metricMessage) } : {}),
    ...(nextPageToken === null ? {} : { next_page_token: nextPageToken }),
  };
};

/** What the reference's own pages ask: whole histories of one metric of several runs, run after run. */
export const getBulkHistoryHandler: Handler = async ({ actor, project, fields }) => {
  const runIds = fields.texts("run_id");
  if (runIds.length === 0)
    throw new AppError("invalid_input", "GetMetricHistoryBulk request must specify at least one run_id.", {
      field: "run_id",
    });
  if (runIds.length > LIMITS.runsPerSample)
    throw new AppError(
      "invalid_input",
      `GetMetricHistoryBulk request cannot specify more than ${LIMITS.runsPerSample} run_ids. Received ${runIds.length} run_ids.`,
      { field: "run_id" },
    );
  const key = fields.text("metric_key");
  if (key === undefined)
    throw new AppError("invalid_input", "GetMetricHistoryBulk request must specify a metric_key.", {
      field: "metric_key",
    });
  const wanted = Math.min(fields.int("max_results") ?? HISTORY_PAGE, HISTORY_PAGE);
  const metrics: object[] = [];
  for (const runId of [...new Set(runIds)].sort()) {
    const maxResults = wanted - metrics.length;
    if (maxResults < 1) break;
    const history = await getMetricHistory(actor, project, { runId, key, maxResults });
    metrics.push(...history.metrics.map((metric) => ({ ...metricMessage(metric), run_id: runId })));
  }
  return { metrics };
};

export const getBulkIntervalHandler: Handler = async ({ actor, project, fields }) => {
  const runIds = fields.texts("run_ids");
  if (runIds.length === 0) throw missingValue("run_ids");
  if (runIds.length > LIMITS.runsPerSample)
    throw new AppError(
      "invalid_input",
      `GetMetricHistoryBulkInterval request must specify at most ${LIMITS.runsPerSample} run_ids. Received ${runIds.length} run_ids.`,
      { field: "run_ids" },
    );
  const points = fields.int("max_results") ?? LIMITS.pointsPerSample;
  if (points < 1 || points > LIMITS.pointsPerSample)
    throw new AppError("invalid_input", `max_results must be between 1 and ${LIMITS.pointsPerSample}.`, {
      field: "max_results",
    });
  const from = fields.int("start_step");
  const to = fields.int("end_step");
  if ((from === undefined) !== (to === undefined))
    throw new AppError("invalid_input", "If either start step or end step are specified, both must be specified.", {
      field: from === undefined ? "start_step" : "end_step",
    });
  if (from !== undefined && to !== undefined && from > to)
    throw new AppError(
      "invalid_input",
      `end_step must be greater than start_step. Found start_step=${from} and end_step=${to}.`,
      { field: "end_step" },
    );
  const key = fields.required("metric_key");
  const series = await sampleMetricHistory(actor, project, {
    runIds,
    keys: [key],
    points,
    ...(from === undefined || to === undefined ? {} : { steps: { from, to } }),
  });
  const metrics = series.flatMap(({ runId, points: all }) =>
    all.map((point) => ({ ...metricMessage({ key, ...point }), run_id: runId })),
  );
  return metrics.length > 0 ? { metrics } : {};
};

export const listRunArtifacts: Handler = async ({ actor, project, fields }) => {
  const runId = runIdOf(fields);
  const run = await getRun(actor, project, { runId });
  const owner = { kind: "run", id: runId } as const;
  const entries = await listArtifacts(actor, project, { owner, path: fields.text("path") ?? "" });
  return {
    root_uri: artifactUri(run.experiment, owner),
    ...(entries.length > 0 ? { files: entries.map((entry) => fileMessage(entry, entry.path)) } : {}),
  };
};
