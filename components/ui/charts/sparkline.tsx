import { cn } from "../cn.ts";
import { formatNumber } from "../format.ts";
import type { SeriesRole } from "./palette.ts";

type SparklineProps = {
  /** In order; null is a gap. */
  values: readonly (number | null)[];
  /** What it shows, for those who do not see it: "Accuracy, last 30 days". */
  label: string;
  role?: SeriesRole | undefined;
  width?: number | undefined;
  height?: number | undefined;
  className?: string | undefined;
};

/** A line without axes, for tables and headline numbers; the last point is marked. Nothing to draw with fewer than two values. */
export function Sparkline({ values, label, role, width = 96, height = 24, className }: SparklineProps) {
  const known = values.filter((value) => value !== null && Number.isFinite(value)) as number[];
  if (known.length < 2) return null;
  const low = Math.min(...known);
  const high = Math.max(...known);
  const color =
    role === "champion" ? "var(--gold-fill)" : role === "challenger" ? "var(--steel-fill)" : "var(--line-strong)";
  const at = (value: number, index: number): [number, number] => [
    2 + (index / (values.length - 1)) * (width - 4),
    high === low ? height / 2 : height - 3 - ((value - low) / (high - low)) * (height - 6),
  ];
  const path = pathOf(values, at);
  const end = values.findLastIndex((value) => value !== null && Number.isFinite(value));
  const [endX, endY] = at(values[end] ?? 0, end);
  return (
    <svg
      role="img"
      aria-label={`${label}: from ${formatNumber(known[0])} to ${formatNumber(known.at(-1))}, least ${formatNumber(low)}, most ${formatNumber(high)}`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      className={cn("shrink-0", className)}
    >
      <path d={path} fill="none" stroke={color} strokeWidth="1.5" strokeLinejoin="round" strokeLinecap="round" />
      <circle cx={endX} cy={endY} r="2" fill={color} />
    </svg>
  );
}

/** The path through the values; a gap lifts the pen. */
function pathOf(values: readonly (number | null)[], at: (value: number, index: number) => [number, number]): string {
  let pen = "M";
  let path = "";
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) {
      pen = "M";
      return;
    }
    const [x, y] = at(value, index);
    path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
  });
  return path;
}
