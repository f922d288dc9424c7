/** Outcome of a comparison of a challenger with the champion. */
export type Verdict = "superior" | "non_inferior" | "inferior" | "inconclusive" | "invalid";

/** What a verdict is drawn from. Every difference is challenger − champion, turned so that **positive is better for the challenger**. */
export type Evidence = {
  /** Rows (or independent units) compared. */
  readonly n: number;
  /** Fewest rows from which a verdict may be drawn; fewer are inconclusive, never a pass. */
  readonly minimumN: number;
  readonly difference: number;
  /** Two-sided interval at level 1 − 2·alpha: each bound is one-sided at alpha. */
  readonly low: number;
  readonly high: number;
  /** Loss that would still be accepted, ≥ 0, in the unit of the difference. */
  readonly margin: number;
  /** One-sided p of the exact test for superiority, where there is one: superior then needs p ≤ alpha as well. */
  readonly pSuperior?: number;
  readonly alpha: number;
  /** Reasons why the comparison does not count at all: other rows, labels missing, traffic split broken. */
  readonly problems?: readonly string[];
};

/** Why the verdict is what it is. */
export type Judgement = {
  readonly verdict: Verdict;
  readonly reason: "problems" | "numbers" | "too_few" | "above_zero" | "within_margin" | "below_margin" | "wide";
  /** The whole interval lies below 0: worse beyond doubt, whether or not within the margin. */
  readonly worse: boolean;
};

/**
 * Draws the verdict from the interval's place relative to 0 and −margin (CONSORT extension for non-inferiority, Piaggio et al. 2012):
 * - `invalid`: there are problems, or the numbers contradict each other;
 * - `inconclusive`: fewer than `minimumN` rows, or the interval reaches from below −margin to above it;
 * - `superior`: low > 0, and the exact test agrees where given;
 * - `non_inferior`: low > −margin; with margin 0 this needs an interval above 0, so only superiority passes then;
 * - `inferior`: high < −margin.
 *
 * An interval [0, 0] (two models that answer alike on every row) is non-inferior at any margin, 0 included.
 */
export function judge(evidence: Evidence): Judgement {
  const { n, minimumN, difference, low, high, margin, alpha, pSuperior } = evidence;
  if ((evidence.problems ?? []).length > 0) return { verdict: "invalid", reason: "problems", worse: false };
  const numbers = [n, minimumN, difference, low, high, margin, alpha, pSuperior ?? 0];
  const ordered = n >= 0 && margin >= 0 && alpha > 0 && alpha < 1 && low <= difference && difference <= high;
  if (!numbers.every(Number.isFinite) || !ordered) return { verdict: "invalid", reason: "numbers", worse: false };
  if (n < minimumN || n === 0) return { verdict: "inconclusive", reason: "too_few", worse: false };
  const worse = high < 0;
  if (low > 0 && (pSuperior ?? 0) <= alpha) return { verdict: "superior", reason: "above_zero", worse };
  if (low > -margin || (low === 0 && high === 0)) return { verdict: "non_inferior", reason: "within_margin", worse };
  if (high < -margin) return { verdict: "inferior", reason: "below_margin", worse };
  return { verdict: "inconclusive", reason: "wide", worse };
}

/** Whether the verdict satisfies what a policy requires. */
export function satisfies(verdict: Verdict, required: "superior" | "non_inferior"): boolean {
  return verdict === "superior" || (verdict === "non_inferior" && required === "non_inferior");
}
