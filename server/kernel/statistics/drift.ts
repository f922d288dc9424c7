import type { NumericSample } from "./samples.ts";

/**
 * What replaces a share of 0 before a logarithm, on each side by itself and without renormalising:
 * - `smallest_share` (Evidently): with m the smallest non-zero share, m/10⁶ if m ≤ 0.0001, else 0.0001;
 * - `half_count`: every bin gets half a row more, share = (c + ½)/(n + k/2) (Jeffreys): no constant to choose, and it fades as n grows;
 * - `{ floor }`: that share.
 */
export type ZeroFill = "smallest_share" | "half_count" | { readonly floor: number };

/** Counts as shares of their sum. RangeError when the sum is 0 or a count is negative or NaN. */
export function shares(counts: ArrayLike<number>): Float64Array {
  const total = totalOf(counts);
  if (total === 0) throw new RangeError("an empty side has no shares");
  return Float64Array.from(counts, (count) => count / total);
}

function totalOf(counts: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] as number;
    if (!(count >= 0)) throw new RangeError(`${count} is not a count`);
    total += count;
  }
  return total;
}

function filledShares(counts: ArrayLike<number>, fill: ZeroFill): Float64Array {
  if (fill === "half_count") {
    const total = totalOf(counts) + counts.length / 2;
    return Float64Array.from(counts, (count) => (count + 0.5) / total);
  }
  const plain = shares(counts);
  let instead: number;
  if (fill === "smallest_share") {
    let smallest = 1;
    for (const share of plain) if (share > 0 && share < smallest) smallest = share;
    instead = smallest <= 0.0001 ? smallest / 1e6 : 0.0001;
  } else {
    if (!(fill.floor > 0)) throw new RangeError(`a zero is filled with a positive share, not ${fill.floor}`);
    instead = fill.floor;
  }
  return plain.map((share) => (share === 0 ? instead : share));
}

function sameBins(reference: ArrayLike<number>, current: ArrayLike<number>): void {
  if (reference.length !== current.length) {
    throw new RangeError(`both sides need the same bins, not ${reference.length} and ${current.length}`);
  }
}

/**
 * Population stability index Σ (r−c)·ln(r/c) over shares r (reference) and c (current) of the same bins; from counts. 0 = same; by custom
 * 0.1 is a moderate and 0.2 a large shift. Equal to Evidently's `psi` on the same bins with `smallest_share`.
 * RangeError when a side is empty or the bins differ.
 */
export function psi(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  fill: ZeroFill = "smallest_share",
): number {
  sameBins(reference, current);
  const r = filledShares(reference, fill);
  const c = filledShares(current, fill);
  let sum = 0;
  for (let i = 0; i < r.length; i++) {
    const a = r[i] as number;
    const b = c[i] as number;
    sum += (a - b) * Math.log(a / b);
  }
  return sum;
}

/**
 * What the PSI is on average when nothing changed: (k−1)(1/n + 1/m) (Yurdakul & Naranjo 2020). Shown beside a PSI of a small window, which
 * sampling alone lifts.
 */
export function psiWithoutDrift(bins: number, referenceRows: number, currentRows: number): number {
  return Math.max(0, bins - 1) * (1 / referenceRows + 1 / currentRows);
}

/**
 * Jensen-Shannon **distance** sqrt((KL(r‖m) + KL(c‖m))/2), m = (r+c)/2; from counts, zeros allowed. `base` "e" (scipy and Evidently, 0 to
 * 0.8326) or 2 (NannyML, 0 to 1). RangeError when a side is empty or the bins differ.
 */
export function jensenShannon(reference: ArrayLike<number>, current: ArrayLike<number>, base: "e" | 2 = "e"): number {
  sameBins(reference, current);
  const r = shares(reference);
  const c = shares(current);
  let sum = 0;
  for (let i = 0; i < r.length; i++) {
    const a = r[i] as number;
    const b = c[i] as number;
    const m = (a + b) / 2;
    if (a > 0) sum += a * Math.log(a / m);
    if (b > 0) sum += b * Math.log(b / m);
  }
  // Rounding can leave −1e-17 for equal sides.
  const divergence = Math.max(0, sum / 2);
  return Math.sqrt(base === 2 ? divergence / Math.LN2 : divergence);
}

/**
 * First Wasserstein distance ∫ |F_ref − F_cur| of two **sorted** arrays, in the unit of the feature (scipy `wasserstein_distance`), O(n + m).
 * RangeError when a side is empty.
 */
export function wasserstein(reference: Float64Array, current: Float64Array): number {
  const n = reference.length;
  const m = current.length;
  if (n === 0 || m === 0) throw new RangeError("Wasserstein distance needs at least one value on each side");
  let i = 0;
  let j = 0;
  let sum = 0;
  let before = Math.min(reference[0] as number, current[0] as number);
  while (i < n || j < m) {
    const a = i < n ? (reference[i] as number) : Infinity;
    const b = j < m ? (current[j] as number) : Infinity;
    const value = a < b ? a : b;
    sum += Math.abs(i / n - j / m) * (value - before);
    before = value;
    if (a <= b) i++;
    if (b <= a) j++;
  }
  return sum;
}

/**
 * Wasserstein distance in standard deviations of the reference: W₁ / max(population std, 0.001) (Evidently's `wasserstein`, drifted from 0.1).
 */
export function normalisedWasserstein(reference: NumericSample, current: NumericSample): number {
  return wasserstein(reference.sorted, current.sorted) / Math.max(reference.deviation, 0.001);
}
