import type { ReactNode } from "react";
import { cn } from "./cn.ts";
import { formatDuration, formatNumber } from "./format.ts";

type ProgressBarProps = {
  /** What is being done: "Reading rows". */
  label: string;
  done: number;
  /** Null while the whole is not known: then only the count is shown. */
  total?: number | null | undefined;
  /** What is counted: "rows". */
  unit?: string | undefined;
  /** Milliseconds that are left, as the server estimates. */
  leftMs?: number | null | undefined;
  /** How counts are written; give formatBytes for bytes. */
  format?: ((value: number) => string) | undefined;
  state?: "running" | "done" | "failed" | undefined;
  /** The cancel button. */
  cancel?: ReactNode;
  className?: string | undefined;
};

/** Progress with counts and a time left, and a place for the button that stops it. */
export function ProgressBar({
  label,
  done,
  total,
  unit,
  leftMs,
  format = formatNumber,
  state = "running",
  cancel,
  className,
}: ProgressBarProps) {
  const known = total !== null && total !== undefined && total > 0;
  const share = known ? Math.min(1, Math.max(0, done / total)) : 0;
  const counts = `${format(done)}${known ? ` of ${format(total)}` : ""}${unit === undefined ? "" : ` ${unit}`}`;
  const left = leftMs === null || leftMs === undefined || state !== "running" ? null : `${formatDuration(leftMs)} left`;
  return (
    <div className={cn("flex min-w-0 items-center gap-3", className)}>
      <div className="min-w-0 flex-1 space-y-1">
        <div className="flex items-baseline justify-between gap-3 text-xs">
          <span className="truncate">{label}</span>
          <span className="whitespace-nowrap text-muted" data-number>
            {counts}
            {left === null ? "" : ` · ${left}`}
          </span>
        </div>
        <div
          role="progressbar"
          aria-label={label}
          aria-valuetext={left === null ? counts : `${counts}, ${left}`}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={known ? Math.round(share * 100) : undefined}
          className="h-1.5 overflow-hidden rounded-full bg-raised"
        >
          <div
            className={cn(
              "h-full rounded-full transition-[width]",
              state === "done" ? "bg-good" : state === "failed" ? "bg-bad" : "bg-ink",
              !known && state === "running" && "w-1/3 opacity-40",
            )}
            style={known || state !== "running" ? { width: state === "done" ? "100%" : `${share * 100}%` } : undefined}
          />
        </div>
      </div>
      {cancel}
    </div>
  );
}
