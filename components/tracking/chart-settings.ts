"use client";

import { useMemo } from "react";
import type { Range, ScaleKind } from "#components/ui/charts/axis-scale.ts";
import { setSearchParams, useSearch } from "#components/ui/url-state.ts";
import type { Axis } from "./metric-lines.ts";

/** How metric charts are drawn; all of it stands in the address, so that a link shows the same. */
export interface ChartSettings {
  readonly axis: Axis;
  /** The metric that gives x instead of `axis`; null for none. */
  readonly by: string | null;
  readonly smoothing: number;
  readonly raw: boolean;
  readonly xScale: ScaleKind;
  readonly yScale: ScaleKind;
  readonly leaveOutliers: boolean;
  /** The part of x that all charts show. */
  readonly range: Range | null;
  readonly filter: string;
  readonly pinned: readonly string[];
  readonly closed: readonly string[];
}

/** Before the name of a metric that gives x, in the address. */
export const BY_METRIC = "metric:";

const list = (text: string | null): string[] => (text === null || text === "" ? [] : text.split(","));

/** Names may hold commas; in a list of an address they are escaped once more. */
export const listed = (names: readonly string[]): string => names.map(encodeURIComponent).join(",");
export const unlisted = (text: string | null): string[] =>
  list(text).flatMap((name) => {
    try {
      return [decodeURIComponent(name)];
    } catch {
      return [];
    }
  });

function rangeOf(text: string | null): Range | null {
  const [from, to] = (text ?? "").split("~").map(Number);
  return text !== null && from !== undefined && to !== undefined && to > from ? [from, to] : null;
}

const rounded = (x: number): string => String(Number(x.toPrecision(15)));
export const rangeText = (range: Range | null): string | null =>
  range === null ? null : `${rounded(range[0])}~${rounded(range[1])}`;

/** The settings that the address states. */
export function useChartSettings(): ChartSettings {
  const search = useSearch();
  return useMemo(() => {
    const axis = search.get("x");
    const smoothing = Number(search.get("smooth") ?? 0);
    return {
      axis: axis === "time" || axis === "relative" ? axis : "step",
      by: axis?.startsWith(BY_METRIC) === true ? axis.slice(BY_METRIC.length) || null : null,
      smoothing: smoothing > 0 && smoothing < 1 ? smoothing : 0,
      raw: search.get("raw") !== "0",
      xScale: search.get("xlog") === "1" ? "log" : "linear",
      yScale: search.get("ylog") === "1" ? "log" : "linear",
      leaveOutliers: search.get("outliers") === "0",
      range: rangeOf(search.get("range")),
      filter: search.get("metric") ?? "",
      pinned: unlisted(search.get("pin")),
      closed: unlisted(search.get("closed")),
    };
  }, [search]);
}

/** Sets the part of x that all charts show. */
export function showRange(range: Range | null): void {
  setSearchParams({ range: rangeText(range) });
}
