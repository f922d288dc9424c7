/**
 * Error of Stirling's formula: ln n! − [½ ln(2πn) + n ln n − n]. Loader (2000), "Fast and accurate computation of binomial probabilities".
 * Exact sums for n < 16, the asymptotic series from there (error below 1e-16).
 */
function stirlingError(n: number): number {
  if (n < 16) return SMALL[n] ?? 0;
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
}

const SMALL = Array.from({ length: 16 }, (_, n) => {
  if (n === 0) return 0;
  let factorial = 1;
  for (let i = 2; i <= n; i++) factorial *= i;
  return Math.log(factorial) - (0.5 * Math.log(2 * Math.PI * n) + n * Math.log(n) - n);
});

/** Deviance part x·ln(x/m) + m − x without cancellation for x close to m (Loader 2000, function bd0). */
function deviance(x: number, m: number): number {
  if (Math.abs(x - m) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x;
  const v = (x - m) / (x + m);
  let sum = (x - m) * v;
  let term = 2 * x * v;
  for (let j = 1; j < 1000; j++) {
    term *= v * v;
    const next = sum + term / (2 * j + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/**
 * ln P(X = k) for X ~ Bin(n, p), by Loader's saddle-point form: relative error near 1e-15 for every n, where sums of log-gammas lose digits
 * as n grows. `mean` may be given when n·p is known more exactly than the product.
 */
export function logBinomialPmf(k: number, n: number, p: number, mean = n * p, rest = n * (1 - p)): number {
  if (p === 0) return k === 0 ? 0 : -Infinity;
  if (p === 1) return k === n ? 0 : -Infinity;
  if (k === 0) return n * Math.log1p(-p);
  if (k === n) return n * Math.log(p);
  const error = stirlingError(n) - stirlingError(k) - stirlingError(n - k) - deviance(k, mean) - deviance(n - k, rest);
  return error + 0.5 * Math.log(n / (2 * Math.PI * k * (n - k)));
}

/** A probability with its natural logarithm; the logarithm stays finite where the probability itself underflows to 0. */
export type Tail = { readonly p: number; readonly logP: number };

/** Σ of the pmf from k away from the mean, divided by the pmf at k: a series of falling positive terms. */
function tailFactor(k: number, n: number, odds: number): number {
  let sum = 1;
  let term = 1;
  for (let i = k; i < n; i++) {
    term *= ((n - i) / (i + 1)) * odds;
    sum += term;
    if (term < sum * 1e-18) break;
  }
  return sum;
}

/**
 * P(X ≥ k) for X ~ Bin(n, p): exact summation in log space, relative error about 1e-14 in either tail, O(√n) terms.
 * `k` and `n` are whole numbers, 0 ≤ n ≤ 2⁵³, 0 ≤ p ≤ 1; otherwise RangeError.
 */
export function binomialTail(k: number, n: number, p = 0.5): Tail {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`a number of trials is a whole number, not ${n}`);
  if (!Number.isSafeInteger(k)) throw new RangeError(`a number of successes is a whole number, not ${k}`);
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a probability is between 0 and 1, not ${p}`);
  if (k <= 0) return { p: 1, logP: 0 };
  if (k > n || p === 0) return { p: 0, logP: -Infinity };
  if (p === 1) return { p: 1, logP: 0 };
  if (k > n * p) {
    const logP = logBinomialPmf(k, n, p) + Math.log(tailFactor(k, n, p / (1 - p)));
    return { p: Math.min(1, Math.exp(logP)), logP: Math.min(0, logP) };
  }
  // Below the mean the complement P(X ≤ k−1) = P(n−X ≥ n−k+1) is the small side.
  const below = logBinomialPmf(k - 1, n, p) + Math.log(tailFactor(n - k + 1, n, (1 - p) / p));
  const complement = Math.min(1, Math.exp(below));
  return { p: 1 - complement, logP: Math.log1p(-complement) };
}
