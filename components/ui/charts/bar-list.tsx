"use client";

import type { ReactNode } from "react";
import { formatNumber } from "../format.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { hoverSeries, useHoveredSeries } from "./hovered-series.ts";
import { Sized } from "./sized.tsx";

export interface BarItem {
  readonly id: string;
  readonly label: string;
  /** Null where there is nothing to draw a bar of; `text` then says why. */
  readonly value: number | null;
  readonly text?: string | undefined;
  /** Half of the width of an interval drawn at the bar's end. */
  readonly spread?: number | undefined;
  readonly color?: string | undefined;
  readonly dim?: boolean | undefined;
}

interface BarListProps {
  readonly title: string;
  readonly unit?: string | undefined;
  readonly description?: ReactNode;
  readonly items: readonly BarItem[];
  readonly height?: number | undefined;
  readonly actions?: ReactNode;
  readonly footnote?: ReactNode;
  readonly empty?: string | undefined;
  readonly digits?: number | undefined;
  /** What the items and their values are called in the table. */
  readonly columns?: readonly [string, string] | undefined;
}

/** The height of a bar with its name, in pixels. */
export const BAR_ROW = 24;
const VALUE = 64;

/** A bar for each of some named values, in the order given; values below zero go to the left. Many rows scroll. */
export function BarList(props: BarListProps) {
  const { items, digits = 4, columns = ["Name", "Value"] } = props;
  const withSpread = items.some((item) => item.spread !== undefined);
  return (
    <ChartFrame
      title={props.title}
      unit={props.unit}
      description={props.description}
      actions={props.actions}
      footnote={props.footnote}
      empty={props.empty}
      height={props.height ?? items.length * BAR_ROW + 8}
      table={{
        columns: [...columns, ...(withSpread ? ["±"] : [])],
        rows: items.map((item) => [item.label, item.value ?? item.text, ...(withSpread ? [item.spread] : [])]),
      }}
    >
      {(height) => (
        <div
          className="overflow-y-auto"
          style={{ height }}
          tabIndex={items.length * BAR_ROW > height ? 0 : undefined}
          role="group"
          aria-label={props.title}
        >
          <Sized>{(width) => <Bars items={items} width={width} digits={digits} label={props.title} />}</Sized>
        </div>
      )}
    </ChartFrame>
  );
}

function Bars({
  items,
  width,
  digits,
  label,
}: {
  items: readonly BarItem[];
  width: number;
  digits: number;
  label: string;
}) {
  const hovered = useHoveredSeries();
  const names = Math.min(width * 0.4, Math.max(...items.map((item) => item.label.length)) * 6.6 + 12);
  const drawn = items.flatMap(({ value, spread = 0 }) => (value === null ? [] : [{ value, spread }]));
  const low = Math.min(0, ...drawn.map((item) => item.value - item.spread));
  const high = Math.max(0, ...drawn.map((item) => item.value + item.spread));
  const span = high - low || 1;
  const room = Math.max(20, width - names - VALUE - 8);
  const at = (value: number): number => names + ((value - low) / span) * room;
  const letters = Math.max(4, Math.floor((names - 12) / 6.3));
  return (
    <svg width={width} height={items.length * BAR_ROW} role="img" aria-label={label} fontSize="12">
      {items.map((item, i) => {
        const y = i * BAR_ROW;
        const middle = y + BAR_ROW / 2;
        const short = item.label.length > letters ? `${item.label.slice(0, letters - 1)}…` : item.label;
        const said = item.value === null ? (item.text ?? "–") : formatNumber(item.value, digits);
        return (
          <g
            key={item.id}
            opacity={item.dim === true ? 0.3 : 1}
            onMouseEnter={() => hoverSeries(item.id)}
            onMouseLeave={() => hoverSeries(null)}
          >
            <title>{`${item.label}: ${said}`}</title>
            <rect y={y} width={width} height={BAR_ROW} fill={hovered === item.id ? "var(--raised)" : "transparent"} />
            <text x={names - 8} y={middle + 4} textAnchor="end" fill="var(--muted)">
              {short}
            </text>
            {item.value === null ? null : (
              <rect
                x={Math.min(at(0), at(item.value))}
                y={y + 5}
                width={Math.max(1, Math.abs(at(item.value) - at(0)))}
                height={BAR_ROW - 10}
                rx="2"
                fill={item.color ?? "var(--chart-6)"}
                fillOpacity="0.85"
              />
            )}
            {item.value === null || item.spread === undefined || item.spread === 0 ? null : (
              <line
                x1={at(item.value - item.spread)}
                x2={at(item.value + item.spread)}
                y1={middle}
                y2={middle}
                stroke="var(--text)"
                strokeWidth="1"
              />
            )}
            <text x={width - 4} y={middle + 4} textAnchor="end" fill="var(--text)" data-number>
              {said}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
