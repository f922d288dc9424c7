import { type Range, type ScaleKind, share, ticksOf, valueAt } from "#components/ui/charts/axis-scale.ts";
import { formatCompact } from "#components/ui/format.ts";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { fieldsOf, numberOf } from "./comparison.ts";

/** An axis as the address states it; without a scale the values decide. */
export interface AxisChoice {
  readonly field: string;
  readonly scale: ScaleKind | null;
}

/** A part of an axis that the reader chose: values of a numeric axis, places of a categorical one. */
export interface Brush {
  readonly field: string;
  readonly low: number;
  readonly high: number;
}

export interface ParallelAxis {
  readonly field: string;
  readonly name: string;
  readonly kind: ScaleKind | "category";
  readonly range: Range;
  /** The values of a categorical axis, from its foot to its head. */
  readonly categories: readonly string[];
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}

export const fieldName = (field: string): string => field.slice(field.indexOf(":") + 1);

/** These two separate here, and encodeURIComponent leaves them. */
const encode = (text: string): string => encodeURIComponent(text).replaceAll("!", "%21").replaceAll("~", "%7E");
const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
};

export function axesText(axes: readonly AxisChoice[]): string {
  return axes.map(({ field, scale }) => encode(field) + (scale === null ? "" : `!${scale}`)).join(",");
}

export function axesOf(text: string): AxisChoice[] {
  return text.split(",").flatMap((part) => {
    const [field = "", scale] = part.split("!");
    return field === "" ? [] : [{ field: decode(field), scale: scale === "log" || scale === "linear" ? scale : null }];
  });
}

export function brushText(brushes: readonly Brush[]): string {
  return brushes.map(({ field, low, high }) => `${encode(field)}~${low}~${high}`).join(",");
}

export function brushesOf(text: string): Brush[] {
  return text.split(",").flatMap((part) => {
    const [field = "", low, high] = part.split("~");
    const brush = { field: decode(field), low: Number(low), high: Number(high) };
    return brush.field === "" || !(brush.high >= brush.low) ? [] : [brush];
  });
}

/** What a field says of a run: a number where it is one for all runs that have it, otherwise text; null where the run does not have it. */
function saying(run: RunSummaryDto, field: string): string | null {
  return run.params[fieldName(field)] ?? null;
}

/** The axes to begin with: the parameters in which the runs differ, then the metrics, not more than a page shows. */
export function usualAxes(runs: readonly RunSummaryDto[]): AxisChoice[] {
  const { numbers, words } = fieldsOf(runs);
  const differs = (field: string): boolean =>
    new Set(runs.map((run) => (numbers.includes(field) ? numberOf(run, field) : saying(run, field)))).size > 1;
  const params = [...numbers, ...words].filter((field) => field.startsWith("param:") && differs(field)).sort();
  const metrics = numbers.filter((field) => field.startsWith("metric:") && differs(field));
  return [...params.slice(0, 6), ...metrics.slice(0, Math.max(2, 7 - params.length))].map((field) => ({
    field,
    scale: null,
  }));
}

/** An axis over these runs: numeric where at least two of them have numbers and none has a word, else categorical. */
export function axisOf(runs: readonly RunSummaryDto[], { field, scale }: AxisChoice): ParallelAxis {
  const name = fieldName(field);
  const numbers = runs.flatMap((run) => numberOf(run, field) ?? []);
  const spoken = field.startsWith("param:") ? runs.flatMap((run) => saying(run, field) ?? []) : [];
  if (field.startsWith("param:") && numbers.length < spoken.length) {
    const categories = [...new Set(spoken)].sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
    const range: Range = [0, Math.max(1, categories.length - 1)];
    const every = Math.ceil(categories.length / 24);
    return {
      field,
      name,
      kind: "category",
      range,
      categories,
      ticks: categories.flatMap((text, i) => (i % every === 0 ? [{ at: share(i, range, "linear"), text }] : [])),
    };
  }
  const low = Math.min(...numbers);
  const high = Math.max(...numbers);
  if (numbers.length === 0) return { field, name, kind: "linear", range: [0, 1], categories: [], ticks: [] };
  const wide = low > 0 && high / low >= 100 && new Set(numbers).size > 2;
  const kind: ScaleKind = low > 0 && (scale === "log" || (scale === null && wide)) ? "log" : "linear";
  const range: Range = high > low ? [low, high] : kind === "log" ? [low / 2, low * 2] : [low - 1, low + 1];
  return {
    field,
    name,
    kind,
    range,
    categories: [],
    ticks: ticksOf(range, 6, kind, "number").map((value) => ({
      at: share(value, range, kind),
      text: formatCompact(value),
    })),
  };
}

/** The place of a run on an axis, in the axis's own values; null where it has none. */
export function placeOf(run: RunSummaryDto, axis: ParallelAxis): number | null {
  if (axis.kind !== "category") return numberOf(run, axis.field);
  const at = axis.categories.indexOf(saying(run, axis.field) ?? "");
  return at < 0 || saying(run, axis.field) === null ? null : at;
}

/** From 0 at the foot of the axis to 1 at its head. */
export function shareOf(place: number, { range, kind }: ParallelAxis): number {
  return share(place, range, kind === "log" ? "log" : "linear");
}

/** So near to an end of an axis, in shares of it, a hand means the end: a few pixels. */
const NEAR_END = 0.015;

/** The places between two shares of an axis, as a brush: of a categorical axis whole categories, of a numeric one values that end with the axis near its ends. */
export function brushBetween(axis: ParallelAxis, a: number, b: number): Brush {
  const [least, greatest] = axis.range;
  const placeAt = (at: number): number => {
    if (at <= NEAR_END) return least;
    if (at >= 1 - NEAR_END) return greatest;
    // Twelve digits are finer than any screen and keep the address readable; the ends are exact, or the best run would lie outside.
    const place = valueAt(at, axis.range, axis.kind === "log" ? "log" : "linear");
    return axis.kind === "category" ? Math.round(place) : Number(place.toPrecision(12));
  };
  return { field: axis.field, low: placeAt(Math.min(a, b)), high: placeAt(Math.max(a, b)) };
}

/** The part of an axis that a brush covers, in shares of it; half a category on either side of a chosen one. */
export function brushedPart(axis: ParallelAxis, { low, high }: Brush): Range {
  const air = axis.kind === "category" ? 0.4 : 0;
  return [Math.max(-0.02, shareOf(low - air, axis)), Math.min(1.02, shareOf(high + air, axis))];
}

/** The runs within every brush; null when there is no brush. A run without a value is within none. */
export function chosenRuns(runs: readonly RunSummaryDto[], brushes: readonly Brush[]): ReadonlySet<string> | null {
  if (brushes.length === 0) return null;
  const axes = new Map(brushes.map(({ field }) => [field, axisOf(runs, { field, scale: null })]));
  return new Set(
    runs
      .filter((run) =>
        brushes.every(({ field, low, high }) => {
          const axis = axes.get(field);
          const place = axis === undefined ? null : placeOf(run, axis);
          return place !== null && place >= low && place <= high;
        }),
      )
      .map((run) => run.id),
  );
}
