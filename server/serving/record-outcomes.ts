import { setTimeout as sleep } from "node:timers/promises";
import { pool, transaction } from "#server/platform/db.ts";
import type { EntityOutcome, Outcome, OutcomeReceipt, ToldOutcome } from "./contract.ts";
import { type EntityMatch, matchEntities } from "./match-entities.ts";

/** A prediction is written within a tenth of a second of its answer, maybe by another process: an outcome that is faster waits for it once. */
const PATIENCE_MS = 300;

/** Where a logged prediction is counted. One that was made again may have two such places. */
interface Place {
  readonly version_id: string;
  /** As 2013-07-01. */
  readonly day: string;
}

/**
 * Joins what really happened to the predictions of an endpoint. Of several outcomes of one prediction the latest told stands, and the corrections are
 * counted; telling the same again changes nothing. Ids and entities that no logged prediction has are named in the answer and not kept, and so are
 * entities of which several predictions are meant equally.
 */
export async function recordOutcomes(endpointId: string, outcomes: readonly ToldOutcome[]): Promise<OutcomeReceipt> {
  const ofEntities = outcomes.filter((outcome) => "entityKey" in outcome);
  const matches =
    ofEntities.length > 0 ? await matchInTime(endpointId, ofEntities) : new Map<EntityOutcome, EntityMatch>();
  const byId = outcomes.flatMap((outcome): Outcome[] => {
    if ("predictionId" in outcome) return [outcome];
    const found = matches.get(outcome) ?? [];
    const [predictionId] = found;
    if (predictionId === undefined || found.length > 1) return [];
    return [{ predictionId, label: outcome.label, value: outcome.value, observedAt: outcome.observedAt }];
  });
  const receipt = await recordById(endpointId, byId);
  return ofEntities.length > 0 ? { ...receipt, entities: namedIn(matches) } : receipt;
}

async function recordById(endpointId: string, outcomes: readonly Outcome[]): Promise<OutcomeReceipt> {
  const latest = new Map(outcomes.map((outcome) => [outcome.predictionId, outcome]));
  const known = new Map<string, Place[]>();
  await findPredictions(endpointId, [...latest.keys()], known);
  if (known.size < latest.size) {
    await sleep(PATIENCE_MS);
    const missing = [...latest.keys()].filter((id) => !known.has(id));
    await findPredictions(endpointId, missing, known);
  }
  const told = [...latest.values()].filter((outcome) => known.has(outcome.predictionId));
  if (told.length > 0) await write(endpointId, told, known);
  const unknown = [...latest.keys()].filter((id) => !known.has(id));
  return { accepted: outcomes.filter((outcome) => known.has(outcome.predictionId)).length, unknown };
}

/** As matchEntities; entities without a prediction are looked for once more, when one that was just answered is in the log. */
async function matchInTime(
  endpointId: string,
  outcomes: readonly EntityOutcome[],
): Promise<Map<EntityOutcome, EntityMatch>> {
  const matches = await matchEntities(endpointId, outcomes);
  const missing = outcomes.filter((outcome) => matches.get(outcome)?.length === 0);
  if (missing.length === 0) return matches;
  await sleep(PATIENCE_MS);
  for (const [outcome, match] of await matchEntities(endpointId, missing)) matches.set(outcome, match);
  return matches;
}

function namedIn(matches: ReadonlyMap<EntityOutcome, EntityMatch>): NonNullable<OutcomeReceipt["entities"]> {
  const named = [...matches].map(([{ entityKey, observedAt }, ids]) => ({
    ids,
    entity: { entity_key: entityKey, observed_at: new Date(observedAt).toISOString() },
  }));
  return {
    matched: named.flatMap(({ entity, ids: [id, ...more] }) =>
      id !== undefined && more.length === 0 ? [{ ...entity, prediction_id: id }] : [],
    ),
    unknown: named.flatMap(({ entity, ids }) => (ids.length === 0 ? [entity] : [])),
    ambiguous: named.flatMap(({ entity, ids }) => (ids.length > 1 ? [{ ...entity, prediction_ids: ids }] : [])),
  };
}

async function findPredictions(endpointId: string, ids: readonly string[], known: Map<string, Place[]>): Promise<void> {
  const { rows } = await pool().query<Place & { id: string }>(
    `select distinct prediction_id as id, version_id, ((event_time at time zone 'UTC')::date)::text as day
     from serving_log.predictions where endpoint_id = $1 and prediction_id = any($2::text[])`,
    [endpointId, ids],
  );
  for (const { id, ...place } of rows) known.set(id, [...(known.get(id) ?? []), place]);
}

async function write(
  endpointId: string,
  told: readonly Outcome[],
  known: ReadonlyMap<string, readonly Place[]>,
): Promise<void> {
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
    const days = new Map<string, Place & { fresh: number }>();
    for (const { id, is_new } of rows)
      for (const place of known.get(id) ?? []) {
        const key = `${place.day} ${place.version_id}`;
        const counted = days.get(key) ?? { ...place, fresh: 0 };
        if (is_new) counted.fresh += 1;
        days.set(key, counted);
      }
    const places = [...days.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place);
    if (places.length === 0) return;
    await client.query(
      `update serving_log.event_days d set outcomes = d.outcomes + t.fresh, last_outcome_at = now()
       from unnest($2::uuid[], $3::date[], $4::int[]) as t (version_id, day, fresh)
       where d.endpoint_id = $1 and d.version_id = t.version_id and d.day = t.day`,
      [endpointId, places.map((p) => p.version_id), places.map((p) => p.day), places.map((p) => p.fresh)],
    );
  });
}
