"use client";

import { type ReactNode, useMemo, useState } from "react";
import { Bar, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { formatCompact } from "../format.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { ChartTooltip } from "./chart-tooltip.tsx";
import { ChartLegend } from "./legend.tsx";
import { type SeriesRole, strokesOf } from "./palette.ts";

type BarHistogramProps = {
  title: string;
  unit?: string | undefined;
  description?: ReactNode;
  /** Bins in order; label is the interval or the category. */
  bins: readonly { label: string; value: number }[];
  name?: string | undefined;
  role?: SeriesRole | undefined;
  /** The same bins of what it is compared with, drawn as an outline over the bars. */
  reference?: readonly number[] | undefined;
  referenceName?: string | undefined;
  height?: number | undefined;
  digits?: number | undefined;
  actions?: ReactNode;
  footnote?: ReactNode;
  empty?: string | undefined;
  className?: string | undefined;
};

const axis = { stroke: "var(--line-strong)", tick: { fill: "var(--muted)", fontSize: 11 }, tickLine: false } as const;
const outline = { color: "var(--text)", dash: undefined };

/** A distribution as bars, with a reference distribution as an outline. */
export function BarHistogram(props: BarHistogramProps) {
  const { title, unit, bins, name = "Count", role, reference, referenceName = "Reference", digits } = props;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const stroke = strokesOf([{ role }])[0] ?? { color: "var(--chart-1)", dash: undefined };
  const rows = useMemo(() => bins.map((bin, index) => ({ ...bin, reference: reference?.[index] })), [bins, reference]);

  const draw = (height: number): ReactNode => (
    <ResponsiveContainer width="100%" height={height}>
      <ComposedChart
        data={rows}
        margin={{ top: 10, right: 20, bottom: 0, left: 0 }}
        barCategoryGap="8%"
        accessibilityLayer
      >
        <CartesianGrid stroke="var(--grid)" vertical={false} />
        <XAxis {...axis} dataKey="label" height={24} interval="equidistantPreserveStart" minTickGap={12} />
        <YAxis
          {...axis}
          axisLine={false}
          width={48}
          tickFormatter={(y: number) => formatCompact(y)}
          domain={[0, "auto"]}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ fill: "var(--raised)" }}
          content={({ active, label, payload }) => {
            const row = payload[0]?.payload as (typeof rows)[number] | undefined;
            if (!active || row === undefined) return null;
            return (
              <ChartTooltip
                head={String(label)}
                unit={unit}
                digits={digits}
                lines={[
                  { name, value: row.value, stroke },
                  ...(row.reference === undefined
                    ? []
                    : [{ name: referenceName, value: row.reference, stroke: outline }]),
                ]}
              />
            );
          }}
        />
        {hidden.has("value") ? null : (
          <Bar
            dataKey="value"
            name={name}
            fill={stroke.color}
            fillOpacity={role === undefined ? 0.6 : 0.9}
            radius={[2, 2, 0, 0]}
            maxBarSize={64}
            isAnimationActive={false}
          />
        )}
        {reference === undefined || hidden.has("reference") ? null : (
          <Line
            dataKey="reference"
            name={referenceName}
            type="step"
            stroke={outline.color}
            strokeWidth={1.5}
            dot={false}
            activeDot={false}
            isAnimationActive={false}
          />
        )}
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
        columns: ["Bin", name, ...(reference === undefined ? [] : [referenceName])],
        rows: rows.map((row) => [row.label, row.value, ...(reference === undefined ? [] : [row.reference])]),
      }}
      legend={
        reference === undefined ? undefined : (
          <ChartLegend
            items={[
              { id: "value", name, stroke, kind: "box" },
              { id: "reference", name: referenceName, stroke: outline, kind: "line" },
            ]}
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
