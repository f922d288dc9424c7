"use client";

import { useMemo } from "react";
import type { Stroke } from "#components/ui/charts/palette.ts";
import { setSearchParams, useSearch } from "#components/ui/url-state.ts";
import type { NamedRun } from "./metric-lines.ts";
import { runStrokes } from "./parts/run-strokes.ts";

/** How compared runs are shown in every chart of a page: which are hidden, which stand out, which stand back, and their strokes. */
export interface RunViews {
  /** Those that are not hidden, the held ones first. */
  readonly shown: readonly NamedRun[];
  readonly hidden: ReadonlySet<string>;
  readonly held: ReadonlySet<string>;
  readonly strokeOf: (run: string) => Stroke;
  /** Not among the runs that the brushes choose. */
  readonly dimmed: (run: string) => boolean;
  readonly bold: (run: string) => boolean;
}

const USUAL: Stroke = { color: "var(--chart-6)", dash: undefined };
/** Of an id in a list of the address: enough to tell a hundred apart. */
const SHORT = 8;

function named(runs: readonly NamedRun[], text: string | null): ReadonlySet<string> {
  const parts = new Set((text ?? "").split(",").filter((part) => part !== ""));
  return new Set(runs.filter((run) => parts.has(run.id.slice(0, SHORT))).map((run) => run.id));
}

const shortened = (ids: Iterable<string>): string => [...ids].map((id) => id.slice(0, SHORT)).join(",");

/** The views that the address states; `chosen` are the runs that brushes leave, null without any. */
export function useRunViews(runs: readonly NamedRun[], chosen: ReadonlySet<string> | null): RunViews {
  const search = useSearch();
  const hide = search.get("hide");
  const hold = search.get("hold");
  return useMemo(() => {
    const hidden = named(runs, hide);
    const held = named(runs, hold);
    const strokes = runStrokes(runs.map((run) => run.id));
    const visible = runs.filter((run) => !hidden.has(run.id));
    return {
      shown: [...visible.filter((run) => held.has(run.id)), ...visible.filter((run) => !held.has(run.id))],
      hidden,
      held,
      // A line alone needs no hue, and the first, a green, must not read as a verdict.
      strokeOf: (run) => (runs.length === 1 ? USUAL : (strokes.get(run) ?? USUAL)),
      dimmed: (run) => chosen !== null && !chosen.has(run),
      bold: (run) => held.has(run),
    };
  }, [runs, hide, hold, chosen]);
}

/** Hides exactly these runs. */
export function hideRuns(ids: Iterable<string>): void {
  setSearchParams({ hide: shortened(ids) });
}

/** Holds exactly these runs at the top of the list, their lines drawn bold. */
export function holdRuns(ids: Iterable<string>): void {
  setSearchParams({ hold: shortened(ids) });
}
