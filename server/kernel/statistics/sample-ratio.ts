import { chiSquareSf } from "./distributions.ts";

/** Whether units were split as declared. `p` is null with too few units for the test. */
export type SampleRatioTest = {
  readonly n: number;
  readonly statistic: number | null;
  readonly p: number | null;
};

/** Cochran's rule: below it the chi-square distribution is no good approximation. */
const LEAST_EXPECTED = 5;

/**
 * Sample-ratio test: Pearson's chi-square goodness of fit, Σ (observed − expected)² / expected with k − 1 degrees of freedom, of the units of each group
 * against the declared shares (scipy `chisquare`). Fabijan et al., "Diagnosing Sample Ratio Mismatch in Online Controlled Experiments", KDD 2019. Units
 * are what was dealt independently: requests, or whoever comes with several of them. RangeError for counts or shares that are none.
 */
export function sampleRatio(observed: readonly number[], shares: readonly number[]): SampleRatioTest {
  if (observed.length !== shares.length || observed.length < 2)
    throw new RangeError(`${observed.length} counts and ${shares.length} shares do not belong together`);
  if (observed.some((count) => !(Number.isInteger(count) && count >= 0)))
    throw new RangeError("counts are whole numbers");
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (shares.some((share) => !(share >= 0)) || Math.abs(total - 1) > 1e-9) throw new RangeError("shares add up to 1");
  const n = observed.reduce((sum, count) => sum + count, 0);
  const expected = shares.map((share) => share * n);
  if (expected.some((count) => count < LEAST_EXPECTED)) return { n, statistic: null, p: null };
  const statistic = observed.reduce((sum, count, i) => sum + (count - (expected[i] ?? 0)) ** 2 / (expected[i] ?? 1), 0);
  return { n, statistic, p: chiSquareSf(statistic, observed.length - 1) };
}
