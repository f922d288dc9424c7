"use client";

import { type ReactNode, useMemo, useState } from "react";
import {
  CartesianGrid,
  ReferenceLine,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  type ScatterShapeProps,
  Symbols,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { formatCompact, formatNumber } from "../format.ts";
import { type Range, type ScaleKind, ticksOf, widened } from "./axis-scale.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { hoverSeries, useHoveredSeries } from "./hovered-series.ts";
import { ChartLegend } from "./legend.tsx";
import { type SeriesRole, strokesOf } from "./palette.ts";

export type ScatterPoint = {
  x: number;
  y: number;
  label?: string | undefined;
  /** The series that the point stands for: it is told when pointed at, and stands out when that is pointed at elsewhere. */
  id?: string | undefined;
  /** Its own colour instead of that of its group. */
  color?: string | undefined;
  /** Drawn as a shadow: not among what was chosen. */
  dim?: boolean | undefined;
};
export type ScatterGroup = { id: string; name: string; role?: SeriesRole | undefined; points: readonly ScatterPoint[] };

type ScatterPlotProps = {
  title: string;
  description?: ReactNode;
  groups: readonly ScatterGroup[];
  xLabel: string;
  yLabel: string;
  xUnit?: string | undefined;
  yUnit?: string | undefined;
  xScale?: ScaleKind | undefined;
  yScale?: ScaleKind | undefined;
  /** Draws y = x, for predicted against observed. */
  diagonal?: boolean | undefined;
  height?: number | undefined;
  digits?: number | undefined;
  actions?: ReactNode;
  footnote?: ReactNode;
  empty?: string | undefined;
  className?: string | undefined;
};

const axis = { stroke: "var(--line-strong)", tick: { fill: "var(--muted)", fontSize: 11 }, tickLine: false } as const;

/** A little room on both sides, so that no point lies on the frame. */
const ROOM = 0.04;

/** From where to where an axis goes, with ticks at round numbers. */
function axisOver(values: readonly number[], scale: ScaleKind): { domain: [number, number]; ticks: number[] } {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const legal: Range = !(high > low) ? (scale === "log" ? [low / 2, low * 2] : [low - 1, low + 1]) : [low, high];
  const [from, to] = values.length === 0 ? ([0, 1] as const) : widened(legal, 1 + 2 * ROOM, 0.5, scale);
  return { domain: [from, to], ticks: ticksOf([from, to], 6, scale, "number") };
}

/** Points by two values; each group also has its own shape. */
export function ScatterPlot(props: ScatterPlotProps) {
  const { title, groups, xLabel, yLabel, xUnit, yUnit, diagonal, digits, xScale = "linear", yScale = "linear" } = props;
  const hovered = useHoveredSeries();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const strokes = useMemo(() => strokesOf(groups), [groups]);
  const shown = groups.map((group, index) => ({
    ...group,
    stroke: strokes[index] ?? { color: "var(--chart-1)", dash: undefined },
    shape: SHAPES[index % SHAPES.length] ?? "circle",
  }));
  const points = groups.flatMap((group) => group.points);
  const low = Math.min(...points.map((point) => Math.min(point.x, point.y)));
  const high = Math.max(...points.map((point) => Math.max(point.x, point.y)));
  const named = (label: string, unit: string | undefined): string =>
    unit === undefined ? label : `${label} (${unit})`;

  const draw = (height: number): ReactNode => (
    <ResponsiveContainer width="100%" height={height}>
      <ScatterChart margin={{ top: 10, right: 20, bottom: 4, left: 4 }} accessibilityLayer>
        <CartesianGrid stroke="var(--grid)" />
        <XAxis
          {...axis}
          type="number"
          dataKey="x"
          height={36}
          scale={xScale}
          {...axisOver(
            points.map((point) => point.x),
            xScale,
          )}
          tickFormatter={(x: number) => formatCompact(x)}
          label={{
            value: named(xLabel, xUnit),
            position: "insideBottom",
            offset: 2,
            fill: "var(--muted)",
            fontSize: 11,
          }}
        />
        <YAxis
          {...axis}
          type="number"
          dataKey="y"
          width={56}
          scale={yScale}
          {...axisOver(
            points.map((point) => point.y),
            yScale,
          )}
          tickFormatter={(y: number) => formatCompact(y)}
          label={{
            value: named(yLabel, yUnit),
            angle: -90,
            position: "insideLeft",
            style: { textAnchor: "middle" },
            fill: "var(--muted)",
            fontSize: 11,
          }}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: "var(--line-strong)", strokeDasharray: "2 2" }}
          content={({ active, payload }) => {
            const point = payload[0]?.payload as ScatterPoint | undefined;
            if (!active || point === undefined) return null;
            return (
              <div className="rounded-md border bg-surface px-2.5 py-2 text-xs shadow-float" data-number>
                {point.label === undefined ? null : <p className="pb-1 font-medium">{point.label}</p>}
                <p>
                  <span className="text-muted">{xLabel}</span> {formatNumber(point.x, digits)} {xUnit}
                </p>
                <p>
                  <span className="text-muted">{yLabel}</span> {formatNumber(point.y, digits)} {yUnit}
                </p>
              </div>
            );
          }}
        />
        {diagonal === true && points.length > 0 ? (
          <ReferenceLine
            segment={[
              { x: low, y: low },
              { x: high, y: high },
            ]}
            stroke="var(--line-strong)"
            strokeDasharray="4 3"
            ifOverflow="hidden"
          />
        ) : null}
        {shown.map((group) =>
          hidden.has(group.id) ? null : (
            <Scatter
              key={group.id}
              name={group.name}
              data={[...group.points]}
              fill={group.stroke.color}
              fillOpacity={0.75}
              shape={({ cx = 0, cy = 0, payload }: ScatterShapeProps) => {
                const { id, color, dim } = payload as ScatterPoint;
                const pointed = id !== undefined && id === hovered;
                return (
                  <Symbols
                    cx={cx}
                    cy={cy}
                    fill={color ?? group.stroke.color}
                    fillOpacity={dim === true ? 0.15 : 0.75}
                    stroke={pointed ? "var(--text)" : "none"}
                    type={group.shape}
                    size={pointed ? DOT_AREA * 3 : DOT_AREA}
                    onMouseEnter={() => hoverSeries(id ?? null)}
                    onMouseLeave={() => hoverSeries(null)}
                  />
                );
              }}
              isAnimationActive={false}
            />
          ),
        )}
      </ScatterChart>
    </ResponsiveContainer>
  );

  return (
    <ChartFrame
      title={title}
      description={props.description}
      actions={props.actions}
      footnote={props.footnote}
      empty={props.empty}
      className={props.className}
      height={props.height ?? 220}
      table={{
        columns: ["Group", "Point", named(xLabel, xUnit), named(yLabel, yUnit)],
        rows: groups.flatMap((group) => group.points.map((point) => [group.name, point.label ?? "", point.x, point.y])),
      }}
      legend={
        groups.length < 2 && groups.every((group) => group.role === undefined) ? undefined : (
          <ChartLegend
            items={shown.map((group) => ({ ...group, kind: "dot" as const }))}
            hidden={hidden}
            onToggle={(id) => {
              const next = new Set(hidden);
              if (!next.delete(id)) next.add(id);
              setHidden(next);
            }}
          />
        )
      }
    >
      {draw}
    </ChartFrame>
  );
}

/** In square pixels: small, since clouds have hundreds of points. */
const DOT_AREA = 30;

const SHAPES = ["circle", "triangle", "square", "diamond", "cross", "wye"] as const;
