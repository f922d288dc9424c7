import { roundTicks, type XKind } from "./palette.ts";

export type ScaleKind = "linear" | "log";
export type Range = readonly [low: number, high: number];

/**
 * Ticks of a logarithmic axis within [low, high], both above 0: the powers of ten; with 2 and 5 between them where there are fewer than three, and
 * round numbers as on a linear axis where the interval lies within less than a factor of three or so. With many decades every n-th stays.
 */
export function logTicks(low: number, high: number, count: number): number[] {
  if (!(low > 0) || !(high > low)) return [low];
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const decades = last - first + 1;
  const within = (value: number) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9);
  if (decades >= 3) {
    const every = Math.ceil(decades / Math.max(1, count));
    return Array.from({ length: decades }, (_, i) => first + i)
      .filter((power) => (power - first) % every === 0)
      .map((power) => Number(`1e${power}`));
  }
  const between = Array.from({ length: last - first + 3 }, (_, i) => first - 1 + i).flatMap((power) =>
    [1, 2, 5].map((lead) => Number(`${lead}e${power}`)),
  );
  const ticks = between.filter(within);
  return ticks.length >= 3 ? ticks : roundTicks(low, high, count, "number");
}

/** Ticks of either kind of axis. */
export function ticksOf(range: Range, count: number, scale: ScaleKind, kind: XKind): number[] {
  return scale === "log" ? logTicks(range[0], range[1], count) : roundTicks(range[0], range[1], count, kind);
}

/** Where a value stands between the ends: 0 at the first, 1 at the second; beyond them below 0 or above 1. */
export function share(value: number, [low, high]: Range, scale: ScaleKind): number {
  if (high === low) return 0.5;
  if (scale === "linear") return (value - low) / (high - low);
  return Math.log(value / low) / Math.log(high / low);
}

/** The value at a share of the way, the inverse of `share`. */
export function valueAt(at: number, [low, high]: Range, scale: ScaleKind): number {
  return scale === "linear" ? low + at * (high - low) : low * (high / low) ** at;
}

/** The interval moved by a share of its own length, or widened about the share `about` by a factor. */
export function moved(range: Range, by: number, scale: ScaleKind): Range {
  return [valueAt(by, range, scale), valueAt(1 + by, range, scale)];
}

export function widened(range: Range, factor: number, about: number, scale: ScaleKind): Range {
  return [valueAt(about - about * factor, range, scale), valueAt(about + (1 - about) * factor, range, scale)];
}
