import type { CopyWriter } from "#server/platform/copy-format.ts";
import type { PredictionRecord } from "./contract.ts";

/** The table and columns that a record becomes, in the order in which `writePrediction` writes them. */
export const PREDICTIONS =
  "serving_log.predictions (endpoint_id, project_id, version_id, prediction_id, request_id, event_time, received_at, numbers, categories, label, probabilities, value, latency_us, arm, routed, entity_key, caller)";
const COLUMNS = 17;

/** Adds a record to `rows`. What happened at no stated time happened when it was received. */
export function writePrediction(rows: CopyWriter, record: PredictionRecord): void {
  rows.row(COLUMNS);
  rows.uuid(record.endpointId);
  rows.uuid(record.projectId);
  rows.uuid(record.modelVersionId);
  rows.text(record.predictionId);
  rows.text(record.requestId);
  rows.time(record.eventTime ?? record.receivedAt);
  rows.time(record.receivedAt);
  rows.float8s(record.numbers, record.hidden);
  rows.texts(record.categories);
  rows.textOrNull(record.label);
  if (record.probabilities === null) rows.null();
  else rows.float8s(record.probabilities);
  if (record.value === null) rows.null();
  else rows.float8(record.value);
  rows.integer(Math.min(Math.round(record.latencyUs), 0x7fffffff));
  rows.smallint(record.arm);
  rows.boolean(record.routed);
  rows.textOrNull(record.entityKey);
  if (record.caller === null) rows.null();
  else rows.uuid(record.caller);
}
