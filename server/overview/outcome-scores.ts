import { criticalValue, wilson } from "#server/kernel/statistics/intervals.ts";
import { pool } from "#server/platform/db.ts";
import type { Score } from "./contract.ts";

/** The newest days of a version are read until this many outcomes are found, so that the cost does not grow with the log. */
const ENOUGH = 100_000;
const KEPT = 500;

interface Span {
  readonly endpoint_id: string;
  readonly version_id: string;
  readonly from: string;
  readonly to: string;
  readonly outcomes: string;
  readonly changed: Date;
}
interface Counts {
  readonly classes: string;
  readonly right: string;
  readonly numbers: string;
  readonly error: number | null;
  readonly deviation: number | null;
}

/** Scores by what they were computed from: a figure is computed again only when outcomes arrived. */
const known = new Map<string, { readonly state: string; readonly score: Score | null }>();

/**
 * How the versions of these endpoints did on predictions whose outcome is known, by version id. Of each version the newest days are read, as many as hold
 * a hundred thousand outcomes; a prediction that was made twice counts once. An endpoint of another project has nothing.
 */
export async function outcomeScores(
  projectId: string,
  endpointIds: readonly string[],
): Promise<ReadonlyMap<string, Score>> {
  if (endpointIds.length === 0) return new Map();
  const { rows } = await pool().query<Span>(
    `with days as (
       select d.endpoint_id, d.version_id, d.day, d.outcomes, d.last_outcome_at,
              sum(d.outcomes) over (partition by d.endpoint_id, d.version_id order by d.day desc) as upto
       from serving_log.event_days d join endpoints e on e.id = d.endpoint_id
       where d.endpoint_id = any($1) and e.project_id = $2 and d.outcomes > 0)
     select endpoint_id, version_id, min(day)::text as from, max(day)::text as to, sum(outcomes) as outcomes,
            max(last_outcome_at) as changed
     from days where upto - outcomes < $3 group by 1, 2 order by sum(outcomes)`,
    [endpointIds, projectId, ENOUGH],
  );
  const scores = new Map<string, Score>();
  for (const span of rows) {
    const score = await scoreOf(span);
    if (score) scores.set(span.version_id, score);
  }
  return scores;
}

async function scoreOf(span: Span): Promise<Score | null> {
  const key = `${span.endpoint_id} ${span.version_id}`;
  const state = `${span.from} ${span.to} ${span.outcomes} ${span.changed.toISOString()}`;
  const kept = known.get(key);
  if (kept?.state === state) return kept.score;
  const { rows } = await pool().query<Counts>(
    `select count(*) filter (where o.label is not null and p.label is not null) as classes,
            count(*) filter (where o.label = p.label) as right,
            count(*) filter (where o.value is not null and p.value is not null) as numbers,
            avg(abs(o.value - p.value)) as error, stddev_samp(abs(o.value - p.value)) as deviation
     from (select distinct on (prediction_id) prediction_id, label, value from serving_log.predictions
           where endpoint_id = $1 and version_id = $2 and event_time >= $3::date and event_time < $4::date + 1
           order by prediction_id, received_at desc) p
     join serving_log.outcomes o on o.endpoint_id = $1 and o.prediction_id = p.prediction_id`,
    [span.endpoint_id, span.version_id, span.from, span.to],
  );
  const score = rows[0] ? toScore(rows[0], span) : null;
  if (known.size >= KEPT) known.clear();
  known.set(key, { state, score });
  return score;
}

function toScore(counts: Counts, { from, to }: Span): Score | null {
  const classes = Number(counts.classes);
  const numbers = Number(counts.numbers);
  if (classes > 0) {
    const right = Number(counts.right);
    const { low, high } = wilson(right, classes);
    return { kind: "share", value: right / classes, low, high, n: classes, from, to };
  }
  if (numbers === 0 || counts.error === null) return null;
  // The normal interval of a mean of many independent errors.
  const half = counts.deviation === null ? null : (criticalValue(0.95) * counts.deviation) / Math.sqrt(numbers);
  return {
    kind: "error",
    value: counts.error,
    low: half === null ? null : Math.max(0, counts.error - half),
    high: half === null ? null : counts.error + half,
    n: numbers,
    from,
    to,
  };
}
