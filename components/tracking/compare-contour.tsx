"use client";

import { useMemo } from "react";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { formatCompact, formatNumber } from "#components/ui/format.ts";
import { useUrlState } from "#components/ui/url-state.ts";
import { type Range, type ScaleKind, share, ticksOf, valueAt } from "#components/ui/charts/axis-scale.ts";
import { ChartFrame } from "#components/ui/charts/chart-frame.tsx";
import { bandOf, joined, type Site, triangulate } from "#components/ui/charts/contour.ts";
import { hoverSeries, useHoveredSeries } from "#components/ui/charts/hovered-series.ts";
import { Sized } from "#components/ui/charts/sized.tsx";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { fieldsOf, leftOut, numberOf } from "./comparison.ts";
import { FieldSelect } from "./field-select.tsx";
import { fieldName } from "./parallel-axes.ts";
import type { RunViews } from "./run-views.ts";

const BANDS = 8;
const MARGIN = { left: 60, right: 96, top: 12, bottom: 40 };

interface RunSite extends Site {
  readonly id: string;
  readonly name: string;
}

/** A metric over two parameters: between the runs it is interpolated on the triangles of their Delaunay triangulation, and outside nothing is claimed. */
export function CompareContour({ runs, views }: { runs: readonly RunSummaryDto[]; views: RunViews }) {
  const { numbers } = useMemo(() => fieldsOf(runs), [runs]);
  const varied = useMemo(
    () => numbers.filter((field) => new Set(runs.map((run) => numberOf(run, field))).size > 1),
    [numbers, runs],
  );
  const [askedX, setX] = useUrlState("cx");
  const [askedY, setY] = useUrlState("cy");
  const [askedZ, setZ] = useUrlState("cz");
  const params = varied.filter((field) => field.startsWith("param:"));
  const pick = (asked: string, usual: string | undefined): string =>
    numbers.includes(asked) ? asked : (usual ?? numbers[0] ?? "");
  const x = pick(askedX, params[0] ?? varied[0]);
  const y = pick(askedY, params[1] ?? varied.find((field) => field !== x));
  const z = pick(
    askedZ,
    varied.find((field) => field.startsWith("metric:") && field !== x && field !== y),
  );
  const sites = useMemo(() => {
    const names = new Map(views.shown.map((run) => [run.id, run.name]));
    return runs.flatMap((run): RunSite[] => {
      const [a, b, c] = [numberOf(run, x), numberOf(run, y), numberOf(run, z)];
      return a === null || b === null || c === null || views.dimmed(run.id)
        ? []
        : [{ id: run.id, name: names.get(run.id) ?? run.name, x: a, y: b, z: c }];
    });
  }, [runs, views, x, y, z]);
  const left = leftOut(
    runs.filter((run) => !views.dimmed(run.id)),
    [x, y, z],
  );
  if (numbers.length < 3)
    return <EmptyState>A contour needs three parameters or metrics that are numbers in at least two runs.</EmptyState>;
  return (
    <div className="space-y-3">
      <div className="grid gap-3 sm:grid-cols-3">
        <FieldSelect label="Horizontal" value={x} onValueChange={setX} fields={numbers} />
        <FieldSelect label="Vertical" value={y} onValueChange={setY} fields={numbers} />
        <FieldSelect label="Colour" value={z} onValueChange={setZ} fields={numbers} />
      </div>
      <ChartFrame
        title={`${fieldName(z)} over ${fieldName(x)} and ${fieldName(y)}`}
        height={400}
        nothing={sites.length === 0}
        empty="None of the shown runs has all three."
        table={() => ({
          columns: ["Run", fieldName(x), fieldName(y), fieldName(z)],
          rows: sites.map((site) => [site.name, site.x, site.y, site.z]),
        })}
        footnote={`${sites.length} runs. Between runs: linear on the triangles of a Delaunay triangulation; runs at one place are averaged; outside of all runs nothing is drawn.${left === null ? "" : ` ${left}.`}`}
      >
        {(height) => (
          <Sized height={height}>
            {(width) => <Surface width={width} height={height} sites={sites} x={x} y={y} z={z} views={views} />}
          </Sized>
        )}
      </ChartFrame>
    </div>
  );
}

const extent = (values: readonly number[]): Range => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return high > low ? [low, high] : [low - 1, low + 1];
};
const scaleOf = ([low, high]: Range): ScaleKind => (low > 0 && high / low >= 100 ? "log" : "linear");

/** The bands of the surface, in shares of the axes, so that logarithmic ones are interpolated as they are seen. */
function surfaceOf(sites: readonly Site[]) {
  const [xs, ys, zs] = [extent(sites.map((s) => s.x)), extent(sites.map((s) => s.y)), extent(sites.map((s) => s.z))];
  const [xScale, yScale] = [scaleOf(xs), scaleOf(ys)] as const;
  const placed = joined(sites.map((s) => ({ x: share(s.x, xs, xScale), y: share(s.y, ys, yScale), z: s.z })));
  const triangles = triangulate(placed.map((s) => [s.x, s.y] as const));
  const bands = Array.from({ length: BANDS }, (_, i) => {
    const low = valueAt(i / BANDS, zs, "linear");
    const high = valueAt((i + 1) / BANDS, zs, "linear");
    const polygons = triangles.flatMap(([a, b, c]) => {
      const [p, q, r] = [placed[a], placed[b], placed[c]];
      if (p === undefined || q === undefined || r === undefined) return [];
      const polygon = bandOf([p, q, r], low, high);
      return polygon.length < 3 ? [] : [polygon];
    });
    return { low, polygons };
  });
  return { xs, ys, zs, xScale, yScale, bands };
}

function Surface({
  width,
  height,
  sites,
  x,
  y,
  z,
  views,
}: {
  width: number;
  height: number;
  sites: readonly RunSite[];
  x: string;
  y: string;
  z: string;
  views: RunViews;
}) {
  const hovered = useHoveredSeries();
  const { xs, ys, zs, xScale, yScale, bands } = useMemo(() => surfaceOf(sites), [sites]);
  const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const toX = (value: number): number => MARGIN.left + (0.04 + 0.92 * share(value, xs, xScale)) * inner.width;
  const toY = (value: number): number => MARGIN.top + (0.96 - 0.92 * share(value, ys, yScale)) * inner.height;
  const path = (polygon: readonly (readonly [number, number])[]): string =>
    `M${polygon
      .map(([u, v]) => {
        const px = MARGIN.left + (0.04 + 0.92 * u) * inner.width;
        const py = MARGIN.top + (0.96 - 0.92 * v) * inner.height;
        return `${px.toFixed(1)} ${py.toFixed(1)}`;
      })
      .join("L")}Z`;
  const opacity = (i: number): number => 0.08 + (0.82 * i) / (BANDS - 1);
  const empty = bands.every((band) => band.polygons.length === 0);
  return (
    <svg width={width} height={height} fontSize="11" role="img" aria-label={`${fieldName(z)} over two parameters`}>
      {bands.map((band, i) => (
        <path
          key={band.low}
          d={band.polygons.map(path).join("")}
          fill="var(--chart-4)"
          fillOpacity={opacity(i)}
          stroke="none"
        />
      ))}
      {empty ? (
        <text x={MARGIN.left + inner.width / 2} y={MARGIN.top + 16} textAnchor="middle" fill="var(--muted)">
          The runs lie on a line: there is no area between them.
        </text>
      ) : null}
      <line
        x1={MARGIN.left}
        x2={MARGIN.left + inner.width}
        y1={MARGIN.top + inner.height}
        y2={MARGIN.top + inner.height}
        stroke="var(--line-strong)"
      />
      {ticksOf(xs, 6, xScale, "number").map((tick) => (
        <text key={tick} x={toX(tick)} y={MARGIN.top + inner.height + 15} textAnchor="middle" fill="var(--muted)">
          {formatCompact(tick)}
        </text>
      ))}
      {ticksOf(ys, 6, yScale, "number").map((tick) => (
        <text key={tick} x={MARGIN.left - 8} y={toY(tick) + 4} textAnchor="end" fill="var(--muted)">
          {formatCompact(tick)}
        </text>
      ))}
      <text x={MARGIN.left + inner.width / 2} y={height - 6} textAnchor="middle" fill="var(--muted)">
        {fieldName(x)}
      </text>
      <text
        transform={`translate(14 ${MARGIN.top + inner.height / 2}) rotate(-90)`}
        textAnchor="middle"
        fill="var(--muted)"
      >
        {fieldName(y)}
      </text>
      {sites.map((site) => (
        <circle
          key={site.id}
          cx={toX(site.x)}
          cy={toY(site.y)}
          r={hovered === site.id || views.bold(site.id) ? 6 : 4.5}
          fill={views.strokeOf(site.id).color}
          stroke="var(--surface)"
          strokeWidth="1.5"
          onMouseEnter={() => hoverSeries(site.id)}
          onMouseLeave={() => hoverSeries(null)}
        >
          <title>{`${site.name}: ${fieldName(z)} ${formatNumber(site.z, 4)}`}</title>
        </circle>
      ))}
      {bands.map((band, i) => {
        const step = inner.height / BANDS;
        const top = MARGIN.top + (BANDS - 1 - i) * step;
        return (
          <g key={band.low}>
            <rect x={width - 84} y={top} width={14} height={step} fill="var(--chart-4)" fillOpacity={opacity(i)} />
            <text x={width - 64} y={top + step + 4} fill="var(--muted)">
              {formatCompact(band.low)}
            </text>
          </g>
        );
      })}
      <text x={width - 64} y={MARGIN.top + 4} fill="var(--muted)">
        {formatCompact(zs[1])}
      </text>
    </svg>
  );
}
