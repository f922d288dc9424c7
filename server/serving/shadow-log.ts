import type { Registry } from "prom-client";
import type { CopyWriter } from "#server/platform/copy-format.ts";
import { copyIn } from "#server/platform/copy.ts";
import { transaction } from "#server/platform/db.ts";
import type { Log } from "#server/platform/log.ts";
import { LogBatch } from "./log-batch.ts";
import { LogQueue } from "./log-queue.ts";
import type { ShadowRecord } from "./records-contract.ts";

const MAX_BYTES = 8 * 1024 * 1024;
const TABLE =
  "serving_log.shadow_predictions (endpoint_id, project_id, version_id, arm_id, prediction_id, event_time, received_at, label, probabilities, value, latency_us)";
const COLUMNS = 11;

/** Keeps what shadows said, beside the predictions of the same ids. */
export class ShadowLog extends LogQueue<ShadowRecord> {
  constructor(log: Log, metrics: Registry) {
    const kind = {
      metric: "touchstone_serving_shadow_log",
      lines: "shadow predictions",
      maxBytes: MAX_BYTES,
      open: () => new LogBatch(write, keyOf),
      keyOf,
      write: async (batch: LogBatch<ShadowRecord>) => {
        await transaction(async (client) => await copyIn(client, TABLE, batch.rows.rows()));
      },
    };
    super(kind, log, metrics);
  }
}

function keyOf(record: ShadowRecord): string {
  return `${record.endpointId} ${record.modelVersionId} shadow`;
}

function write(rows: CopyWriter, record: ShadowRecord): void {
  rows.row(COLUMNS);
  rows.uuid(record.endpointId);
  rows.uuid(record.projectId);
  rows.uuid(record.modelVersionId);
  rows.uuid(record.armId);
  rows.text(record.predictionId);
  rows.time(record.eventTime ?? record.receivedAt);
  rows.time(record.receivedAt);
  rows.textOrNull(record.label);
  if (record.probabilities === null) rows.null();
  else rows.float8s(record.probabilities);
  if (record.value === null) rows.null();
  else rows.float8(record.value);
  rows.integer(Math.min(Math.round(record.latencyUs), 0x7fffffff));
}
