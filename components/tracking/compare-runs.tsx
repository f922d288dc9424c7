"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { Eye, EyeOff, Pin } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { Input } from "#components/ui/input.tsx";
import { DropdownMenu } from "#components/ui/menu.tsx";
import { hoverSeries, useHoveredSeries } from "#components/ui/charts/hovered-series.ts";
import { hueItems } from "./hue-menu.tsx";
import type { NamedRun } from "./metric-lines.ts";
import { hideRuns, holdRuns, type RunViews } from "./run-views.ts";

const ROW = 28;
const PADDING = 4;

/** The legend of all charts: every run with its stroke, which can be changed; an eye that hides it, a pin that holds it on top and bold. */
export function CompareRuns({ project, runs, views }: { project: string; runs: readonly NamedRun[]; views: RunViews }) {
  const [query, setQuery] = useState("");
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const hovered = useHoveredSeries();
  const found = runs.filter((run) => run.name.toLowerCase().includes(query.toLowerCase()));
  const ordered = [...found.filter((run) => views.held.has(run.id)), ...found.filter((run) => !views.held.has(run.id))];
  const virtualizer = useVirtualizer({
    count: ordered.length,
    getScrollElement: () => scroller,
    estimateSize: () => ROW,
    overscan: 12,
    initialRect: { width: 0, height: 700 },
  });
  const items = virtualizer.getVirtualItems();
  const without = (from: ReadonlySet<string>, id: string): string[] => [...from].filter((each) => each !== id);
  return (
    <aside aria-label="Runs" className="rounded-md border bg-surface lg:sticky lg:top-3">
      <div className="flex items-center gap-1.5 border-b p-1.5">
        <Input
          aria-label="Find a run"
          placeholder={`${runs.length - views.hidden.size} of ${runs.length} shown`}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          className="h-7"
        />
        <Button
          size="sm"
          variant="ghost"
          onClick={() => hideRuns(views.hidden.size > 0 ? [] : runs.map((run) => run.id))}
        >
          {views.hidden.size > 0 ? "Show all" : "Hide all"}
        </Button>
      </div>
      <div ref={setScroller} className="max-h-40 overflow-y-auto lg:max-h-[calc(100dvh-13rem)]">
        <ul
          // Room for the lines that are scrolled out: a thousand runs would be a thousand menus.
          style={{
            paddingTop: PADDING + (items[0]?.start ?? 0),
            paddingBottom: PADDING + virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0),
          }}
        >
          {items.map((item) => {
            const run = ordered[item.index];
            if (!run) return null;
            const hidden = views.hidden.has(run.id);
            const held = views.held.has(run.id);
            const stroke = views.strokeOf(run.id);
            return (
              <li
                key={run.id}
                data-run={run.id}
                data-dim={views.dimmed(run.id) ? "true" : undefined}
                onMouseEnter={() => hoverSeries(run.id)}
                onMouseLeave={() => hoverSeries(null)}
                className={cn(
                  "group/run flex h-7 items-center gap-1 pr-1 pl-1.5",
                  hovered === run.id && "bg-raised",
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
                        <line
                          x2="16"
                          y1="4"
                          y2="4"
                          stroke={stroke.color}
                          strokeWidth="2.5"
                          strokeDasharray={stroke.dash}
                        />
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
          })}
        </ul>
      </div>
    </aside>
  );
}
