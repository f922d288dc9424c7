import { isUuid } from "#server/kernel/ids.ts";
import { copyOut } from "#server/platform/copy.ts";
import { ServedArm } from "./contract.ts";
import { type TrafficCounts, emptyCounts } from "./traffic-totals.ts";

/** Whose counts they are. */
export interface CountedArm {
  readonly versionId: string;
  readonly arm: ServedArm;
  /** The canary or A/B that had a part of the requests meanwhile; "" while none had. */
  readonly beside: string;
  /** Requests that the router gave to it. */
  readonly routed: number;
}

/**
 * The counts of endpoints from `from` until before `to` (milliseconds since 1970), one call of `take` per endpoint, version, arm, arm beside it, process and minute.
 * Read in binary: a month of minutes is some seven million numbers.
 */
export async function readMinutes(
  endpointIds: readonly string[],
  from: number,
  to: number,
  take: (endpointId: string, minute: number, counts: TrafficCounts, of: CountedArm) => void,
): Promise<void> {
  const ids = endpointIds.filter(isUuid);
  if (ids.length === 0) return;
  const at = (ms: number) => `'${new Date(ms).toISOString()}'::timestamptz`;
  const query = `select endpoint_id, version_id, arm, beside, minute, requests, routed, rows, errors_4xx, errors_5xx, executions, skipped,
      log_dropped, latency from endpoint_minutes
    where endpoint_id in (${ids.map((id) => `'${id}'`).join()}) and minute >= ${at(from)} and minute < ${at(to)}`;
  await copyOut(query, (row) => {
    const counts = emptyCounts();
    const [endpointId, versionId] = [row.uuid(), row.uuid()];
    const arm = ServedArm.catch("champion").parse(row.text());
    const beside = row.text() ?? "";
    const minute = row.time();
    counts.requests = row.integer();
    const routed = row.integer();
    counts.rows = row.integer();
    counts.refused = row.integer();
    counts.failed = row.integer();
    counts.executions = row.integer();
    counts.skipped = row.integer();
    counts.logDropped = row.integer();
    row.integers((bucket, count) => {
      counts.latency[bucket] = count;
    });
    take(endpointId, minute, counts, { versionId, arm, beside, routed });
  });
}
