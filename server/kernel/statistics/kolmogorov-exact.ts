/**
 * Exact P(D ≥ h/lcm) of the two-sample Kolmogorov-Smirnov statistic for samples of `n` and `m` without ties, where
 * h = D·lcm(n, m) is a whole number (Hodges 1957; the same quantity as scipy's exact `ks_2samp`). With ties it is conservative.
 */
export function exactTwoSampleSf(n: number, m: number, h: number): number {
  if (h <= 0) return 1;
  return Math.min(1, Math.max(0, n === m ? equalSizes(n, h) : lattice(n, m, h)));
}

/** Equal sizes: 2·Σ (−1)^{i+1} C(2n, n−ih)/C(2n, n) by nested products, so that nothing cancels (Gnedenko & Korolyuk 1951). */
function equalSizes(n: number, h: number): number {
  let sum = 0;
  for (let k = Math.floor(n / h); k >= 0; k--) {
    let ratio = 1;
    for (let j = 0; j < h && ratio > 0; j++) ratio *= (n - k * h - j) / (n + k * h + j + 1);
    sum = ratio * (1 - sum);
  }
  return 2 * sum;
}

/**
 * Unequal sizes: the chance that a random lattice path from (0,0) to (n,m) ever leaves the band |i/n − j/m| < h/lcm. A path at (i,j) came
 * from (i−1,j) with chance i/(i+j) and from (i,j−1) with chance j/(i+j), so that chance obeys
 * out(i,j) = (i·out(i−1,j) + j·out(i,j−1))/(i+j), with out = 1 off the band. No large number appears. O(n·m·D) steps.
 */
function lattice(first: number, second: number, h: number): number {
  const n = Math.max(first, second);
  const m = Math.min(first, second);
  const divisor = greatestCommonDivisor(n, m);
  // Off the band when |i·mg − j·ng| ≥ h in whole numbers: no rounding decides a cell.
  const mg = m / divisor;
  const ng = n / divisor;
  const out = new Float64Array(m + 1).fill(1);
  for (let j = 0; j <= m && j * ng < h; j++) out[j] = 0;
  let low = 0;
  for (let i = 1; i <= n; i++) {
    const centre = i * mg;
    const from = Math.max(0, Math.floor((centre - h) / ng) + 1);
    const to = Math.min(m, Math.ceil((centre + h) / ng) - 1);
    if (from > to) return 1;
    for (let j = low; j < from; j++) out[j] = 1;
    low = from;
    let before = from === 0 ? 0 : 1;
    for (let j = from; j <= to; j++) {
      const share = i / (i + j);
      before = (out[j] as number) * share + before * (1 - share);
      out[j] = before;
    }
  }
  return out[m] as number;
}

/** Largest whole number that divides both positive whole numbers. */
export function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}
