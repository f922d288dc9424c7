import type { RolloutPolicy } from "#server/governance/contract.ts";
import { binomialTail } from "#server/kernel/statistics/binomial.ts";
import { fisherGreater } from "#server/kernel/statistics/fisher.ts";
import { LATENCY_BOUNDS_US, latencyQuantile } from "#server/kernel/statistics/latency-histogram.ts";
import type { ArmFigures, GuardReading } from "../rollout-contract.ts";

/** Predictions whose outcome is known, and those of them that it bore out. */
export interface QualityFigures {
  readonly known: number;
  readonly right: number;
}

export interface Seen {
  readonly champion: ArmFigures;
  readonly challenger: ArmFigures;
  readonly quality: { readonly champion: QualityFigures; readonly challenger: QualityFigures } | null;
}

/** The tests below are exact, so a breach needs no great sample; fewer requests than this could be one caller's mistake. */
const FEWEST = 10;
/** Of requests may be slower than a budget for the 95th percentile. */
const SLOWER = 0.05;

/**
 * Judges the guards on what was counted so far, at the k-th look (from 1). A guard is breached when the challenger is worse by more than is accepted and an exact
 * one-sided test says that this is no chance. Because every look is another chance to be wrong, look k may spend α/(k(k+1)) of the policy's alpha: all looks together
 * stay below it (Σ 1/(k(k+1)) = 1). Pure.
 */
export function judgeGuards(guards: RolloutPolicy["guards"], seen: Seen, look: number): GuardReading[] {
  const spend = (alpha: number): number => alpha / (look * (look + 1));
  const { errors, latency, quality } = guards;
  return [
    judgeErrors(errors.max_difference, spend(errors.alpha), seen),
    ...(latency?.p95_ms === undefined
      ? []
      : [judgeLatency("latency", latency.p95_ms, `${latency.p95_ms} ms`, spend(latency.alpha), seen)]),
    ...(latency?.p95_ratio === undefined ? [] : [judgeRatio(latency.p95_ratio, spend(latency.alpha), seen)]),
    ...(quality === undefined ? [] : [judgeQuality(quality, spend(quality.alpha), seen)]),
  ];
}

function judgeErrors(most: number, threshold: number, { champion, challenger }: Seen): GuardReading {
  const guard = "errors";
  const said = `The challenger failed ${of(challenger.errors, challenger.requests)}, the champion ${of(champion.errors, champion.requests)}`;
  if (challenger.requests < FEWEST || champion.requests < FEWEST)
    return waiting(guard, `${said}: fewer than ${FEWEST} requests of one of them say nothing yet.`);
  const difference = challenger.errors / challenger.requests - champion.errors / champion.requests;
  const { p } = fisherGreater(
    { failed: challenger.errors, of: challenger.requests },
    { failed: champion.errors, of: champion.requests },
  );
  const breached = difference > most && p <= threshold;
  const rule = `${percent(most)} more ${most === 0 ? "than the champion's is" : "is"} accepted`;
  return { guard, state: breached ? "breached" : "holds", p, threshold, sentence: `${said}; ${rule}.` };
}

function judgeLatency(
  guard: "latency" | "latency_ratio",
  budgetMs: number,
  named: string,
  threshold: number,
  { challenger }: Seen,
): GuardReading {
  const answered = total(challenger.latency);
  const p95 = p95Of(challenger);
  if (answered < FEWEST || p95 === null)
    return waiting(guard, `${count(answered)} answered requests of the challenger say nothing of its latency yet.`);
  const slow = slowerThan(challenger.latency, budgetMs);
  // Were the 95th percentile within the budget, at most one request in twenty would be slower (a sign test for a quantile).
  const { p } = binomialTail(slow, answered, SLOWER);
  const breached = p95 > budgetMs && p <= threshold;
  return {
    guard,
    state: breached ? "breached" : "holds",
    p,
    threshold,
    sentence: `95% of ${count(answered)} requests of the challenger took at most ${ms(p95)}; ${named} ${guard === "latency" ? "are" : "is"} allowed, and ${of(slow, answered)} took longer.`,
  };
}

function judgeRatio(ratio: number, threshold: number, seen: Seen): GuardReading {
  const championP95 = p95Of(seen.champion);
  const answered = total(seen.champion.latency);
  if (championP95 === null || answered < FEWEST)
    return waiting(
      "latency_ratio",
      `${count(answered)} answered requests of the champion say nothing of its latency yet.`,
    );
  const budget = ratio * championP95;
  return judgeLatency("latency_ratio", budget, `${ratio} times the champion's ${ms(championP95)}`, threshold, seen);
}

function judgeQuality(
  { margin, min_outcomes }: NonNullable<RolloutPolicy["guards"]["quality"]>,
  threshold: number,
  { quality }: Seen,
): GuardReading {
  const guard = "quality";
  const [champion, challenger] = [quality?.champion ?? NONE, quality?.challenger ?? NONE];
  const said = `The outcome bore out ${of(challenger.right, challenger.known)} of the challenger's predictions and ${of(champion.right, champion.known)} of the champion's`;
  if (challenger.known < min_outcomes || champion.known < min_outcomes)
    return waiting(guard, `${said}: ${count(min_outcomes)} outcomes of each are needed to compare them.`);
  const loss = champion.right / champion.known - challenger.right / challenger.known;
  const { p } = fisherGreater(
    { failed: challenger.known - challenger.right, of: challenger.known },
    { failed: champion.known - champion.right, of: champion.known },
  );
  const breached = loss > margin && p <= threshold;
  return {
    guard,
    state: breached ? "breached" : "holds",
    p,
    threshold,
    sentence: `${said}; ${points(margin)} less ${margin === 0 ? "than the champion's is" : "is"} accepted.`,
  };
}

const NONE: QualityFigures = { known: 0, right: 0 };

function waiting(guard: GuardReading["guard"], sentence: string): GuardReading {
  return { guard, state: "waiting", p: null, threshold: null, sentence };
}

/** Milliseconds; null without an answered request. */
export function p95Of({ latency }: ArmFigures): number | null {
  const us = latency.length === 0 ? null : latencyQuantile(latency, 0.95);
  return us === null ? null : us / 1000;
}

/** Requests that certainly took longer: those of the bucket in which the budget lies are given the benefit of the doubt. */
function slowerThan(latency: readonly number[], budgetMs: number): number {
  return latency.reduce((sum, n, bucket) => {
    const above = bucket === 0 ? 0 : (LATENCY_BOUNDS_US[bucket - 1] ?? 0);
    return above >= budgetMs * 1000 ? sum + n : sum;
  }, 0);
}

const total = (latency: readonly number[]): number => latency.reduce((sum, n) => sum + n, 0);
const count = (n: number): string => n.toLocaleString("en");
const percent = (share: number): string => `${Number((share * 100).toPrecision(3))}%`;
const points = (share: number): string => `${Number((share * 100).toPrecision(3))} points`;
const ms = (value: number): string => `${Number(value.toPrecision(3))} ms`;
const of = (part: number, all: number): string =>
  `${count(part)} of ${count(all)}${all === 0 ? "" : ` (${percent(part / all)})`}`;
