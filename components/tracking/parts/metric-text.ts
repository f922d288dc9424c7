import { formatNumber } from "#components/ui/format.ts";
import { INFINITE } from "#server/tracking/contract.ts";

/** A metric as it is shown: null is NaN, the greatest double an infinity, and a metric that was never logged a dash. */
export function metricText(value: number | null | undefined, digits = 4): string {
  if (value === undefined) return "–";
  if (value === null) return "NaN";
  if (Math.abs(value) >= INFINITE) return value > 0 ? "∞" : "−∞";
  return formatNumber(value, digits);
}

/** The value as a chart can draw it; NaN and the infinities are gaps. */
export function drawable(value: number | null | undefined): number | null {
  return value === null || value === undefined || Math.abs(value) >= INFINITE ? null : value;
}

/** The value as a table or a file holds it, in the words that other programs read; null where it was never logged. */
export function metricCell(value: number | null | undefined): number | string | null {
  if (value === undefined) return null;
  if (value === null) return "NaN";
  return Math.abs(value) < INFINITE ? value : value > 0 ? "Infinity" : "-Infinity";
}
