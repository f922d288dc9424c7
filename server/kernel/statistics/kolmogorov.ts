import { logBinomialPmf } from "./binomial.ts";

const clip = (p: number): number => Math.min(1, Math.max(0, p));

/**
 * P(K ≥ x) of Kolmogorov's limiting distribution (scipy `kstwobign.sf`): 2 Σ (−1)^{k−1} e^{−2k²x²}, for small x in the theta-function form
 * that converges there (Kolmogorov 1933).
 */
export function kolmogorovSf(x: number): number {
  if (Number.isNaN(x)) throw new RangeError("Kolmogorov statistic is not a number");
  if (x <= 0.04) return 1;
  if (x < 0.82) {
    const q = -(Math.PI ** 2) / (8 * x * x);
    const sum = Math.exp(q) + Math.exp(9 * q) + Math.exp(25 * q) + Math.exp(49 * q);
    return clip(1 - (Math.sqrt(2 * Math.PI) / x) * sum);
  }
  let sum = 0;
  for (let k = 1; k < 20; k++) {
    const term = Math.exp(-2 * k * k * x * x);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-20 * sum) break;
  }
  return clip(2 * sum);
}

/**
 * P(D_n⁺ ≥ x), one-sided, exact: x Σ_j C(n,j) (x+j/n)^{j−1} (1−x−j/n)^{n−j} (Birnbaum & Tingey 1951), all terms positive. Above a million
 * observations the sum is replaced by e^{−(6nx+1)²/(18n)} (Maag & Dicaire 1971), whose error there is below 1e-8 relative.
 */
export function smirnovSf(n: number, x: number): number {
  if (x <= 0) return 1;
  if (x >= 1) return 0;
  if (n > 1e6) return clip(Math.exp(-((6 * n * x + 1) ** 2) / (18 * n)));
  const nx = n * x;
  let sum = Math.exp(n * Math.log1p(-x));
  for (let j = 1; j <= n - nx; j++) {
    const rest = n - nx - j;
    if (rest <= 0) {
      if (j === n) sum += nx / (nx + j);
      continue;
    }
    const p = (nx + j) / n;
    sum += (nx / (nx + j)) * Math.exp(logBinomialPmf(j, n, p, nx + j, rest));
  }
  return clip(sum);
}

/** P(D_n < d), exact: Durbin's matrix in the form of Marsaglia, Tsang & Wang (2003). O(k³ log n) with k = ⌈n·d⌉, so for small n·d only. */
function durbin(n: number, d: number): number {
  const k = Math.ceil(n * d);
  const h = k - n * d;
  const m = 2 * k - 1;
  const base = new Float64Array(m * m);
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) base[i * m + j] = i - j + 1 < 0 ? 0 : 1;
  for (let i = 0; i < m; i++) {
    base[i * m] = (base[i * m] as number) - h ** (i + 1);
    base[(m - 1) * m + i] = (base[(m - 1) * m + i] as number) - h ** (m - i);
  }
  base[(m - 1) * m] = (base[(m - 1) * m] as number) + (2 * h > 1 ? (2 * h - 1) ** m : 0);
  for (let i = 0; i < m; i++) {
    let factor = 1;
    for (let j = i; j >= 0; j--) {
      // entry (i, j) is divided by (i − j + 1)!
      factor /= i - j + 1;
      base[i * m + j] = (base[i * m + j] as number) * factor;
    }
  }
  const { matrix, exponent } = power(base, m, n, k);
  let p = matrix[(k - 1) * m + k - 1] as number;
  let scale = exponent;
  for (let i = 1; i <= n; i++) {
    p = (p * i) / n;
    if (p < 1e-140) {
      p *= 1e140;
      scale -= 140;
    }
  }
  return p * 10 ** scale;
}

/** base^n by squaring, with a decimal exponent kept apart so that nothing overflows. */
function power(base: Float64Array, m: number, n: number, k: number): { matrix: Float64Array; exponent: number } {
  let square = base;
  let squareExponent = 0;
  let matrix: Float64Array = new Float64Array(m * m);
  for (let i = 0; i < m; i++) matrix[i * m + i] = 1;
  let exponent = 0;
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) {
      matrix = product(matrix, square, m);
      exponent += squareExponent;
    }
    if (left === 1) break;
    square = product(square, square, m);
    squareExponent *= 2;
    if ((square[(k - 1) * m + k - 1] as number) > 1e140) {
      square = square.map((value) => value * 1e-140);
      squareExponent += 140;
    }
    if ((matrix[(k - 1) * m + k - 1] as number) > 1e140) {
      matrix = matrix.map((value) => value * 1e-140);
      exponent += 140;
    }
  }
  return { matrix, exponent };
}

function product(a: Float64Array, b: Float64Array, m: number): Float64Array {
  const out = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < m; l++) {
      const factor = a[i * m + l] as number;
      if (factor === 0) continue;
      for (let j = 0; j < m; j++) out[i * m + j] = (out[i * m + j] as number) + factor * (b[l * m + j] as number);
    }
  }
  return out;
}

/** P(D_n ≤ d) approximately, error O(n⁻²): four terms of Pelz & Good (1976) in the notation of Simard & L'Ecuyer (2011). */
function pelzGood(n: number, d: number): number {
  const z = Math.sqrt(n) * d;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const pi2 = Math.PI ** 2;
  const log = -pi2 / (8 * z2);
  if (log < -708) return 0;
  let k0 = 0;
  let k1 = 0;
  let k2 = 0;
  let k3 = 0;
  for (let k = Math.ceil((16 * z) / Math.PI); k >= 1; k--) {
    const odd = (2 * k - 1) ** 2;
    const weight = Math.exp(log * odd);
    const u = pi2 * odd;
    k0 += weight;
    k1 += weight * (u / 4 - z2);
    k2 += weight * (6 * z6 + 2 * z4 + ((2 * z4 - 5 * z2) * u) / 4 + ((1 - 2 * z2) * u * u) / 16);
    k3 +=
      weight *
      (((5 - 30 * z2) * u ** 3) / 64 +
        ((212 * z4 - 60 * z2) * u * u) / 16 +
        ((135 * z4 - 96 * z6) * u) / 4 -
        30 * z6 -
        90 * z4 * z4);
  }
  let even2 = 0;
  let even3 = 0;
  for (let k = Math.ceil((16 * z) / Math.PI); k >= 1; k--) {
    const u = pi2 * k * k;
    const weight = Math.exp(-u / (2 * z2));
    even2 += u * weight;
    even3 += (3 * z2 - u) * u * weight;
  }
  const root = Math.sqrt(2 * Math.PI);
  return (
    (root / z) * k0 +
    ((root / (6 * z4)) * k1) / Math.sqrt(n) +
    ((root / (72 * z6 * z)) * k2 - (root / (36 * z2 * z)) * even2) / n +
    ((root / (6480 * z6 * z4)) * k3 + (root / (216 * z6)) * even3) / n ** 1.5
  );
}

/**
 * P(D_n ≥ d), two-sided, for one sample of n: scipy `kstwo.sf`. The choice of method by region is that of Simard & L'Ecuyer (2011,
 * J. Stat. Software 39/11): exact by Ruben & Gambino, Durbin or 2·Smirnov, else Pelz-Good. Agrees with scipy 1.17 to about 1e-12 absolute.
 */
export function kolmogorovFiniteSf(d: number, n: number): number {
  if (!Number.isSafeInteger(n) || n < 1)
    throw new RangeError(`a sample size is a whole number of at least 1, not ${n}`);
  if (Number.isNaN(d)) throw new RangeError("Kolmogorov statistic is not a number");
  const t = n * d;
  if (d >= 1) return 0;
  if (t <= 0.5) return 1;
  if (t <= 1) {
    let p = 1;
    for (let i = 1; i <= n && p > 0; i++) p *= (i / n) * (2 * t - 1);
    return clip(1 - p);
  }
  if (t >= n - 1) return clip(2 * (1 - d) ** n);
  const nd2 = t * d;
  if (nd2 >= 370) return 0;
  if (d >= 0.5 || nd2 > (n <= 140 ? 4 : 2.2)) return clip(2 * smirnovSf(n, d));
  if (n <= 140 || (n <= 100_000 && n * d ** 1.5 <= 1.4)) return clip(1 - durbin(n, d));
  return clip(1 - pelzGood(n, d));
}
