import type { RunGroupDto } from "#server/tracking/contract.ts";
import type { Query } from "./table-state.ts";

/** Runs that one request reads in pages: those of the table, of a group, or the children of a run. */
export interface Source {
  readonly id: string;
  readonly query: Query;
  readonly depth: number;
}

/** Neighbouring lines of the table: a stretch of a source's runs, or one group. */
export type Segment =
  | { readonly kind: "runs"; readonly source: Source; readonly from: number; readonly count: number }
  | { readonly kind: "group"; readonly group: RunGroupDto; readonly count: 1 };

export interface Layout {
  readonly segments: readonly Segment[];
  /** The line at which each segment begins. */
  readonly starts: readonly number[];
  readonly lines: number;
}

/** What stands in a line. */
export type Line =
  | { readonly kind: "run"; readonly source: Source; readonly index: number }
  | { readonly kind: "group"; readonly group: RunGroupDto };

export function layoutOf(segments: readonly Segment[]): Layout {
  const kept = segments.filter((segment) => segment.count > 0);
  const starts: number[] = [];
  let lines = 0;
  for (const segment of kept) {
    starts.push(lines);
    lines += segment.count;
  }
  return { segments: kept, starts, lines };
}

/** The line at a place, found by halving. */
export function lineAt({ segments, starts, lines }: Layout, place: number): Line | null {
  if (place < 0 || place >= lines) return null;
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  const segment = segments[low];
  if (!segment) return null;
  if (segment.kind === "group") return segment;
  return { kind: "run", source: segment.source, index: segment.from + place - (starts[low] ?? 0) };
}

/** An opened run: of which source it is, where it stands among its runs, and what reads how many children. */
export interface Opened {
  readonly of: string;
  readonly at: number;
  readonly source: Omit<Source, "depth">;
  readonly children: number;
}

/** The runs of a source with the children of those opened right behind them, and theirs behind each of these. */
export function withChildren(source: Source, total: number, opened: readonly Opened[]): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  const own = opened.filter(({ of, at }) => of === source.id && at < total).toSorted((a, b) => a.at - b.at);
  for (const { at, source: children, children: count } of own) {
    segments.push({ kind: "runs", source, from, count: at + 1 - from });
    segments.push(...withChildren({ ...children, depth: source.depth + 1 }, count, opened));
    from = at + 1;
  }
  segments.push({ kind: "runs", source, from, count: total - from });
  return segments;
}
