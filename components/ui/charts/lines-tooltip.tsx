import { cn } from "../cn.ts";
import { formatNumber } from "../format.ts";
import type { Reading } from "./canvas-lines.ts";

export interface Tip {
  /** Pixels from the left edge of the chart. */
  readonly left: number;
  readonly onLeft: boolean;
  readonly head: string;
  /** The line that is pointed at. */
  readonly nearest: string | null;
  readonly readings: readonly Reading[];
  /** How many lines are farther away and left out. */
  readonly more: number;
}

/** What the lines nearest to the cursor say, the greatest first, as they lie in the chart. */
export function LinesTooltip({ tip, digits }: { tip: Tip; digits: number }) {
  return (
    <div
      role="status"
      className="pointer-events-none absolute top-2 z-20 w-max max-w-72 rounded-md border bg-surface px-2.5 py-2 text-xs shadow-float"
      style={tip.onLeft ? { right: `calc(100% - ${tip.left - 14}px)` } : { left: tip.left + 14 }}
    >
      <p className="pb-1 text-muted">{tip.head}</p>
      {tip.readings.map(({ line, y, raw }) => (
        <p key={line.id} className={cn("flex items-center gap-2", line.id === tip.nearest && "font-medium")}>
          <svg width="14" height="6" aria-hidden className="shrink-0">
            <line x2="14" y1="3" y2="3" stroke={line.stroke.color} strokeWidth="2" strokeDasharray={line.stroke.dash} />
          </svg>
          <span className="max-w-40 min-w-0 flex-1 truncate">{line.name}</span>
          <span data-number>{formatNumber(y, digits)}</span>
          {raw === null || raw === y ? null : (
            <span className="text-muted" data-number>
              {formatNumber(raw, digits)}
            </span>
          )}
        </p>
      ))}
      {tip.more > 0 ? <p className="pt-1 text-muted">and {tip.more} farther away</p> : null}
    </div>
  );
}
