"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { formatNumber } from "../format.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { type SeriesRole, strokesOf } from "./palette.ts";

type BarListItem = { label: string; value: number; href?: string | undefined; role?: SeriesRole | undefined };

type BarListProps = {
  title: string;
  unit?: string | undefined;
  description?: ReactNode;
  /** In the order to be shown, largest first as a rule. */
  items: readonly BarListItem[];
  digits?: number | undefined;
  actions?: ReactNode;
  footnote?: ReactNode;
  empty?: string | undefined;
  className?: string | undefined;
  /** Scrolls beyond this height. */
  height?: number | undefined;
};

/** Names with horizontal bars: importances, counts by category. Negative values grow to the left of the zero line. */
export function BarList({
  title,
  unit,
  description,
  items,
  digits,
  actions,
  footnote,
  empty,
  className,
  height = 240,
}: BarListProps) {
  const most = Math.max(0, ...items.map((item) => item.value));
  const least = Math.min(0, ...items.map((item) => item.value));
  const span = most - least || 1;
  const zero = (-least / span) * 100;
  return (
    <ChartFrame
      title={title}
      unit={unit}
      description={description}
      actions={actions}
      footnote={footnote}
      empty={empty}
      className={className}
      height={height}
      png={false}
      table={{ columns: ["Name", unit ?? "Value"], rows: items.map((item) => [item.label, item.value]) }}
    >
      {(room) => (
        <ul className="overflow-y-auto px-1.5" style={{ maxHeight: room }}>
          {items.map((item) => (
            <li key={item.label} className="grid h-6 grid-cols-[minmax(80px,38%)_1fr_64px] items-center gap-2 text-xs">
              <span className="truncate" title={item.label}>
                {item.href === undefined ? (
                  item.label
                ) : (
                  <Link href={item.href} className="hover:underline">
                    {item.label}
                  </Link>
                )}
              </span>
              <span className="relative h-2.5 rounded-sm bg-raised">
                <span
                  className="absolute inset-y-0 rounded-sm"
                  style={{
                    background: strokesOf([item])[0]?.color,
                    left: `${item.value >= 0 ? zero : zero - (-item.value / span) * 100}%`,
                    width: `${(Math.abs(item.value) / span) * 100}%`,
                  }}
                />
              </span>
              <span className="num">{formatNumber(item.value, digits)}</span>
            </li>
          ))}
        </ul>
      )}
    </ChartFrame>
  );
}
