"use client";

import { Eye, EyeOff, Pin } from "lucide-react";
import { memo } from "react";
import { cn } from "#components/ui/cn.ts";
import { Link } from "#components/ui/link.tsx";
import { DropdownMenu } from "#components/ui/menu.tsx";
import { hoverSeries, useIsHoveredSeries } from "#components/ui/charts/hovered-series.ts";
import { hueItems } from "./hue-menu.tsx";
import type { NamedRun } from "./metric-lines.ts";
import { hideRuns, holdRuns, type RunViews } from "./run-views.ts";

interface ComparedRunProps {
  readonly project: string;
  readonly run: NamedRun;
  readonly views: RunViews;
}

const without = (from: ReadonlySet<string>, id: string): string[] => [...from].filter((each) => each !== id);

function ComparedRunInner({ project, run, views }: ComparedRunProps) {
  const isHovered = useIsHoveredSeries(run.id);
  const hidden = views.hidden.has(run.id);
  const held = views.held.has(run.id);
  const stroke = views.strokeOf(run.id);
  return (
    <li
      data-run={run.id}
      data-dim={views.dimmed(run.id) ? "true" : undefined}
      onMouseEnter={() => hoverSeries(run.id)}
      onMouseLeave={() => hoverSeries(null)}
      className={cn(
        "group/run flex h-7 items-center gap-1 pr-1 pl-1.5",
        isHovered && "bg-raised",
        (hidden || views.dimmed(run.id)) && "opacity-50",
      )}
    >
      <button
        type="button"
        aria-pressed={!hidden}
        aria-label={`Show ${run.name}`}
        onClick={() => hideRuns(hidden ? without(views.hidden, run.id) : [...views.hidden, run.id])}
        className="inline-flex size-6 shrink-0 items-center justify-center rounded-sm text-muted hover:text-text"
      >
        {hidden ? <EyeOff className="size-3.5" aria-hidden /> : <Eye className="size-3.5" aria-hidden />}
      </button>
      <DropdownMenu
        align="start"
        items={hueItems(views.colors.get(run.id) ?? null, (hue) => views.colour(run.id, hue))}
        trigger={
          <button
            type="button"
            aria-label={`Colour of ${run.name}`}
            className="inline-flex size-6 shrink-0 items-center justify-center rounded-sm hover:bg-line data-[state=open]:bg-line"
          >
            <svg width="16" height="8" aria-hidden>
              <line x2="16" y1="4" y2="4" stroke={stroke.color} strokeWidth="2.5" strokeDasharray={stroke.dash} />
            </svg>
          </button>
        }
      />
      <Link
        href={`/p/${project}/experiments/runs/${run.id}`}
        title={run.name}
        onFocus={() => hoverSeries(run.id)}
        onBlur={() => hoverSeries(null)}
        className={cn("min-w-0 flex-1 truncate px-1 text-xs hover:underline", hidden && "line-through")}
      >
        {run.name}
      </Link>
      <button
        type="button"
        aria-pressed={held}
        aria-label={`Pin ${run.name}`}
        onClick={() => holdRuns(held ? without(views.held, run.id) : [...views.held, run.id])}
        className={cn(
          "inline-flex size-6 shrink-0 items-center justify-center rounded-sm text-muted hover:text-text",
          held ? "text-text" : "opacity-0 group-hover/run:opacity-100 focus-visible:opacity-100",
        )}
      >
        <Pin className="size-3.5" aria-hidden />
      </button>
    </li>
  );
}

/**
 * One line of the list of compared runs: its stroke, an eye, a pin. Kept from being drawn anew with the list: the cursor in a chart points at another line
 * many times a second, and that concerns two lines of forty.
 */
export const ComparedRun = memo(ComparedRunInner);
