"use client";

import { cn } from "../cn.ts";
import type { Stroke } from "./palette.ts";

type LegendProps = {
  /** A line that is no series and cannot be hidden: a threshold. In the plot its name would lie over the series that come near it. */
  mark?: { name: string; stroke: Stroke } | undefined;
  items: readonly { id: string; name: string; stroke: Stroke; kind?: "line" | "box" | "outline" | "dot" | undefined }[];
  hidden: ReadonlySet<string>;
  onToggle: (id: string) => void;
};

/** Names of the series; a press hides and shows one. */
export function ChartLegend({ mark, items, hidden, onToggle }: LegendProps) {
  return (
    <div data-chart-legend className="flex flex-wrap gap-x-3 gap-y-0.5">
      {items.map((item) => (
        <button
          key={item.id}
          type="button"
          aria-pressed={!hidden.has(item.id)}
          onClick={() => onToggle(item.id)}
          className={cn(
            "inline-flex h-6 max-w-56 items-center gap-1.5 rounded-sm text-xs text-muted hover:text-text",
            hidden.has(item.id) && "line-through opacity-50",
          )}
        >
          <svg width="14" height="8" aria-hidden className="shrink-0">
            {item.kind === "box" ? (
              <rect x="1" width="12" height="8" rx="1" fill={item.stroke.color} />
            ) : item.kind === "dot" ? (
              <circle cx="7" cy="4" r="3.5" fill={item.stroke.color} />
            ) : item.kind === "outline" ? (
              <rect
                x="1.75"
                y="0.75"
                width="10.5"
                height="6.5"
                fill="none"
                stroke={item.stroke.color}
                strokeWidth="1.5"
              />
            ) : (
              <StrokeSample stroke={item.stroke} />
            )}
          </svg>
          <span className="truncate">{item.name}</span>
        </button>
      ))}
      {mark === undefined ? null : (
        <span data-mark className="inline-flex h-6 items-center gap-1.5 text-xs text-muted">
          <svg width="14" height="8" aria-hidden className="shrink-0">
            <StrokeSample stroke={mark.stroke} />
          </svg>
          {mark.name}
        </span>
      )}
    </div>
  );
}

function StrokeSample({ stroke }: { stroke: Stroke }) {
  return <line x1="0" x2="14" y1="4" y2="4" stroke={stroke.color} strokeWidth="2" strokeDasharray={stroke.dash} />;
}
