export { TokenAccess } from "./access.ts";
export { getArmReport } from "./arm-report.ts";
export { changeArm } from "./change-arm.ts";
export { cancelExport, cancelScoring } from "./bulk/cancel-work.ts";
export { getExport, listExports, locateExport } from "./bulk/export-reads.ts";
export { keptByBulkWork } from "./bulk/kept-objects.ts";
export { getScoring, listScorings } from "./bulk/scoring-reads.ts";
export { startExport } from "./bulk/start-export.ts";
export { startScoring } from "./bulk/start-scoring.ts";
export { sweepBulkWork } from "./bulk/sweep-work.ts";
export { resumeEndpoint, stopEndpoint, updateEndpoint } from "./change-endpoint.ts";
export { whyNotApproved } from "./approved-entry.ts";
export { changeLogRules } from "./change-log-rules.ts";
export { createEndpoint, ensureEndpoint } from "./create-endpoint.ts";
export { dealAnew } from "./deal-anew.ts";
export { endArm } from "./end-arm.ts";
export { getEndpointTraffic } from "./endpoint-traffic.ts";
export { ErrorLog } from "./error-log.ts";
export { exportVersion } from "./export/export-version.ts";
export { getPrediction } from "./get-prediction.ts";
export { jobs, subscriptions } from "./jobs.ts";
export { listArmCandidates } from "./list-arm-candidates.ts";
export { listArms } from "./list-arms.ts";
export { listPredictions } from "./list-predictions.ts";
export { ensurePartitions, forgetPredictions } from "./log-partitions.ts";
export { listLoggedIds } from "./logged-ids.ts";
export { MinuteCounts } from "./minute-counts.ts";
export { PredictionLog } from "./prediction-log.ts";
export { findLogged, lookUpPrediction } from "./look-up-prediction.ts";
export { PROBE_MS } from "./probes/availability.ts";
export { getAvailability } from "./probes/get-availability.ts";
export {
  claimProbeSlot,
  forgetProbes,
  listProbed,
  type ProbedEndpoint,
  type ProbeResult,
  probeToken,
  recordProbes,
} from "./probes/record-probes.ts";
export { openApi } from "./openapi.ts";
export { getEndpoint, getOpenApi, listEndpoints } from "./reads.ts";
export { recordOutcomes } from "./record-outcomes.ts";
export { type Redaction, redactionOf } from "./redaction.ts";
export { sampler } from "./sampling.ts";
export { type Intent, planOf, readIntents } from "./serving-plan.ts";
export { setFallback } from "./set-fallback.ts";
export {
  completeRolloutEarly,
  pauseRollout,
  resumeRollout,
  revertRolloutByHand,
} from "./rollouts/change-rollout.ts";
export { getRollout } from "./rollouts/get-rollout.ts";
export { watchRollouts } from "./rollouts/watch-rollouts.ts";
export { settleEndpoint } from "./settle-endpoint.ts";
export { ShadowLog } from "./shadow-log.ts";
export { startArm } from "./start-arm.ts";
export { TokenLimits } from "./token-limits.ts";
export { listTrafficRange } from "./traffic-range.ts";
export { readTrafficWindow } from "./traffic-window.ts";
export { getEndpointUsage, listTokenUsage } from "./usage.ts";
export { tryEndpoint } from "./try-endpoint.ts";
export { resumeService, stopService, unpublishService, updateService } from "./services/change-service.ts";
export { listServiceCalls } from "./services/list-service-calls.ts";
export { publishService } from "./services/publish-service.ts";
export { redactedJson } from "./services/redact.ts";
export { ServiceCallLog } from "./services/service-call-log.ts";
export { ServiceMinutes } from "./services/service-minutes.ts";
export { serviceOpenApi } from "./services/service-openapi.ts";
export { readServicePlan, type ServiceIntent } from "./services/service-plan.ts";
export { getService, getServiceOpenApi, listPublishableFiles, listServices } from "./services/service-reads.ts";
export { ServiceToken } from "./services/service-token.ts";
export { settleService } from "./services/settle-service.ts";
export { tryService } from "./services/try-service.ts";
