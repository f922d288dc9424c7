import { pool } from "#server/platform/db.ts";
import type { EntityOutcome } from "./contract.ts";

/** Ids of the predictions that an outcome may mean: one when it is clear, none when there is none, several when nothing tells them apart. */
export type EntityMatch = readonly string[];

/** Of predictions that happened at the same moment so many are named. */
const NAMED = 10;

/**
 * Which prediction of its entity each outcome means: the one with the latest event time that is not after the observation and not before `since`. Several
 * ids at that very time are several answers; a prediction that was made again under its own id is one.
 *
 * One index scan per outcome and day's partition (predictions_by_entity), from the latest event backwards.
 */
export async function matchEntities(
  endpointId: string,
  outcomes: readonly EntityOutcome[],
): Promise<Map<EntityOutcome, EntityMatch>> {
  const { rows } = await pool().query<{ n: number; ids: string[] }>(
    `select t.n, array_agg(distinct m.prediction_id order by m.prediction_id) as ids
     from unnest($2::int[], $3::text[], $4::float8[], $5::float8[]) as t (n, entity_key, observed_ms, since_ms)
     cross join lateral (
       select p.prediction_id, rank() over (order by p.event_time desc) as place
       from serving_log.predictions p
       where p.endpoint_id = $1 and p.entity_key = t.entity_key
         and p.event_time <= to_timestamp(t.observed_ms / 1000)
         and p.event_time >= coalesce(to_timestamp(t.since_ms / 1000), '-infinity'::timestamptz)
       order by p.event_time desc limit $6) m
     where m.place = 1
     group by t.n`,
    [
      endpointId,
      outcomes.map((_, n) => n),
      outcomes.map((outcome) => outcome.entityKey),
      outcomes.map((outcome) => outcome.observedAt),
      outcomes.map((outcome) => outcome.since),
      NAMED,
    ],
  );
  const found = new Map(rows.map(({ n, ids }) => [n, ids]));
  return new Map(outcomes.map((outcome, n) => [outcome, found.get(n) ?? []]));
}
