"use client";

import type { ColumnProfile } from "#server/data/contract.ts";
import { Card } from "#components/ui/card.tsx";
import { formatCompact, formatNumber, formatPercent } from "#components/ui/format.ts";

/** Bars without axes: the shape of a column at a glance. Each bar tells its range and count on hover; the numbers stand beside it. */
function Shape({ column }: { column: ColumnProfile }) {
  const tallest = Math.max(1, ...column.histogram.map((bar) => bar.count));
  const say = (value: number): string =>
    column.kind === "time" ? new Date(value).toISOString().slice(0, 10) : formatNumber(value);
  return (
    <svg
      viewBox={`0 0 ${column.histogram.length * 4} 48`}
      preserveAspectRatio="none"
      className="h-14 w-full text-chart-1"
      role="img"
      aria-label={`Histogram of ${column.name}`}
    >
      {column.histogram.map((bar, i) => (
        <g key={bar.from}>
          <title>{`${say(bar.from)} to ${say(bar.to)}: ${bar.count.toLocaleString("en-GB")}`}</title>
          <rect x={i * 4} y={0} width={4} height={48} fill="transparent" />
          <rect
            x={i * 4 + 0.4}
            y={48 - (bar.count / tallest) * 46}
            width={3.2}
            height={(bar.count / tallest) * 46}
            fill="currentColor"
          />
        </g>
      ))}
    </svg>
  );
}

function TopValues({ column }: { column: ColumnProfile }) {
  const shown = column.top.slice(0, 6);
  const present = Math.max(1, column.count - column.missing);
  const rest = present - shown.reduce((sum, item) => sum + item.count, 0);
  return (
    <ol className="flex flex-col gap-1 text-xs">
      {shown.map((item) => (
        <li key={item.value} className="grid grid-cols-[minmax(0,1fr)_64px_44px] items-center gap-2">
          <span className="truncate font-mono" title={item.value}>
            {item.value === "" ? "(empty)" : item.value}
          </span>
          <span className="h-1.5 rounded-full bg-raised">
            <span
              className="block h-1.5 rounded-full bg-chart-1"
              style={{ width: `${(item.count / present) * 100}%` }}
            />
          </span>
          <span className="num text-muted">{formatPercent(item.count / present)}</span>
        </li>
      ))}
      {rest > 0 ? (
        <li className="text-muted">
          {formatCompact(column.distinct - shown.length)} other values: {formatPercent(rest / present)}
        </li>
      ) : null}
    </ol>
  );
}

/** One column: its type, its shape, and the numbers that tell whether it can be trusted. */
export function ColumnCard({ column }: { column: ColumnProfile }) {
  const missing = column.count === 0 ? 0 : column.missing / column.count;
  const value = (v: number | string | null): string =>
    v === null
      ? "–"
      : typeof v === "number"
        ? formatNumber(v)
        : column.kind === "time"
          ? v.slice(0, 16).replace("T", " ").replace(" 00:00", "")
          : v;
  const quantile = (p: string): string => (column.quantiles[p] === undefined ? "–" : formatNumber(column.quantiles[p]));
  const facts: [string, string][] = [
    [
      "Missing",
      column.missing === 0 ? "none" : `${column.missing.toLocaleString("en-GB")} (${formatPercent(missing)})`,
    ],
    ["Distinct", column.distinct.toLocaleString("en-GB")],
    ["Range", `${value(column.min)} to ${value(column.max)}`],
    ...(column.kind === "number"
      ? ([
          ["Mean ± deviation", `${value(column.mean)} ± ${value(column.stddev)}`],
          ["5% · median · 95%", `${quantile("0.05")} · ${quantile("0.5")} · ${quantile("0.95")}`],
        ] satisfies [string, string][])
      : []),
  ];
  return (
    <Card
      title={<span className="font-mono">{column.name}</span>}
      actions={<span className="font-mono text-2xs text-muted">{column.type}</span>}
    >
      <div className="flex flex-col gap-3">
        {column.kind === "text" ? <TopValues column={column} /> : <Shape column={column} />}
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-xs">
          {facts.map(([label, shown]) => (
            <div key={label} className="contents">
              <dt className="text-muted">{label}</dt>
              <dd className="truncate text-right tabular-nums" title={shown}>
                {shown}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </Card>
  );
}
