import { setTimeout as sleep } from "node:timers/promises";
import { pool, transaction } from "#server/platform/db.ts";
import type { Outcome, OutcomeReceipt } from "./contract.ts";

/** A prediction is written within a tenth of a second of its answer, maybe by another process: an outcome that is faster waits for it once. */
const PATIENCE_MS = 300;

/**
 * Joins what really happened to the predictions of an endpoint. Of several outcomes of one prediction the latest told stands, and the corrections are
 * counted; telling the same again changes nothing. Ids that no logged prediction has are named in the answer and not kept.
 */
export async function recordOutcomes(endpointId: string, outcomes: readonly Outcome[]): Promise<OutcomeReceipt> {
  const latest = new Map(outcomes.map((outcome) => [outcome.predictionId, outcome]));
  const known = await knownIds(endpointId, [...latest.keys()]);
  if (known.size < latest.size) {
    await sleep(PATIENCE_MS);
    const missing = [...latest.keys()].filter((id) => !known.has(id));
    for (const id of await knownIds(endpointId, missing)) known.add(id);
  }
  const told = [...latest.values()].filter((outcome) => known.has(outcome.predictionId));
  if (told.length > 0) await write(endpointId, told);
  const unknown = [...latest.keys()].filter((id) => !known.has(id));
  return { accepted: outcomes.filter((outcome) => known.has(outcome.predictionId)).length, unknown };
}

async function knownIds(endpointId: string, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool().query<{ id: string }>(
    `select distinct prediction_id as id from serving_log.predictions
     where endpoint_id = $1 and prediction_id = any($2::text[])`,
    [endpointId, ids],
  );
  return new Set(rows.map((row) => row.id));
}

async function write(endpointId: string, told: readonly Outcome[]): Promise<void> {
  await transaction(async (client) => {
    // Sorted, so that two callers who tell the same predictions at once wait for each other instead of for ever.
    const sorted = [...told].sort((a, b) => (a.predictionId < b.predictionId ? -1 : 1));
    const { rows } = await client.query<{ id: string; is_new: boolean }>(
      `insert into serving_log.outcomes as o (endpoint_id, prediction_id, label, value, observed_at, received_at)
       select $1, id, label, value, coalesce(to_timestamp(observed_ms / 1000), now()), now()
       from unnest($2::text[], $3::text[], $4::float8[], $5::float8[]) as t (id, label, value, observed_ms)
       on conflict (endpoint_id, prediction_id) do update
       set label = excluded.label, value = excluded.value, observed_at = excluded.observed_at,
           received_at = excluded.received_at, corrections = o.corrections + 1
       where (o.label, o.value) is distinct from (excluded.label, excluded.value)
       returning prediction_id as id, corrections = 0 as is_new`,
      [
        endpointId,
        sorted.map((o) => o.predictionId),
        sorted.map((o) => o.label),
        sorted.map((o) => o.value),
        sorted.map((o) => o.observedAt),
      ],
    );
    if (rows.length === 0) return;
    const changed = rows.map((row) => row.id);
    const fresh = rows.filter((row) => row.is_new).map((row) => row.id);
    await client.query(
      `update serving_log.event_days d
       set outcomes = d.outcomes + f.n, last_outcome_at = now()
       from (
         select version_id, (event_time at time zone 'UTC')::date as day,
                count(distinct prediction_id) filter (where prediction_id = any($3::text[])) as n
         from serving_log.predictions
         where endpoint_id = $1 and prediction_id = any($2::text[])
         group by 1, 2 order by 2, 1
       ) f
       where d.endpoint_id = $1 and d.version_id = f.version_id and d.day = f.day`,
      [endpointId, changed, fresh],
    );
  });
}
