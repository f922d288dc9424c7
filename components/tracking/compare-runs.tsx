"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Input } from "#components/ui/input.tsx";
import { ComparedRun } from "./compared-run.tsx";
import type { NamedRun } from "./metric-lines.ts";
import { hideRuns, type RunViews } from "./run-views.ts";

const ROW = 28;
const PADDING = 4;

/** The legend of all charts: every run with its stroke, which can be changed; an eye that hides it, a pin that holds it on top and bold. */
export function CompareRuns({ project, runs, views }: { project: string; runs: readonly NamedRun[]; views: RunViews }) {
  const [query, setQuery] = useState("");
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const found = runs.filter((run) => run.name.toLowerCase().includes(query.toLowerCase()));
  const ordered = [...found.filter((run) => views.held.has(run.id)), ...found.filter((run) => !views.held.has(run.id))];
  const virtualizer = useVirtualizer({
    count: ordered.length,
    getScrollElement: () => scroller,
    estimateSize: () => ROW,
    overscan: 6,
    initialRect: { width: 0, height: 700 },
  });
  const items = virtualizer.getVirtualItems();
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
            return run ? <ComparedRun key={run.id} project={project} run={run} views={views} /> : null;
          })}
        </ul>
      </div>
    </aside>
  );
}
