import betainc from "@stdlib/math-base-special-betainc";
import erfc from "@stdlib/math-base-special-erfc";
import gammainc from "@stdlib/math-base-special-gammainc";

/** P(Z ≤ z) of the standard normal; accurate in both tails. */
export function normalCdf(z: number): number {
  return erfc(-z * Math.SQRT1_2) / 2;
}

/** P(Z ≥ z) of the standard normal; unlike 1 − normalCdf(z) it keeps its digits in the upper tail. */
export function normalSf(z: number): number {
  return erfc(z * Math.SQRT1_2) / 2;
}

/**
 * The z with P(Z ≤ z) = p, for 0 ≤ p ≤ 1 (±Infinity at the ends). Start: Abramowitz & Stegun 26.2.23; refined by Halley steps on erfc to
 * full precision. RangeError for p outside [0, 1].
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a probability is between 0 and 1, not ${p}`);
  if (p === 0.5) return 0;
  // Always work in the smaller tail, where sf keeps all its digits.
  const tail = Math.min(p, 1 - p);
  const sign = p < 0.5 ? -1 : 1;
  if (tail === 0) return sign * Infinity;
  const t = Math.sqrt(-2 * Math.log(tail));
  let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let step = 0; step < 4; step++) {
    const u = (tail - normalSf(z)) * Math.sqrt(2 * Math.PI) * Math.exp((z * z) / 2);
    z -= u / (1 + (z * u) / 2);
  }
  return sign * z;
}

/** P(X ≥ x) of the chi-square distribution with `dof` > 0 degrees of freedom: Q(dof/2, x/2). */
export function chiSquareSf(x: number, dof: number): number {
  if (!(dof > 0)) throw new RangeError(`chi-square needs positive degrees of freedom, not ${dof}`);
  if (Number.isNaN(x)) throw new RangeError("chi-square statistic is not a number");
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  return gammainc(x / 2, dof / 2, true, true);
}

/** P(T ≥ t) of Student's t with `dof` > 0 degrees of freedom: ½·I_{ν/(ν+t²)}(ν/2, ½) for t ≥ 0. */
export function studentSf(t: number, dof: number): number {
  if (!(dof > 0)) throw new RangeError(`Student's t needs positive degrees of freedom, not ${dof}`);
  if (Number.isNaN(t)) throw new RangeError("t statistic is not a number");
  if (t === Infinity) return 0;
  if (t === -Infinity) return 1;
  const square = t * t;
  // Written with the small one of the two arguments, so that neither end cancels.
  const tail =
    square < dof
      ? betainc(square / (dof + square), 0.5, dof / 2, true, true) / 2
      : betainc(dof / (dof + square), dof / 2, 0.5, true, false) / 2;
  return t >= 0 ? tail : 1 - tail;
}

/** The t with P(T ≤ t) = p, 0 < p < 1, by bisection on {@link studentSf} (absolute error about 1e-14 of the bracket). */
export function studentQuantile(p: number, dof: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`a quantile needs a probability between 0 and 1, not ${p}`);
  if (p === 0.5) return 0;
  const tail = Math.min(p, 1 - p);
  let low = 0;
  let high = 1;
  while (studentSf(high, dof) > tail && high < 1e300) high *= 2;
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (studentSf(middle, dof) > tail) low = middle;
    else high = middle;
  }
  return p < 0.5 ? -high : high;
}
