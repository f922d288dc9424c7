export { TokenAccess } from "./access.ts";
export { changeArm } from "./change-arm.ts";
export { resumeEndpoint, stopEndpoint, updateEndpoint } from "./change-endpoint.ts";
<<<<<<< HEAD
export { changeLogRules } from "./change-log-rules.ts";
=======
export { whyNotApproved } from "./approved-entry.ts";
>>>>>>> 7d45029 (Sign each approval, and serve nothing that the needed people did not sign for)
export { createEndpoint, ensureEndpoint } from "./create-endpoint.ts";
export { dealAnew } from "./deal-anew.ts";
export { endArm } from "./end-arm.ts";
export { getEndpointTraffic } from "./endpoint-traffic.ts";
export { ErrorLog } from "./error-log.ts";
export { getPrediction } from "./get-prediction.ts";
export { jobs, subscriptions } from "./jobs.ts";
export { listArms } from "./list-arms.ts";
export { listPredictions } from "./list-predictions.ts";
export { ensurePartitions, forgetPredictions } from "./log-partitions.ts";
export { listLoggedIds } from "./logged-ids.ts";
export { MinuteCounts } from "./minute-counts.ts";
export { PredictionLog } from "./prediction-log.ts";
export { openApi } from "./openapi.ts";
export { getEndpoint, getOpenApi, listEndpoints } from "./reads.ts";
export { recordOutcomes } from "./record-outcomes.ts";
export { type Redaction, redactionOf } from "./redaction.ts";
export { sampler } from "./sampling.ts";
export { type Intent, planOf, readIntents } from "./serving-plan.ts";
export { setFallback } from "./set-fallback.ts";
export { settleEndpoint } from "./settle-endpoint.ts";
export { ShadowLog } from "./shadow-log.ts";
export { startArm } from "./start-arm.ts";
export { TokenLimits } from "./token-limits.ts";
export { listTrafficRange } from "./traffic-range.ts";
export { readTrafficWindow } from "./traffic-window.ts";
export { tryEndpoint } from "./try-endpoint.ts";
