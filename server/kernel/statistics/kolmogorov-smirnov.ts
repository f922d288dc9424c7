import { exactTwoSampleSf, greatestCommonDivisor } from "./kolmogorov-exact.ts";
import { kolmogorovFiniteSf } from "./kolmogorov.ts";

/** `statistic` is D = sup |F_ref − F_cur| in [0, 1]; `p` is two-sided; `method` says how it was computed. */
export type KolmogorovSmirnov = {
  readonly statistic: number;
  readonly p: number;
  readonly method: "exact" | "asymptotic";
};

/** scipy computes the exact p up to this size of the larger sample. */
const MOST_EXACT = 10_000;

/**
 * Two-sample Kolmogorov-Smirnov test on two **sorted** arrays of finite values, O(n + m) for D.
 *
 * Equal to scipy 1.17 `ks_2samp(method="auto")`: exact p when the larger sample has at most 10,000 values, else
 * `kstwo.sf(D, round(nm/(n+m)))`. One departure: where the bound e·exp(−2D²nm/(n+m)) of Wei & Dudley (2012) already puts p below 1e-15, the exact
 * path count is skipped and the asymptotic value returned (also below 1e-15), so that a clearly drifted window does not cost seconds.
 * RangeError when a side is empty.
 */
export function kolmogorovSmirnov(reference: Float64Array, current: Float64Array): KolmogorovSmirnov {
  const n = reference.length;
  const m = current.length;
  if (n === 0 || m === 0) throw new RangeError("Kolmogorov-Smirnov needs at least one value on each side");
  const divisor = greatestCommonDivisor(n, m);
  const h = largestGap(reference, current, m / divisor, n / divisor);
  const statistic = h / ((n / divisor) * m);
  const effective = (n * m) / (n + m);
  const certain = Math.exp(1 - 2 * effective * statistic * statistic) < 1e-15;
  if (Math.max(n, m) <= MOST_EXACT && !certain) {
    return { statistic, p: exactTwoSampleSf(n, m, h), method: "exact" };
  }
  return { statistic, p: kolmogorovFiniteSf(statistic, Math.max(1, roundHalfEven(effective))), method: "asymptotic" };
}

/**
 * sup |i/n − j/m|·lcm(n, m) as a whole number: steps of the reference weigh m/g, of the current n/g, so the walk is exact whatever the sizes
 * (up to lcm = 2⁵³).
 */
function largestGap(reference: Float64Array, current: Float64Array, up: number, down: number): number {
  const n = reference.length;
  const m = current.length;
  let i = 0;
  let j = 0;
  let gap = 0;
  let largest = 0;
  while (i < n && j < m) {
    const a = reference[i] as number;
    const b = current[j] as number;
    const value = a < b ? a : b;
    // All ties of one value are stepped over before the gap counts.
    while (i < n && (reference[i] as number) === value) {
      gap += up;
      i++;
    }
    while (j < m && (current[j] as number) === value) {
      gap -= down;
      j++;
    }
    const size = gap < 0 ? -gap : gap;
    if (size > largest) largest = size;
  }
  return largest;
}

/** numpy's rounding: exact halves go to the even neighbour. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}
