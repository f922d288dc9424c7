import type { QueryConfig } from "pg";

// One statement, so that a compaction between two readings can neither hide a point nor show it twice.
const heads = (keyed: boolean) => `
  select id::text, run_id, key, count, first_step, first_time, first_value, last_step, last_time, last_value, timely, blocks,
    null::text as keys, null::bytea as points
  ${stored("metric_chunks", keyed)}
  union all
  select null, run_id, null, 0, 0, 0, 0, 0, 0, 0, true, null, json_build_object('keys', keys, 'counts', counts)::text, points
  ${stored("metric_batches", keyed)}`;

// Stored chunks and batches never change, they are replaced by others: their ids alone say whether anything did.
const stamp = (keyed: boolean) => `
  select md5(coalesce(string_agg(part, ',' order by part), '')) as stamp from (
    select 'c' || id as part ${stored("metric_chunks", keyed)}
    union all
    select 'b' || id ${stored("metric_batches", keyed)}) parts`;

const TEXTS = {
  heads: { all: heads(false), keyed: heads(true) },
  stamp: { all: stamp(false), keyed: stamp(true) },
};

/** What is stored of the histories of these runs, of all metrics when `keys` is null: the parts without the points of chunks, or one text that changes when they do. */
export function historyQuery(
  kind: keyof typeof TEXTS,
  runIds: readonly string[],
  keys: readonly string[] | null,
): QueryConfig {
  if (keys === null) return { name: `metric-${kind}`, text: TEXTS[kind].all, values: [runIds] };
  return { name: `metric-${kind}-of-keys`, text: TEXTS[kind].keyed, values: [runIds, keys] };
}

/**
 * Two forms rather than one with "or": from the sixth time on Postgres takes a plan that serves all values of the parameters, and would read every metric of
 * the runs to find the few.
 */
function stored(table: "metric_chunks" | "metric_batches", keyed: boolean): string {
  const ofKeys = table === "metric_chunks" ? "key = any($2::text[])" : "keys && $2::text[]";
  return `from ${table} where run_id = any($1::text[])${keyed ? ` and ${ofKeys}` : ""}`;
}
