import { formatNumber } from "#components/ui/format.ts";

/** A tolerance or a difference as it was stated: four digits at most, and no zeros behind them that would claim more. */
export function toleranceText(value: number | null): string {
  if (value === null) return "–";
  const [mantissa = "", exponent] = formatNumber(value, 4).split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return exponent === undefined ? short : `${short}e${exponent}`;
}
