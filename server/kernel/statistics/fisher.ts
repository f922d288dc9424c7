import { logBinomialPmf, type Tail } from "./binomial.ts";

/** Failures among trials. */
export type Share = { readonly failed: number; readonly of: number };

/**
 * Fisher's exact test, one-sided: P(X ≥ a) where X is how many of all failures fall on the first side when both sides fail equally often, given both sizes and
 * the number of failures; scipy `fisher_exact(…, alternative="greater")`. Fisher 1935; the point probability as in Loader 2000 (the binomials' common factor
 * cancels), the tail as a series of falling terms, so it is exact for every size. Whole numbers, 0 ≤ failed ≤ of; otherwise RangeError. No trial gives 1.
 */
export function fisherGreater(first: Share, second: Share): Tail {
  for (const { failed, of } of [first, second])
    if (!Number.isSafeInteger(of) || !Number.isSafeInteger(failed) || failed < 0 || failed > of)
      throw new RangeError(`${failed} of ${of} is not a share of whole numbers`);
  const all = first.of + second.of;
  const failures = first.failed + second.failed;
  const most = Math.min(failures, first.of);
  const least = Math.max(0, failures - second.of);
  const a = first.failed;
  if (a <= least) return { p: 1, logP: 0 };
  const logPmf = (x: number): number => {
    const p = first.of / all;
    return (
      logBinomialPmf(x, failures, p) +
      logBinomialPmf(first.of - x, all - failures, p) -
      logBinomialPmf(first.of, all, p)
    );
  };
  // P(X = x + 1) / P(X = x)
  const up = (x: number): number => ((failures - x) * (first.of - x)) / ((x + 1) * (all - failures - first.of + x + 1));
  const mode = Math.floor(((failures + 1) * (first.of + 1)) / (all + 2));
  if (a > mode) {
    let [sum, term] = [1, 1];
    for (let x = a; x < most; x++) {
      term *= up(x);
      sum += term;
      if (term < sum * 1e-18) break;
    }
    const logP = Math.min(0, logPmf(a) + Math.log(sum));
    return { p: Math.exp(logP), logP };
  }
  // Below the mode the complement P(X ≤ a − 1) is the small side.
  let [sum, term] = [1, 1];
  for (let x = a - 1; x > least; x--) {
    term /= up(x - 1);
    sum += term;
    if (term < sum * 1e-18) break;
  }
  const below = Math.min(1, Math.exp(logPmf(a - 1) + Math.log(sum)));
  return { p: 1 - below, logP: Math.log1p(-below) };
}
