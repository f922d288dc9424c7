export { cancelRun } from "./cancel-run.ts";
export { type ClaimedStep, claimStep } from "./claim-step.ts";
export type { AttemptOutcome } from "./end-attempt.ts";
export {
  beginPreparing,
  type EnvironmentState,
  failPreparation,
  listWaitingRuns,
  releasePreparedRun,
  saveEnvironment,
  type WaitingRun,
} from "./environments.ts";
export { keptByOutputs } from "./kept-objects.ts";
export { evaluateGate } from "./gate.ts";
export { getRunLock, getRunOrigin } from "./get-run-origin.ts";
export { listRunEnvironments } from "./run-environments.ts";
export { jobs, pipelineRunFinished, subscriptions } from "./jobs.ts";
export {
  BEAT_MS,
  finishAttempt,
  listRunningAttempts,
  recoverLostAttempts,
  renewLeases,
  SELF_FENCE_MS,
} from "./leases.ts";
export { checkPipelineFile, getPipelineSchema, listPipelines } from "./list-pipelines.ts";
export { listTrackedRuns } from "./list-tracked-runs.ts";
export { durationText, sizeText } from "./quantities.ts";
export { readLog, readWholeLog } from "./read-log.ts";
export { listOutputFiles, locateOutputFile, manifestOf } from "./read-output.ts";
export { getRun, listRuns } from "./reads.ts";
export { appendLog, issueAttemptToken, markLogTruncated, recordIsolation } from "./record-attempt.ts";
export { lockOfEnvironment, recordAttemptOrigin, recordEnvironmentLock } from "./record-origin.ts";
export { listReproductions, reproduceRun } from "./reproduce-run.ts";
export { forkRun } from "./fork-run.ts";
export { rerun } from "./rerun.ts";
export { SCORED } from "./pipeline-file.ts";
export { datasetReference, type InputSource } from "./spec.ts";
export { startRun } from "./start-run.ts";
export { renderWord } from "./words.ts";
