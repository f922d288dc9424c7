import { sampleRatio } from "#server/kernel/statistics/sample-ratio.ts";
import { ARM_CODES, type AnsweringArm, type SampleRatio } from "./arms-contract.ts";
import type { LoggedCounts } from "./report-rows.ts";

/** Below it a split is taken to be broken. It is looked at again and again, so it is stricter than that of a single test (Fabijan et al. 2019 use 0.0005). */
const ALPHA = 0.001;

/**
 * Whether the arm got the share that was declared. Counted are requests; but where most rows name an entity, the entities, because all requests of one
 * go together: many requests of one entity are one draw, not many.
 */
export function ratioOf({
  champion,
  arm,
  counted,
  challenger,
  share,
}: {
  readonly champion: number;
  readonly arm: number;
  readonly counted: ReadonlyMap<number, LoggedCounts>;
  readonly challenger: { readonly arm: AnsweringArm };
  readonly share: number;
}): SampleRatio {
  const [first, second] = [counted.get(ARM_CODES.champion), counted.get(ARM_CODES[challenger.arm])];
  const rows = (first?.rows ?? 0) + (second?.rows ?? 0);
  const keyed = (first?.keyed ?? 0) + (second?.keyed ?? 0);
  const byEntity = keyed * 2 > rows;
  const [a, b] = byEntity ? [first?.entities ?? 0, second?.entities ?? 0] : [champion, arm];
  const { n, statistic, p } = sampleRatio([a, b], [1 - share, share]);
  return {
    unit: byEntity ? "entity" : "request",
    champion: a,
    arm: b,
    declared: share,
    observed: n === 0 ? null : b / n,
    statistic,
    p,
    verdict: p === null ? "insufficient" : p < ALPHA ? "broken" : "fits",
  };
}
