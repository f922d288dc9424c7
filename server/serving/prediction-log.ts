import type { Registry } from "prom-client";
import { copyIn } from "#server/platform/copy.ts";
import { transaction } from "#server/platform/db.ts";
import type { Log } from "#server/platform/log.ts";
import { armOfCode } from "./arms-contract.ts";
import { isoDay } from "./log-partitions.ts";
import { LogQueue } from "./log-queue.ts";
import { PredictionBatch } from "./prediction-batch.ts";
import { PREDICTIONS } from "./prediction-row.ts";
import type { PredictionRecord } from "./records-contract.ts";

export interface PredictionLogOptions {
  readonly log: Log;
  readonly metrics: Registry;
  /** Called after rows were written, with the endpoints and the projects they belong to. */
  readonly onWritten?: (endpoints: ReadonlyMap<string, string>) => void;
  /** What may wait in memory; beyond it rows are dropped and counted. */
  readonly maxBytes?: number;
}

const MAX_BYTES = 32 * 1024 * 1024;
const DAY_MS = 86_400_000;

/** Keeps predictions, as LogQueue says, and counts them by the day of their events. */
export class PredictionLog extends LogQueue<PredictionRecord, PredictionBatch> {
  constructor({ log, metrics, onWritten, maxBytes }: PredictionLogOptions) {
    const kind = {
      metric: "touchstone_serving_log",
      lines: "predictions",
      maxBytes: maxBytes ?? MAX_BYTES,
      open: () => new PredictionBatch(keyOf),
      keyOf,
      write: writeBatch,
    };
    super(kind, log, metrics, onWritten);
  }
}

let last: Pick<PredictionRecord, "endpointId" | "modelVersionId" | "arm"> | undefined;
let lastKey = "";

/** Most records follow one of the same endpoint, version and arm: their key is the same text, which is not made and hashed anew. */
function keyOf(record: PredictionRecord): string {
  const { endpointId, modelVersionId, arm } = record;
  if (last?.modelVersionId !== modelVersionId || last.arm !== arm || last.endpointId !== endpointId) {
    last = { endpointId, modelVersionId, arm };
    lastKey = `${endpointId} ${modelVersionId} ${armOfCode(arm)}`;
  }
  return lastKey;
}

async function writeBatch(batch: PredictionBatch): Promise<void> {
  await transaction(async (client) => {
    await copyIn(client, PREDICTIONS, batch.rows.rows());
    const days = batch.days();
    await client.query(
      `insert into serving_log.event_days as d (endpoint_id, version_id, day, predictions, last_received_at)
       select endpoint_id, version_id, day, predictions, now()
       from unnest($1::uuid[], $2::uuid[], $3::date[], $4::int[]) as t (endpoint_id, version_id, day, predictions)
       on conflict (endpoint_id, day, version_id)
       do update set predictions = d.predictions + excluded.predictions, last_received_at = now()`,
      [
        days.map((d) => d.endpointId),
        days.map((d) => d.versionId),
        days.map((d) => isoDay(d.day * DAY_MS)),
        days.map((d) => d.predictions),
      ],
    );
  });
}
