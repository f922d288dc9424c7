import { pool } from "#server/platform/db.ts";
import type { TrafficDay, TrafficRange } from "./contract.ts";

interface Row {
  readonly day: string;
  readonly predictions: string;
  readonly outcomes: string;
  readonly last_received_at: Date;
  readonly last_outcome_at: Date | null;
  readonly versions: readonly { versionId: string; predictions: number }[];
}

/**
 * What the log holds of an endpoint by day (UTC) of the events, with when each day changed last. For code that has found
 * the endpoint within its project. Costs a row per day and version, whatever the number of predictions.
 */
export async function listTrafficRange(endpointId: string): Promise<TrafficRange> {
  const { rows } = await pool().query<Row>(
    `select d.day::text, sum(d.predictions) as predictions, sum(d.outcomes) as outcomes,
            max(d.last_received_at) as last_received_at, max(d.last_outcome_at) as last_outcome_at,
            json_agg(json_build_object('versionId', d.version_id, 'predictions', d.predictions) order by d.version_id) as versions
     from serving_log.event_days d where d.endpoint_id = $1 and d.predictions > 0
     group by d.day order by d.day`,
    [endpointId],
  );
  const days = rows.map(
    (row): TrafficDay => ({
      day: row.day,
      predictions: Number(row.predictions),
      outcomes: Number(row.outcomes),
      lastReceivedAt: row.last_received_at.toISOString(),
      lastOutcomeAt: row.last_outcome_at?.toISOString() ?? null,
      versions: row.versions,
    }),
  );
  return {
    predictions: days.reduce((n, day) => n + day.predictions, 0),
    outcomes: days.reduce((n, day) => n + day.outcomes, 0),
    firstDay: days[0]?.day ?? null,
    lastDay: days.at(-1)?.day ?? null,
    days,
  };
}
