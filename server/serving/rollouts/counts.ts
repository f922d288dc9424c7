import { emptyLatencies, mergeLatencies } from "#server/kernel/statistics/latency-histogram.ts";
import { type Db, Prisma } from "#server/platform/db.ts";
import type { ArmFigures } from "../rollout-contract.ts";
import type { QualityFigures } from "./guards.ts";

export interface Sides<T> {
  readonly champion: T;
  readonly challenger: T;
}
interface Who {
  readonly requestId: string;
  readonly modelId: string;
  readonly versionId: string;
  readonly baseVersionId: string;
  readonly startedAt: Date;
}

export const NO_FIGURES: ArmFigures = { requests: 0, routed: 0, errors: 0, latency: emptyLatencies() };

/** What both versions did while the rollout's canaries had their part of the requests, on all endpoints of the model, as the serving processes counted it. */
export async function readFigures(db: Db, rollout: Who): Promise<Sides<ArmFigures>> {
  const rows = await db.$queryRaw<
    { arm: string; requests: number; routed: number; errors: number; latencies: number[][] | null }[]
  >(Prisma.sql`
    select m.arm, sum(m.requests)::float8 as requests, sum(m.routed)::float8 as routed,
           sum(m.errors_4xx + m.errors_5xx)::float8 as errors,
           json_agg(m.latency) filter (where cardinality(m.latency) > 0) as latencies
    from endpoint_arms a join endpoint_minutes m on m.endpoint_id = a.endpoint_id and m.beside = a.id::text
    where a.request_id = ${rollout.requestId}::uuid and a.kind = 'canary'
      and m.minute >= date_trunc('minute', ${rollout.startedAt}::timestamptz)
      and ((m.arm = 'canary' and m.version_id = ${rollout.versionId}::uuid)
        or (m.arm = 'champion' and m.version_id = ${rollout.baseVersionId}::uuid))
    group by m.arm`);
  const sideOf = (arm: string): ArmFigures => {
    const row = rows.find((one) => one.arm === arm);
    if (!row) return NO_FIGURES;
    return {
      requests: row.requests,
      routed: row.routed,
      errors: row.errors,
      latency: mergeLatencies(row.latencies ?? []),
    };
  };
  return { champion: sideOf("champion"), challenger: sideOf("canary") };
}

/** What was counted after `before`. A count never falls; where a process told late, nothing is taken away. */
export function since(now: ArmFigures, before: ArmFigures): ArmFigures {
  return {
    requests: Math.max(0, now.requests - before.requests),
    routed: Math.max(0, now.routed - before.routed),
    errors: Math.max(0, now.errors - before.errors),
    latency: now.latency.map((n, i) => Math.max(0, n - (before.latency[i] ?? 0))),
  };
}

/** Predicted classes since the rollout began whose outcome is known, and how many of them it bore out. A repeated prediction counts once, the newest. */
export async function readQuality(db: Db, rollout: Who): Promise<Sides<QualityFigures>> {
  const rows = await db.$queryRaw<{ version_id: string; known: number; right: number }[]>(Prisma.sql`
    with newest as (
      select distinct on (p.endpoint_id, p.prediction_id) p.endpoint_id, p.prediction_id, p.version_id, p.label
      from serving_log.predictions p join endpoints e on e.id = p.endpoint_id
      where e.model_id = ${rollout.modelId}::uuid and p.received_at >= ${rollout.startedAt}::timestamptz
        and p.version_id in (${rollout.versionId}::uuid, ${rollout.baseVersionId}::uuid) and p.label is not null
      order by p.endpoint_id, p.prediction_id, p.received_at desc)
    select n.version_id, count(*)::float8 as known, count(*) filter (where o.label = n.label)::float8 as "right"
    from newest n join serving_log.outcomes o on o.endpoint_id = n.endpoint_id and o.prediction_id = n.prediction_id
    where o.label is not null
    group by n.version_id`);
  const sideOf = (versionId: string): QualityFigures => {
    const row = rows.find((one) => one.version_id === versionId);
    return { known: row?.known ?? 0, right: row?.right ?? 0 };
  };
  return { champion: sideOf(rollout.baseVersionId), challenger: sideOf(rollout.versionId) };
}
