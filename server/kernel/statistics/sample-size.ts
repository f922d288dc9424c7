import { normalQuantile, normalSf } from "./distributions.ts";

export type PairedDesign = {
  /** Smallest difference of accuracy worth finding, 0 < δ ≤ ψ (0.01 = one point). */
  readonly difference: number;
  /** Share of rows on which exactly one of the two models is right, δ ≤ ψ ≤ 1. */
  readonly discordance: number;
  /** One-sided error of the first kind; default 0.05. */
  readonly alpha?: number;
  /** Chance to find the difference if it is real; default 0.8. */
  readonly power?: number;
};

function check({ discordance, alpha = 0.05, power = 0.8 }: Omit<PairedDesign, "difference">) {
  if (!(discordance > 0 && discordance <= 1))
    throw new RangeError(`a discordance is between 0 and 1, not ${discordance}`);
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha is between 0 and 1, not ${alpha}`);
  if (!(power > 0 && power < 1)) throw new RangeError(`a power is between 0 and 1, not ${power}`);
  return { psi: discordance, zAlpha: -normalQuantile(alpha), zBeta: normalQuantile(power) };
}

/**
 * Rows needed for McNemar's test to find a difference: n = ((z₁₋α√ψ + z₁₋β√(ψ−δ²))/δ)², to the nearest row (Connor 1987, Biometrics 43:207).
 * ψ = 0.10, δ = 0.01, α = 0.05 one-sided, power 80 %: 6,180. RangeError for values outside the ranges of {@link PairedDesign}.
 */
export function pairsNeeded(design: PairedDesign): number {
  const { psi, zAlpha, zBeta } = check(design);
  const delta = design.difference;
  if (!(delta > 0 && delta <= psi))
    throw new RangeError(`a difference is above 0 and at most the discordance, not ${delta}`);
  return Math.round(((zAlpha * Math.sqrt(psi) + zBeta * Math.sqrt(psi - delta * delta)) / delta) ** 2);
}

/** Power of McNemar's one-sided test with n rows: Φ((δ√n − z₁₋α√ψ)/√(ψ−δ²)), Connor's formula solved for the power. */
export function pairedPower(n: number, design: Omit<PairedDesign, "power">): number {
  if (!(n >= 1)) throw new RangeError(`a number of rows is at least 1, not ${n}`);
  const { psi, zAlpha } = check(design);
  const delta = design.difference;
  if (!(delta > 0 && delta <= psi))
    throw new RangeError(`a difference is above 0 and at most the discordance, not ${delta}`);
  const spread = Math.sqrt(psi - delta * delta);
  const gap = delta * Math.sqrt(n) - zAlpha * Math.sqrt(psi);
  return spread === 0 ? (gap >= 0 ? 1 : 0) : normalSf(-gap / spread);
}

/**
 * Smallest difference that n rows can find with the given power: Connor's formula solved for δ,
 * δ² n + z²₁₋β δ² − 2 z₁₋α √(ψn) δ + (z²₁₋α − z²₁₋β) ψ = 0. Null when even δ = ψ would be missed.
 */
export function detectableDifference(n: number, design: Omit<PairedDesign, "difference">): number | null {
  if (!(n >= 1)) throw new RangeError(`a number of rows is at least 1, not ${n}`);
  const { psi, zAlpha, zBeta } = check(design);
  const a = n + zBeta * zBeta;
  const half = zAlpha * Math.sqrt(psi * n);
  const c = (zAlpha * zAlpha - zBeta * zBeta) * psi;
  // The larger root for power above one half, where δ√n must exceed z₁₋α√ψ; the smaller below.
  const root = Math.sqrt(Math.max(0, half * half - a * c));
  const delta = (half + (zBeta >= 0 ? root : -root)) / a;
  return delta > 0 && delta <= psi ? delta : null;
}
