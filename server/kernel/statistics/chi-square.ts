import { chiSquareSf } from "./distributions.ts";

/** `degrees` of freedom 0 means that there is one category only: nothing can differ, p = 1. */
export type ChiSquare = { readonly statistic: number; readonly p: number; readonly degrees: number };

function totals(reference: ArrayLike<number>, current: ArrayLike<number>): { n: number; m: number } {
  if (reference.length !== current.length) {
    throw new RangeError(`both sides need the same categories, not ${reference.length} and ${current.length}`);
  }
  let n = 0;
  let m = 0;
  for (let i = 0; i < reference.length; i++) {
    const r = reference[i] as number;
    const c = current[i] as number;
    if (!(r >= 0 && c >= 0)) throw new RangeError("counts are not negative");
    n += r;
    m += c;
  }
  if (n === 0 || m === 0) throw new RangeError("chi-square needs at least one row on each side");
  return { n, m };
}

/**
 * Pearson's test that both sides have the same shares, on the 2×k table of counts (scipy `chi2_contingency`; the default here). It treats both
 * sides as samples, so a category new to one side is an ordinary cell, not a proof. `yates` applies the continuity correction to two categories
 * as scipy does by default; it is off by default because it makes the test too shy. Categories with no row on either side are left out.
 * RangeError when a side is empty.
 */
export function chiSquareHomogeneity(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  options: { readonly yates?: boolean } = {},
): ChiSquare {
  const { n, m } = totals(reference, current);
  let categories = 0;
  for (let i = 0; i < reference.length; i++) if ((reference[i] as number) + (current[i] as number) > 0) categories++;
  if (categories < 2) return { statistic: 0, p: 1, degrees: 0 };
  const correct = options.yates === true && categories === 2;
  let statistic = 0;
  for (let i = 0; i < reference.length; i++) {
    const r = reference[i] as number;
    const both = r + (current[i] as number);
    if (both === 0) continue;
    const expected = (both * n) / (n + m);
    let gap = Math.abs(r - expected);
    if (correct) gap -= Math.min(0.5, gap);
    // |observed − expected| is the same on both sides of a column.
    statistic += gap * gap * (1 / expected + (n + m) / (both * m));
  }
  return { statistic, p: chiSquareSf(statistic, categories - 1), degrees: categories - 1 };
}

/**
 * Pearson's goodness of fit of the current counts to the reference's shares, which it takes as known without error: χ² = Σ (o−e)²/e with
 * e = reference·(m/n), dof k−1 (Evidently's `chisquare`, scipy `chisquare`). A category that is new gives e = 0, statistic Infinity and p = 0,
 * as there: prefer {@link chiSquareHomogeneity}. One category gives p = 1, where Evidently gives NaN. RangeError when a side is empty.
 */
export function chiSquareGoodnessOfFit(reference: ArrayLike<number>, current: ArrayLike<number>): ChiSquare {
  const { n, m } = totals(reference, current);
  let categories = 0;
  let statistic = 0;
  for (let i = 0; i < reference.length; i++) {
    const r = reference[i] as number;
    const observed = current[i] as number;
    if (r === 0 && observed === 0) continue;
    categories++;
    const expected = r * (m / n);
    statistic += r === 0 ? Infinity : (observed - expected) ** 2 / expected;
  }
  if (categories < 2) return { statistic: 0, p: 1, degrees: 0 };
  return { statistic, p: chiSquareSf(statistic, categories - 1), degrees: categories - 1 };
}
