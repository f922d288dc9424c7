import type { FeatureComparison } from "./feature-comparison.ts";
import { type Correction, adjust } from "./multiplicity.ts";

/**
 * When a feature counts as drifted: the change must be **large** (an effect at or above its limit) **and** not chance (adjusted p ≤ alpha). A huge
 * window makes any trifle significant, a tiny one makes any effect large; neither alone is drift.
 */
export type DriftPolicy = {
  /** Default 0.05. */
  readonly alpha: number;
  /** Over all tests of all features in the window; default Holm: at most alpha chance of even one false alarm per window. */
  readonly correction: Correction;
  /** Smallest PSI that matters; default 0.1 (Evidently's; by custom 0.1 is moderate, 0.2 large). */
  readonly psi: number;
  /** Smallest Jensen-Shannon distance that matters; default 0.1 (Evidently's). */
  readonly jensenShannon: number;
  /** Smallest Kolmogorov-Smirnov D that matters; default 0.1. It sees what an outlier hides from even-width bins. */
  readonly kolmogorovSmirnov: number;
  /** Smallest change of the share of missing values that matters; default 0.1. */
  readonly missing: number;
};

export const DRIFT_POLICY: DriftPolicy = {
  alpha: 0.05,
  correction: "holm",
  psi: 0.1,
  jensenShannon: 0.1,
  kolmogorovSmirnov: 0.1,
  missing: 0.1,
};

export type DriftStatus = "drifted" | "stable" | "insufficient";

/** A compared feature with its verdict. */
export type JudgedFeature = FeatureComparison & {
  readonly status: DriftStatus;
  /** What moved; empty unless drifted. */
  readonly because: readonly ("distribution" | "missing")[];
  /** p of the distribution's test after correction; null when it was not tested. */
  readonly adjustedP: number | null;
  /** p of the missing share's test after correction; null when it was not tested. */
  readonly adjustedMissingP: number | null;
  /**
   * Size of the change in multiples of its limit: the largest of PSI/limit, (JS/limit)², (D/limit)² and missing/limit (PSI, JS² and D² all grow with
   * the square of a shift). 1 = at the limit, from 2 on large. 0 when nothing was tested.
   */
  readonly effect: number;
  /** One plain sentence. */
  readonly sentence: string;
};

export type DriftReport = {
  /** Drifted first, then stable, then insufficient; inside by effect (times importance), then by name. */
  readonly features: readonly JudgedFeature[];
  readonly drifted: number;
  readonly stable: number;
  readonly insufficient: number;
  /** drifted/(drifted + stable); null when nothing could be judged. */
  readonly driftedShare: number | null;
  /** Number of p-values that were corrected together. */
  readonly tests: number;
};

/**
 * Judges all features of one window together, since the correction must know how many tests were made. `importance` (any scale ≥ 0, 1 where absent)
 * weighs the ranking, not the verdict.
 */
export function judgeDrift(
  comparisons: readonly FeatureComparison[],
  policy: Partial<DriftPolicy> = {},
  importance: ReadonlyMap<string, number> = new Map(),
): DriftReport {
  const limits = { ...DRIFT_POLICY, ...policy };
  const raw = comparisons.flatMap(({ distribution, missing }) => [
    ...(distribution === null ? [] : [distribution.p]),
    ...(missing === null ? [] : [missing.p]),
  ]);
  const adjusted = adjust(raw, limits.correction);
  let next = 0;
  const take = (tested: boolean): number | null => (tested ? (adjusted[next++] ?? 1) : null);
  const features = comparisons.map((comparison) => {
    const adjustedP = take(comparison.distribution !== null);
    const adjustedMissingP = take(comparison.missing !== null);
    return judgeFeature(comparison, adjustedP, adjustedMissingP, limits, raw.length);
  });
  const count = (status: DriftStatus): number => features.filter((feature) => feature.status === status).length;
  const [drifted, stable, insufficient] = [count("drifted"), count("stable"), count("insufficient")];
  const weight = (feature: JudgedFeature): number => feature.effect * (importance.get(feature.feature) ?? 1);
  features.sort((a, b) => RANK[a.status] - RANK[b.status] || weight(b) - weight(a) || (a.feature < b.feature ? -1 : 1));
  const judged = drifted + stable;
  return {
    features,
    drifted,
    stable,
    insufficient,
    driftedShare: judged === 0 ? null : drifted / judged,
    tests: raw.length,
  };
}

const RANK: Readonly<Record<DriftStatus, number>> = { drifted: 0, stable: 1, insufficient: 2 };

function judgeFeature(
  comparison: FeatureComparison,
  adjustedP: number | null,
  adjustedMissingP: number | null,
  limits: DriftPolicy,
  tests: number,
): JudgedFeature {
  const moved = distributionEffect(comparison, limits);
  const lost = missingEffect(comparison, limits);
  const because: ("distribution" | "missing")[] = [];
  if (moved >= 1 && (adjustedP ?? 1) <= limits.alpha) because.push("distribution");
  if (lost >= 1 && (adjustedMissingP ?? 1) <= limits.alpha) because.push("missing");
  const status = because.length > 0 ? "drifted" : comparison.distribution === null ? "insufficient" : "stable";
  const judged = {
    ...comparison,
    status,
    because,
    adjustedP,
    adjustedMissingP,
    effect: Math.max(moved, lost),
  } as const;
  return { ...judged, sentence: sentence(judged, limits, tests) };
}

function distributionEffect({ distribution }: FeatureComparison, limits: DriftPolicy): number {
  if (distribution === null) return 0;
  const { psi, jensenShannon, test, statistic } = distribution;
  return Math.max(
    psi / limits.psi,
    (jensenShannon / limits.jensenShannon) ** 2,
    test === "kolmogorov_smirnov" ? (statistic / limits.kolmogorovSmirnov) ** 2 : 0,
  );
}

function missingEffect({ missing }: FeatureComparison, limits: DriftPolicy): number {
  return missing === null ? 0 : Math.abs(missing.current - missing.reference) / limits.missing;
}

function sentence(judged: Omit<JudgedFeature, "sentence">, limits: DriftPolicy, tests: number): string {
  const { distribution, missing, current, reference, minimumRows } = judged;
  const parts: string[] = [];
  if (judged.because.includes("missing") && missing !== null) {
    parts.push(`Missing values went from ${percent(missing.reference)} to ${percent(missing.current)}.`);
  }
  if (distribution === null) {
    const [rows, where] = current.valid < minimumRows ? [current.valid, "window"] : [reference.valid, "reference"];
    return [...parts, `Too few values to compare: ${rows} in the ${where}, ${minimumRows} are needed.`].join(" ");
  }
  const figures = `PSI ${distribution.psi.toFixed(2)}, Jensen-Shannon ${distribution.jensenShannon.toFixed(2)}`;
  const chance = `p ${probability(judged.adjustedP ?? 1)}${tests > 1 && limits.correction !== "none" ? ` corrected for ${tests} tests` : ""}`;
  const moved = distributionEffect(judged, limits) >= 1;
  const significant = (judged.adjustedP ?? 1) <= limits.alpha;
  if (moved && significant) parts.push(`The values have moved: ${figures}, ${chance}.`);
  else if (moved) parts.push(`What looks like a change can be chance: ${figures}, ${chance}.`);
  else if (significant) parts.push(`A real but small change: ${figures}, ${chance}.`);
  else parts.push(`No change to speak of: ${figures}, ${chance}.`);
  if (distribution.newCategories.length > 0) parts.push(newCategories(distribution.newCategories));
  return parts.join(" ");
}

function newCategories(names: readonly string[]): string {
  const shown = names
    .slice(0, 3)
    .map((name) => `'${name}'`)
    .join(", ");
  return `New: ${shown}${names.length > 3 ? ` and ${names.length - 3} more` : ""}.`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.001 ? 2 : 1)} %`;
}

function probability(p: number): string {
  return p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`;
}
