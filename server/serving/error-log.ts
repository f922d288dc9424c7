import type { Registry } from "prom-client";
import type { CopyWriter } from "#server/platform/copy-format.ts";
import { copyIn } from "#server/platform/copy.ts";
import { transaction } from "#server/platform/db.ts";
import type { Log } from "#server/platform/log.ts";
import { LogBatch } from "./log-batch.ts";
import { LogQueue } from "./log-queue.ts";
import type { RequestErrorRecord } from "./records-contract.ts";

const MAX_BYTES = 4 * 1024 * 1024;
const TABLE =
  "serving_log.request_errors (endpoint_id, project_id, version_id, arm, routed, request_id, received_at, status, message, entity_key, caller, body, latency_us)";
const COLUMNS = 13;

/** Keeps requests that got no prediction, all of them as far as they fit, whatever share of the predictions is kept. */
export class ErrorLog extends LogQueue<RequestErrorRecord> {
  constructor(log: Log, metrics: Registry) {
    const kind = {
      metric: "touchstone_serving_error_log",
      lines: "request errors",
      maxBytes: MAX_BYTES,
      open: () => new LogBatch(write, keyOf),
      keyOf,
      write: async (batch: LogBatch<RequestErrorRecord>) => {
        await transaction(async (client) => await copyIn(client, TABLE, batch.rows.rows()));
      },
    };
    super(kind, log, metrics);
  }
}

function keyOf(record: RequestErrorRecord): string {
  return record.endpointId;
}

function write(rows: CopyWriter, record: RequestErrorRecord): void {
  rows.row(COLUMNS);
  rows.uuid(record.endpointId);
  rows.uuid(record.projectId);
  if (record.modelVersionId === null) rows.null();
  else rows.uuid(record.modelVersionId);
  if (record.arm === null) rows.null();
  else rows.smallint(record.arm);
  rows.boolean(record.routed);
  rows.text(record.requestId);
  rows.time(record.receivedAt);
  rows.smallint(record.status);
  rows.text(record.message);
  rows.textOrNull(record.entityKey);
  if (record.caller === null) rows.null();
  else rows.uuid(record.caller);
  rows.textOrNull(record.body);
  rows.integer(Math.min(Math.round(record.latencyUs), 0x7fffffff));
}
