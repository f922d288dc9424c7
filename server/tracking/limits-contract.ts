/** How much one request may log. The names and figures are those of MLflow clients, which split their batches by them. */
export const LIMITS = {
  metricsPerBatch: 1000,
  paramsPerBatch: 100,
  tagsPerBatch: 100,
  entitiesPerBatch: 1000,
  key: 250,
  paramValue: 6000,
  tagValue: 8000,
  experimentName: 500,
  experimentTagValue: 20_000,
  datasetName: 500,
  datasetDigest: 36,
  datasetSchema: 1_048_575,
  datasetSource: 65_535,
  datasetProfile: 16_777_215,
  inputTagKey: 255,
  inputTagValue: 500,
  runsPerSearch: 50_000,
  /** MLflow's own limit of its bulk routes. */
  runsPerSample: 100,
  runsPerComparison: 1000,
  pointsPerSample: 2500,
} as const;

/** The parts of MLflow's own tags that have a meaning here. */
export const TAGS = {
  runName: "mlflow.runName",
  parentRun: "mlflow.parentRunId",
  user: "mlflow.user",
  note: "mlflow.note.content",
  sourceName: "mlflow.source.name",
  sourceCommit: "mlflow.source.git.commit",
  loggedModels: "mlflow.log-model.history",
  datasetContext: "mlflow.data.context",
} as const;

/** The greatest number that a metric keeps; an infinity is stored as it, as MLflow clients expect to read it back. */
export const INFINITE = 1.7976931348623157e308;

/** Which of what exists is meant: what is in use, what was deleted and can be restored, or both. */
export const VIEW_TYPES = ["ACTIVE_ONLY", "DELETED_ONLY", "ALL"] as const;
