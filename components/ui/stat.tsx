import { ArrowDownRight, ArrowRight, ArrowUpRight } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn.ts";
import { formatChange, formatNumber } from "./format.ts";

type StatProps = {
  label: ReactNode;
  /** A number is written with 3 significant digits; give text for anything else. */
  value: number | string | null;
  unit?: string | undefined;
  /** Change against `against`; `better` says which direction is good (none: neutral). */
  change?: number | null | undefined;
  changeUnit?: string | undefined;
  against?: string | undefined;
  better?: "up" | "down" | undefined;
  /** Lower and upper bound, e.g. of a 95% interval. */
  interval?: readonly [number, number] | null | undefined;
  /** How many observations stand behind the number. */
  n?: number | null | undefined;
  /** What is counted, for n: "predictions". */
  of?: string | undefined;
  /** champion or challenger: draws the coloured edge. */
  role?: "champion" | "challenger" | undefined;
  spark?: ReactNode;
  className?: string | undefined;
};

/** A headline number with what makes it believable: change, interval and sample size. */
export function Stat({
  label,
  value,
  unit,
  change,
  changeUnit,
  against,
  better,
  interval,
  n,
  of,
  role,
  spark,
  className,
}: StatProps) {
  return (
    <div
      className={cn(
        "min-w-0 rounded-md border bg-surface px-3 py-2.5",
        role === "champion" && "border-t-2 border-t-gold-fill",
        role === "challenger" && "border-t-2 border-t-steel-fill",
        className,
      )}
    >
      <div className="truncate text-xs text-muted" title={typeof label === "string" ? label : undefined}>
        {label}
      </div>
      <div className="mt-0.5 flex items-end justify-between gap-2">
        <div className="flex min-w-0 items-baseline gap-1" data-number>
          <span className="truncate text-xl font-semibold tracking-tight">
            {typeof value === "string" ? value : formatNumber(value)}
          </span>
          {unit === undefined ? null : <span className="text-xs text-muted">{unit}</span>}
        </div>
        {spark}
      </div>
      <div className="mt-0.5 flex flex-wrap items-center gap-x-2 text-xs text-muted" data-number>
        {change === undefined || change === null ? null : (
          <Change value={change} unit={changeUnit} better={better} against={against} />
        )}
        {interval === undefined || interval === null ? null : (
          <span title="95% interval">
            {formatNumber(interval[0])} to {formatNumber(interval[1])}
          </span>
        )}
        {n === undefined || n === null ? null : (
          <span>
            n = {formatNumber(n)}
            {of === undefined ? "" : ` ${of}`}
          </span>
        )}
      </div>
    </div>
  );
}

type ChangeProps = {
  value: number;
  unit?: string | undefined;
  better?: "up" | "down" | undefined;
  against?: string | undefined;
};

/** A signed change with an arrow; coloured only when it is known which direction is good. */
export function Change({ value, unit, better, against }: ChangeProps) {
  const good = better !== undefined && value !== 0 && value > 0 === (better === "up");
  const bad = better !== undefined && value !== 0 && !good;
  const Arrow = value > 0 ? ArrowUpRight : value < 0 ? ArrowDownRight : ArrowRight;
  return (
    <span className="inline-flex items-center gap-0.5 whitespace-nowrap">
      <span className={cn("inline-flex items-center gap-0.5 font-medium", good && "text-good", bad && "text-bad")}>
        <Arrow className="size-3" aria-hidden />
        {formatChange(value)}
        {unit ?? ""}
        {good ? <span className="sr-only"> better</span> : bad ? <span className="sr-only"> worse</span> : null}
      </span>
      {against === undefined ? null : <span className="text-muted"> {against}</span>}
    </span>
  );
}
