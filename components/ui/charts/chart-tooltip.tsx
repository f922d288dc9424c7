import { formatNumber } from "../format.ts";
import type { Stroke } from "./palette.ts";

export type TooltipLine = {
  name: string;
  value: number | null;
  stroke: Stroke;
  low?: number | undefined;
  high?: number | undefined;
};

/** The panel at the cursor: the x value, then each series with its number and band. */
export function ChartTooltip({
  head,
  lines,
  unit,
  digits,
  note,
}: {
  head: string;
  lines: readonly TooltipLine[];
  unit?: string | undefined;
  digits?: number | undefined;
  note?: string | undefined;
}) {
  return (
    <div className="max-w-80 rounded-md border bg-surface px-2.5 py-2 text-xs shadow-float">
      <p className="pb-1 text-muted">{head}</p>
      {lines.map((line) => (
        <p key={line.name} className="flex items-center gap-2">
          <span aria-hidden className="h-0.5 w-3 shrink-0 rounded-full" style={{ background: line.stroke.color }} />
          <span className="min-w-0 flex-1 truncate">{line.name}</span>
          <span className="font-medium" data-number>
            {formatNumber(line.value, digits)}
            {unit === undefined ? "" : ` ${unit}`}
          </span>
          {line.low === undefined || line.high === undefined ? null : (
            <span className="text-muted" data-number>
              {formatNumber(line.low, digits)} to {formatNumber(line.high, digits)}
            </span>
          )}
        </p>
      ))}
      {note === undefined ? null : <p className="pt-1 text-muted">{note}</p>}
    </div>
  );
}
