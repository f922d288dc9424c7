export { artifactRoot, artifactUri, parseArtifactPath } from "./artifact-path.ts";
export { chooseRun, getSelection, listSelections } from "./choose-run.ts";
export { closeRunsOfStep } from "./close-runs.ts";
export { createExperiment } from "./create-experiment.ts";
export { createLoggedModel } from "./create-logged-model.ts";
export { createRun } from "./create-run.ts";
export { deleteArtifacts } from "./delete-artifacts.ts";
export { deleteExperiment, restoreExperiment } from "./delete-experiment.ts";
export { deleteRuns, restoreRuns } from "./delete-runs.ts";
export {
  type Contents,
  type DeletedWanted,
  eraseContents,
  eraseExperiment,
  listDeletedExperiments,
  listDeletedModels,
  listDeletedRuns,
  measureContents,
} from "./erase-runs.ts";
export { findRun } from "./find-run.ts";
export { findRunsToCompare } from "./find-runs-to-compare.ts";
export { deleteEvaluation, getEvaluation, listEvaluations, startEvaluation } from "./evaluations.ts";
export { inspectPredictions } from "./inspect-predictions.ts";
export { jobs } from "./jobs.ts";
export { keptByArtifacts } from "./kept-objects.ts";
export { filesOf, listArtifacts } from "./list-artifacts.ts";
export { groupRuns } from "./group-runs.ts";
export { listKeys } from "./list-keys.ts";
export { getRuns, listRunIds, listRuns } from "./list-runs.ts";
export { listValues } from "./list-values.ts";
export { listRunMarks, markRuns } from "./run-marks.ts";
export { deleteRunView, listRunViews, saveRunView, updateRunView } from "./run-views.ts";
export { logBatch } from "./log-batch.ts";
export { logInputs, logOutputs } from "./log-inputs.ts";
export { drawMetricHistory, getMetricHistory, sampleMetricHistory } from "./metric-history.ts";
export { pairMetrics } from "./pair-metrics.ts";
export { invalidValue, missingValue } from "./names.ts";
export { getNote, writeNote } from "./notes.ts";
export { openArtifact } from "./open-artifact.ts";
export { previewArtifact } from "./preview-artifact.ts";
export { requestImportance } from "./request-importance.ts";
export { searchDatasets } from "./search-datasets.ts";
export { getExperiment, listExperiments, searchExperiments } from "./search-experiments.ts";
export { getLoggedModel, listModelsOfRun, searchLoggedModels } from "./search-logged-models.ts";
export { countRunsBelow, listRunsBelow } from "./runs-below.ts";
export { getRun, listNestedRuns, listRunsOfPipeline, searchRuns } from "./search-runs.ts";
export { deleteRunTag, recordLoggedModel } from "./tag-run.ts";
export { renameExperiment, tagExperiment } from "./update-experiment.ts";
export {
  deleteLoggedModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  logModelParams,
  tagLoggedModel,
} from "./update-logged-model.ts";
export { updateRun } from "./update-run.ts";
export { checkUpload, uploadArtifact } from "./upload-artifact.ts";
export { zipArtifacts } from "./zip-artifacts.ts";
