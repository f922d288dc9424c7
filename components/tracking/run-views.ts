"use client";

import { useMemo } from "react";
import type { Stroke } from "#components/ui/charts/palette.ts";
import { setSearchParams, useSearch } from "#components/ui/url-state.ts";
import type { RunMarkDto } from "#server/tracking/contract.ts";
import type { NamedRun } from "./metric-lines.ts";
import { runStrokes } from "./parts/run-strokes.ts";
import { useMarks } from "./runs-table/use-marks.ts";

/** How compared runs are shown in every chart of a page: which are hidden, which stand out, which stand back, and their strokes. */
export interface RunViews {
  /** Those that are not hidden, the held ones first. */
  readonly shown: readonly NamedRun[];
  readonly hidden: ReadonlySet<string>;
  readonly held: ReadonlySet<string>;
  /** The hues, 1 to 6, that a person chose. */
  readonly colors: ReadonlyMap<string, number>;
  readonly strokeOf: (run: string) => Stroke;
  /** Not among the runs that the brushes choose. */
  readonly dimmed: (run: string) => boolean;
  readonly bold: (run: string) => boolean;
  /** Gives a run a hue for its reader, here and in the table of runs; null gives it back its own. */
  readonly colour: (run: string, hue: number | null) => void;
  /** What a link has to state so that another person sees the same, whatever they marked themselves. */
  readonly address: () => Readonly<Record<string, string>>;
}

const USUAL: Stroke = { color: "var(--chart-6)", dash: undefined };
/** Of an id in a list of the address: enough to tell a hundred apart. */
const SHORT = 8;
/** An address that says "none", which an empty one does not: that leaves it to the reader's marks. */
const NONE = "-";

const parts = (text: string): string[] => text.split(",").filter((part) => part !== "" && part !== NONE);

/** The runs that the address names; where it names none, those that the reader marked in the table. */
function named(runs: readonly NamedRun[], text: string | null, marked: (run: string) => boolean): ReadonlySet<string> {
  if (text === null) return new Set(runs.filter((run) => marked(run.id)).map((run) => run.id));
  const ids = new Set(parts(text));
  return new Set(runs.filter((run) => ids.has(run.id.slice(0, SHORT))).map((run) => run.id));
}

/** The hues of an address over those of the marks: "1f0c22ab~3,…". */
function coloured(
  runs: readonly NamedRun[],
  text: string | null,
  marked: (run: string) => number | null,
): ReadonlyMap<string, number> {
  const stated = new Map(
    parts(text ?? "").map((part): [string, string] => {
      const [run = "", hue = ""] = part.split("~");
      return [run, hue];
    }),
  );
  return new Map(
    runs.flatMap((run): [string, number][] => {
      const said = stated.get(run.id.slice(0, SHORT));
      const hue = said === undefined ? marked(run.id) : Number(said);
      return hue !== null && Number.isInteger(hue) && hue >= 1 && hue <= 6 ? [[run.id, hue]] : [];
    }),
  );
}

const shortened = (ids: Iterable<string>): string => [...ids].map((id) => id.slice(0, SHORT)).join(",") || NONE;

/**
 * The views that the address states, and where it is silent those of the reader's marks in the table of runs: hidden, pinned, coloured. `chosen` are the
 * runs that brushes leave, null without any; `marks` what the server read of the marks already.
 */
export function useRunViews(
  project: string,
  runs: readonly NamedRun[],
  chosen: ReadonlySet<string> | null,
  marks?: readonly RunMarkDto[],
): RunViews {
  const search = useSearch();
  const { of, change } = useMarks(project, marks);
  const [hide, hold, colours] = [search.get("hide"), search.get("hold"), search.get("colours")];
  return useMemo(() => {
    // The only run of a page is never hidden there.
    const hidden = runs.length === 1 ? new Set<string>() : named(runs, hide, (run) => of(run)?.hidden === true);
    const held = named(runs, hold, (run) => of(run)?.pinned === true);
    const colors = coloured(runs, colours, (run) => of(run)?.color ?? null);
    const strokes = runStrokes(
      runs.map((run) => run.id),
      colors,
    );
    const visible = runs.filter((run) => !hidden.has(run.id));
    return {
      shown: [...visible.filter((run) => held.has(run.id)), ...visible.filter((run) => !held.has(run.id))],
      hidden,
      held,
      colors,
      // A line alone needs no hue, and the first, a green, must not read as a verdict.
      strokeOf: (run) => (runs.length === 1 && colors.size === 0 ? USUAL : (strokes.get(run) ?? USUAL)),
      dimmed: (run) => chosen !== null && !chosen.has(run),
      bold: (run) => runs.length > 1 && held.has(run),
      colour: (run, hue) => {
        change([run], { color: hue });
        // What the address says of this run would go on hiding the choice.
        const left = parts(colours ?? "").filter((part) => !part.startsWith(run.slice(0, SHORT)));
        setSearchParams({ colours: left.join(",") });
      },
      address: () => ({
        hide: shortened(hidden),
        hold: shortened(held),
        colours: [...colors].map(([run, hue]) => `${run.slice(0, SHORT)}~${hue}`).join(",") || NONE,
      }),
    };
  }, [runs, hide, hold, colours, chosen, of, change]);
}

/** Hides exactly these runs. */
export function hideRuns(ids: Iterable<string>): void {
  setSearchParams({ hide: shortened(ids) });
}

/** Holds exactly these runs at the top of the list, their lines drawn bold. */
export function holdRuns(ids: Iterable<string>): void {
  setSearchParams({ hold: shortened(ids) });
}
