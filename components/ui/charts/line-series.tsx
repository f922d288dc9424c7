"use client";

import { type ReactNode, useMemo, useState } from "react";
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { formatCompact } from "../format.ts";
import { AnnotationWord } from "./annotation-word.tsx";
import { ChartFrame } from "./chart-frame.tsx";
import { ChartTooltip } from "./chart-tooltip.tsx";
import { ChartLegend } from "./legend.tsx";
import {
  type Annotation,
  type LinePoint,
  type LineRow,
  type Piece,
  annotationsNear,
  joinSeries,
  labelledAnnotations,
} from "./line-data.ts";
import { type SeriesRole, type XKind, annotationColors, roundTicks, strokesOf, tickText, xText } from "./palette.ts";

export type { Annotation, LinePoint } from "./line-data.ts";

export type LineSeriesItem = {
  id: string;
  name: string;
  role?: SeriesRole | undefined;
  dashed?: boolean | undefined;
  points: readonly LinePoint[];
};

type LineSeriesProps = {
  title: string;
  unit?: string | undefined;
  description?: ReactNode;
  series: readonly LineSeriesItem[];
  /** What x is: milliseconds since 1970, a step of training, or a plain number. */
  xKind?: XKind | undefined;
  xLabel?: string | undefined;
  /** Promotions, alerts and deployments as vertical lines. */
  annotations?: readonly Annotation[] | undefined;
  /** A horizontal line that must not be crossed. */
  threshold?: { value: number; label: string } | undefined;
  /** Charts with the same id share the cursor. */
  syncId?: string | undefined;
  height?: number | undefined;
  yDomain?: readonly [number | "auto", number | "auto"] | undefined;
  digits?: number | undefined;
  actions?: ReactNode;
  footnote?: ReactNode;
  empty?: string | undefined;
  className?: string | undefined;
};

/** How a threshold is drawn, in the plot and in the legend that names it. */
const THRESHOLD = { color: "var(--bad)", dash: "4 3" } as const;
const axis = { stroke: "var(--line-strong)", tick: { fill: "var(--muted)", fontSize: 11 }, tickLine: false } as const;

/** Lines over time or steps, with bands, a threshold and annotations. Give at most some 5,000 points in all. */
export function LineSeries(props: LineSeriesProps) {
  const { title, unit, series, xKind = "time", annotations = [], threshold, syncId, digits, yDomain } = props;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const strokes = useMemo(() => strokesOf(series), [series]);
  const { rows, pieces } = useMemo(() => joinSeries(series), [series]);
  const first = rows[0]?.x ?? 0;
  const last = rows.at(-1)?.x ?? 0;
  const span = last - first;
  const shown = series.map((each, index) => ({
    ...each,
    key: `s${index}` as const,
    stroke: strokes[index] ?? { color: "var(--chart-1)", dash: undefined },
  }));
  const drawn = pieces.flatMap((piece) => {
    const owner = shown[piece.series];
    return owner === undefined || hidden.has(owner.id) ? [] : [{ piece, owner }];
  });
  const named = labelledAnnotations(annotations, first, last);

  const draw = (height: number): ReactNode => (
    <ResponsiveContainer width="100%" height={height}>
      <ComposedChart
        data={rows}
        margin={{ top: named.length > 0 ? 16 : 10, right: 20, bottom: 0, left: 0 }}
        {...(syncId === undefined ? {} : { syncId, syncMethod: "value" as const })}
        accessibilityLayer
      >
        <CartesianGrid stroke="var(--grid)" vertical={false} />
        <XAxis
          {...axis}
          dataKey="x"
          type="number"
          domain={span > 0 ? [first, last] : [first - 1, first + 1]}
          ticks={roundTicks(first, last, 6, xKind)}
          tickFormatter={(x: number) => tickText(x, xKind, span)}
          height={24}
          minTickGap={16}
        />
        <YAxis
          {...axis}
          axisLine={false}
          width={48}
          tickFormatter={(y: number) => formatCompact(y)}
          domain={yDomain === undefined ? ["auto", "auto"] : [...yDomain]}
          allowDataOverflow={yDomain !== undefined}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: "var(--line-strong)" }}
          content={({ active, label, payload }) => {
            const row = payload[0]?.payload as LineRow | undefined;
            if (!active || row === undefined) return null;
            const x = Number(label);
            return (
              <ChartTooltip
                head={xText(x, xKind)}
                unit={unit}
                digits={digits}
                note={annotationsNear(annotations, x, span)}
                lines={shown
                  .filter((each) => !hidden.has(each.id) && row[each.key] !== undefined)
                  .map((each) => ({
                    name: each.name,
                    value: row[each.key] ?? null,
                    stroke: each.stroke,
                    ...bandAt(row, pieces, shown.indexOf(each)),
                  }))}
              />
            );
          }}
        />
        {drawn.map(({ piece, owner }) =>
          piece.banded ? (
            <Area
              key={piece.band}
              dataKey={piece.band}
              stroke="none"
              fill={owner.stroke.color}
              fillOpacity={0.14}
              isAnimationActive={false}
              connectNulls
              activeDot={false}
              tooltipType="none"
              legendType="none"
            />
          ) : null,
        )}
        {drawn.map(({ piece, owner }) => (
          <Line
            key={piece.value}
            dataKey={piece.value}
            name={owner.name}
            type="linear"
            stroke={owner.stroke.color}
            strokeWidth={owner.role === undefined ? 1.5 : 2}
            {...(owner.stroke.dash === undefined ? {} : { strokeDasharray: owner.stroke.dash })}
            dot={piece.points === 1 ? { r: 2.5, strokeWidth: 0, fill: owner.stroke.color } : false}
            activeDot={{ r: 3, strokeWidth: 0, fill: owner.stroke.color }}
            connectNulls
            isAnimationActive={false}
          />
        ))}
        {threshold === undefined ? null : (
          <ReferenceLine
            y={threshold.value}
            stroke={THRESHOLD.color}
            strokeDasharray={THRESHOLD.dash}
            ifOverflow="extendDomain"
          />
        )}
        {named.map((each) => (
          <ReferenceLine
            key={`${each.x}:${each.label}`}
            x={each.x}
            stroke={annotationColors[each.kind ?? "deployment"]}
            strokeDasharray={each.kind === "promotion" ? "0" : "2 2"}
            label={({ viewBox }: { viewBox?: { x?: number; y?: number } }) => (
              <AnnotationWord at={viewBox} text={each.text} kind={each.kind} anchor={each.anchor} />
            )}
          />
        ))}
      </ComposedChart>
    </ResponsiveContainer>
  );

  return (
    <ChartFrame
      title={title}
      unit={unit}
      description={props.description}
      actions={props.actions}
      footnote={props.footnote}
      empty={props.empty}
      className={props.className}
      height={props.height}
      table={{
        columns: [
          props.xLabel ?? (xKind === "time" ? "Time" : xKind === "step" ? "Step" : "x"),
          ...series.map((each) => each.name),
        ],
        rows: rows.map((row) => [xKind === "time" ? new Date(row.x) : row.x, ...shown.map((each) => row[each.key])]),
      }}
      legend={
        threshold === undefined && series.length < 2 && series.every((each) => each.role === undefined) ? undefined : (
          <ChartLegend
            mark={threshold && { name: threshold.label, stroke: THRESHOLD }}
            items={shown}
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

/** The band of a series at one x, wherever it has one. */
function bandAt(row: LineRow, pieces: readonly Piece[], series: number): { low?: number; high?: number } {
  for (const piece of pieces) {
    const band = piece.series === series ? row[piece.band] : undefined;
    if (band !== undefined) return { low: band[0], high: band[1] };
  }
  return {};
}
