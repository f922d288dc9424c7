import { binomialTail, logBinomialPmf } from "./binomial.ts";
import { normalSf } from "./distributions.ts";
import type { Interval } from "./intervals.ts";
import { type PairedTable, newcombeInterval, pairs, tangoInterval, tangoScore } from "./paired-interval.ts";

/** What counts as one label: compared with ===. */
export type Label = string | number | boolean;

/**
 * Counts who was right on the same rows. All three arrays are in the same row order and without missing values: drop rows without an outcome
 * first, and report how many. RangeError when the lengths differ or there is no row.
 */
export function pairedTable(
  actual: ArrayLike<Label>,
  champion: ArrayLike<Label>,
  challenger: ArrayLike<Label>,
): PairedTable {
  if (actual.length !== champion.length || actual.length !== challenger.length) {
    throw new RangeError(
      `rows differ: ${actual.length} outcomes, ${champion.length} and ${challenger.length} predictions`,
    );
  }
  if (actual.length === 0) throw new RangeError("a paired comparison needs at least one row");
  let [bothRight, onlyChallenger, onlyChampion, bothWrong] = [0, 0, 0, 0];
  for (let i = 0; i < actual.length; i++) {
    const outcome = actual[i];
    if (challenger[i] === outcome) {
      if (champion[i] === outcome) bothRight++;
      else onlyChallenger++;
    } else if (champion[i] === outcome) onlyChampion++;
    else bothWrong++;
  }
  return { bothRight, onlyChallenger, onlyChampion, bothWrong };
}

/** p-values of McNemar's exact conditional test; `discordant` = b + c. */
export type McNemar = {
  readonly discordant: number;
  /** One-sided, challenger better: P(Bin(b+c, ½) ≥ b). */
  readonly pSuperior: number;
  /** One-sided, champion better: P(Bin(b+c, ½) ≥ c). */
  readonly pInferior: number;
  /** min(1, twice the smaller one-sided p): statsmodels `mcnemar(exact=True)`. */
  readonly pTwoSided: number;
  /** One-sided, challenger better, mid-p: half of P(Bin = b) taken off; less shy, no longer guaranteed below alpha (Lancaster 1961). */
  readonly pSuperiorMid: number;
};

/**
 * McNemar's exact test on discordant pairs: b rows where only the challenger is right, c where only the champion is (McNemar 1947; Dietterich
 * 1998 for classifiers). Exact for every b + c, in log space; no discordant pair gives p = 1 everywhere, 0.5 for mid-p.
 */
export function mcnemar(b: number, c: number): McNemar {
  const n = b + c;
  const pSuperior = binomialTail(b, n).p;
  const pInferior = binomialTail(c, n).p;
  return {
    discordant: n,
    pSuperior,
    pInferior,
    pTwoSided: Math.min(1, 2 * Math.min(pSuperior, pInferior)),
    pSuperiorMid: Math.max(0, pSuperior - Math.exp(logBinomialPmf(b, n, 0.5)) / 2),
  };
}

/** Accuracy of both models on the same rows. Differences are challenger − champion; positive means that the challenger is better. */
export type AccuracyComparison = McNemar & {
  readonly n: number;
  readonly table: PairedTable;
  readonly championAccuracy: number;
  readonly challengerAccuracy: number;
  readonly difference: number;
  /** Two-sided at level 1 − 2·alpha, so that each bound alone is one-sided at alpha. */
  readonly interval: Interval;
  /** One-sided p of H₀ "worse than the champion by the margin or more", Tango's score test at −margin. At margin 0 it is asymptotic McNemar. */
  readonly pNonInferior: number;
  /** pNonInferior ≤ alpha, which is the same as interval.low ≥ −margin with Tango's interval. */
  readonly nonInferior: boolean;
};

/**
 * Compares two models' accuracy on the same rows. `alpha` (0 to ½) is one-sided; `margin` ≥ 0 is the loss of accuracy that would still be
 * accepted (0.005 = half a point). RangeError for other values or an empty table.
 */
export function compareAccuracy(
  table: PairedTable,
  { alpha = 0.05, margin = 0, interval = "tango" }: AccuracyOptions = {},
): AccuracyComparison {
  if (!(alpha > 0 && alpha < 0.5)) throw new RangeError(`a one-sided alpha is between 0 and 0.5, not ${alpha}`);
  if (!(margin >= 0 && margin <= 1)) throw new RangeError(`a margin of accuracy is between 0 and 1, not ${margin}`);
  const n = pairs(table);
  const pNonInferior = normalSf(tangoScore(table, -margin));
  const level = 1 - 2 * alpha;
  return {
    ...mcnemar(table.onlyChallenger, table.onlyChampion),
    n,
    table,
    championAccuracy: (table.bothRight + table.onlyChampion) / n,
    challengerAccuracy: (table.bothRight + table.onlyChallenger) / n,
    difference: (table.onlyChallenger - table.onlyChampion) / n,
    interval: interval === "tango" ? tangoInterval(table, level) : newcombeInterval(table, level),
    pNonInferior,
    nonInferior: pNonInferior <= alpha,
  };
}

export type AccuracyOptions = {
  readonly alpha?: number;
  readonly margin?: number;
  readonly interval?: "tango" | "newcombe";
};
