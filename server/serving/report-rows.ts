import { FLOAT_EPSILON } from "#server/kernel/statistics/probability-scores.ts";
import type { UnitSums } from "#server/kernel/statistics/two-samples.ts";
import { pool } from "#server/platform/db.ts";
import type { MetricSums } from "./report-metrics.ts";

/** What is compared: the routed predictions of two arms within a span. */
export interface Compared {
  readonly endpointId: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly sides: readonly {
    /** Of ARM_CODES. */
    readonly code: number;
    readonly versionId: string;
    /** In the order of its probabilities. */
    readonly classes: readonly string[] | null;
  }[];
}

export interface LoggedCounts {
  readonly rows: number;
  readonly outcomes: number;
  /** Rows whose caller said of whom they speak. */
  readonly keyed: number;
  /** Entities that were named, in predictions and, where all of them are kept, in failed requests. */
  readonly entities: number;
}

/** The routed predictions of the two sides, each id once, the newest. */
const ROWS = `select distinct on (p.arm, p.prediction_id)
    p.arm, p.prediction_id, p.request_id, p.entity_key, p.label, p.probabilities, p.value
  from serving_log.predictions p
  where p.endpoint_id = $1 and p.routed and p.received_at >= to_timestamp($2::float8 / 1000)
    and p.received_at < to_timestamp($3::float8 / 1000)
    and ((p.arm = $4 and p.version_id = $5) or (p.arm = $6 and p.version_id = $7))
  order by p.arm, p.prediction_id, p.received_at desc`;

function parametersOf({ endpointId, from, to, sides }: Compared): unknown[] {
  const [a, b] = sides;
  return [endpointId, from, to, a?.code ?? -1, a?.versionId, b?.code ?? -1, b?.versionId];
}

/** Logged rows, outcomes and entities by arm. Failed requests name their entities too; a sampled log would count them more often than the answered. */
export async function countLogged(compared: Compared, withErrors: boolean): Promise<Map<number, LoggedCounts>> {
  const failed = withErrors
    ? `union select e.arm, e.entity_key from serving_log.request_errors e
       where e.endpoint_id = $1 and e.routed and e.entity_key is not null and e.received_at >= to_timestamp($2::float8 / 1000)
         and e.received_at < to_timestamp($3::float8 / 1000)
         and ((e.arm = $4 and e.version_id = $5) or (e.arm = $6 and e.version_id = $7))`
    : "";
  const { rows } = await pool().query<{ arm: number; rows: string; outcomes: string; keyed: string; entities: string }>(
    `with predicted as materialized (${ROWS}),
     named as (select arm, entity_key from predicted where entity_key is not null ${failed})
     select p.arm, count(*) as rows, count(o.prediction_id) as outcomes, count(p.entity_key) as keyed,
            (select count(distinct n.entity_key) from named n where n.arm = p.arm) as entities
     from predicted p
     left join serving_log.outcomes o on o.endpoint_id = $1 and o.prediction_id = p.prediction_id
     group by p.arm`,
    parametersOf(compared),
  );
  return new Map(
    rows.map((row) => [
      row.arm,
      {
        rows: Number(row.rows),
        outcomes: Number(row.outcomes),
        keyed: Number(row.keyed),
        entities: Number(row.entities),
      },
    ]),
  );
}

interface SumRow extends Record<keyof UnitSums, string> {
  readonly arm: number;
  readonly metric: MetricSums["metric"];
}

/** What the metrics of both sides are computed from, summed over units: entities where they were named, else requests. */
export async function sumMetrics(compared: Compared): Promise<MetricSums[]> {
  const [a, b] = compared.sides;
  const { rows } = await pool().query<SumRow>(
    `with predicted as materialized (${ROWS}),
     told as (
       select p.arm, coalesce(p.entity_key, 'request ' || p.request_id) as unit, p.label, p.value, p.probabilities,
              o.label as true_label, o.value as true_value,
              array_position(case when p.arm = $4 then $8::text[] else $9::text[] end, o.label) as class
       from predicted p join serving_log.outcomes o on o.endpoint_id = $1 and o.prediction_id = p.prediction_id),
     measured as (
       select arm, unit, 'accuracy' as metric, (label = true_label)::int::float8 as y
         from told where label is not null and true_label is not null
       union all
       select arm, unit, 'log_loss', -ln(least(greatest(probabilities[class], $10::float8), 1 - $10::float8))
         from told where class is not null and probabilities[class] between 0 and 1
       union all
       select arm, unit, 'mean_absolute_error', abs(value - true_value)
         from told where value is not null and true_value is not null),
     units as (select arm, metric, unit, sum(y) as y, count(*)::float8 as n from measured group by 1, 2, 3)
     select arm, metric, count(*) as units, sum(n) as n, sum(y) as y, sum(y * y) as yy, sum(y * n) as yn, sum(n * n) as nn
     from units group by 1, 2`,
    [...parametersOf(compared), a?.classes ?? [], b?.classes ?? [], FLOAT_EPSILON],
  );
  return rows.map(({ arm, metric, ...sums }) => ({
    code: arm,
    metric,
    sums: {
      units: Number(sums.units),
      n: Number(sums.n),
      y: Number(sums.y),
      yy: Number(sums.yy),
      yn: Number(sums.yn),
      nn: Number(sums.nn),
    },
  }));
}
