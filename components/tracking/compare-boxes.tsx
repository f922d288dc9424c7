"use client";

import { useMemo } from "react";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { formatCompact, formatNumber } from "#components/ui/format.ts";
import { useUrlState } from "#components/ui/url-state.ts";
import { share, ticksOf } from "#components/ui/charts/axis-scale.ts";
import { ChartFrame } from "#components/ui/charts/chart-frame.tsx";
import { hoverSeries, useHoveredSeries } from "#components/ui/charts/hovered-series.ts";
import { type BoxStats, boxStats } from "#components/ui/charts/quantiles.ts";
import { Sized } from "#components/ui/charts/sized.tsx";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { fieldsOf, leftOut, numberOf } from "./comparison.ts";
import { FieldSelect } from "./field-select.tsx";
import { fieldName } from "./parallel-axes.ts";
import type { RunViews } from "./run-views.ts";

/** More groups than this are no groups: numbers are then put into equally wide classes. */
const MOST_GROUPS = 12;
const CLASSES = 6;

interface BoxGroup {
  readonly name: string;
  readonly runs: readonly { readonly id: string; readonly name: string; readonly value: number }[];
  readonly stats: BoxStats;
}

/** The groups of a parameter's values, ordered as numbers where they are some; many numbers become classes of equal width. */
function groupsOf(runs: readonly RunSummaryDto[], views: RunViews, param: string, metric: string): BoxGroup[] {
  const key = fieldName(param);
  const names = new Map(views.shown.map((run) => [run.id, run.name]));
  const rows = runs.flatMap((run) => {
    const value = numberOf(run, metric);
    return value === null || views.dimmed(run.id)
      ? []
      : [
          {
            id: run.id,
            name: names.get(run.id) ?? run.name,
            value,
            text: run.params[key] ?? "(none)",
            at: numberOf(run, param),
          },
        ];
  });
  const distinct = new Set(rows.map((row) => row.text));
  const numeric = rows.filter((row) => row.at !== null);
  const groups = new Map<string, typeof rows>();
  if (distinct.size > MOST_GROUPS && numeric.length > rows.length / 2) {
    const [low, high] = [Math.min(...numeric.map((r) => r.at ?? 0)), Math.max(...numeric.map((r) => r.at ?? 0))];
    const edges = Array.from({ length: CLASSES + 1 }, (_, i) => low + ((high - low) * i) / CLASSES);
    for (let i = 0; i < CLASSES; i++)
      groups.set(
        `${formatCompact(edges[i] ?? 0)} to ${formatCompact(edges[i + 1] ?? 0)}`,
        numeric.filter(
          ({ at }) => Math.min(CLASSES - 1, Math.floor((((at ?? 0) - low) / (high - low)) * CLASSES)) === i,
        ),
      );
  } else {
    for (const text of [...distinct].sort((a, b) => a.localeCompare(b, "en", { numeric: true })))
      groups.set(
        text,
        rows.filter((row) => row.text === text),
      );
  }
  return [...groups].flatMap(([name, members]) => {
    const stats = boxStats(members.map((row) => row.value));
    return stats === null ? [] : [{ name, runs: members, stats }];
  });
}

/** How a metric spreads at each value of a parameter. */
export function CompareBoxes({ runs, views }: { runs: readonly RunSummaryDto[]; views: RunViews }) {
  const { numbers, words } = useMemo(() => fieldsOf(runs), [runs]);
  const params = [...numbers, ...words].filter(
    (field) => field.startsWith("param:") && new Set(runs.map((run) => run.params[fieldName(field)])).size > 1,
  );
  const metrics = numbers.filter((field) => field.startsWith("metric:"));
  const [askedParam, setParam] = useUrlState("bp");
  const [askedMetric, setMetric] = useUrlState("bm");
  const param = params.includes(askedParam) ? askedParam : (params[0] ?? "");
  const metric = metrics.includes(askedMetric) ? askedMetric : (metrics[0] ?? "");
  const groups = useMemo(() => groupsOf(runs, views, param, metric), [runs, views, param, metric]);
  if (param === "" || metric === "")
    return (
      <EmptyState>Boxes need a parameter in which these runs differ and a metric that two of them have.</EmptyState>
    );
  const many = groups.length > 30;
  const chosen = runs.filter((run) => !views.dimmed(run.id));
  const left = leftOut(chosen, [metric]);
  return (
    <div className="space-y-3">
      <div className="grid gap-3 sm:grid-cols-2">
        <FieldSelect label="Parameter" value={param} onValueChange={setParam} fields={params} />
        <FieldSelect label="Metric" value={metric} onValueChange={setMetric} fields={metrics} />
      </div>
      {many ? (
        <EmptyState>
          {fieldName(param)} has {groups.length} values in words; choose a parameter with fewer.
        </EmptyState>
      ) : (
        <ChartFrame
          title={`${fieldName(metric)} by ${fieldName(param)}`}
          height={360}
          table={{
            columns: [fieldName(param), "Runs", "Lower whisker", "Q1", "Median", "Q3", "Upper whisker", "Mean"],
            rows: groups.map(({ name, stats }) => [
              name,
              stats.n,
              stats.low,
              stats.q1,
              stats.median,
              stats.q3,
              stats.high,
              stats.mean,
            ]),
          }}
          footnote={`Box: quartiles, line: median, whiskers: last run within 1.5 times the box's height, dots: every run.${left === null ? "" : ` ${left}.`}`}
        >
          {(height) => (
            <Sized height={height}>
              {(width) => (
                <Boxes width={width} height={height} groups={groups} label={fieldName(metric)} views={views} />
              )}
            </Sized>
          )}
        </ChartFrame>
      )}
    </div>
  );
}

const MARGIN = { left: 58, right: 12, top: 10, bottom: 40 };

function Boxes({
  width,
  height,
  groups,
  label,
  views,
}: {
  width: number;
  height: number;
  groups: readonly BoxGroup[];
  label: string;
  views: RunViews;
}) {
  const hovered = useHoveredSeries();
  const values = groups.flatMap((group) => group.runs.map((run) => run.value));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const air = (most - least) * 0.06 || Math.abs(most) * 0.1 || 1;
  const range = [least - air, most + air] as const;
  const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const toY = (value: number): number => MARGIN.top + (1 - share(value, range, "linear")) * inner.height;
  const step = inner.width / groups.length;
  const half = Math.min(30, step * 0.28);
  const letters = Math.max(3, Math.floor(step / 6.6));
  return (
    <svg width={width} height={height} fontSize="11" role="img" aria-label={`${label}, ${groups.length} groups`}>
      {ticksOf(range, 6, "linear", "number").map((tick) => (
        <g key={tick}>
          <line x1={MARGIN.left} x2={width - MARGIN.right} y1={toY(tick)} y2={toY(tick)} stroke="var(--grid)" />
          <text x={MARGIN.left - 8} y={toY(tick) + 4} textAnchor="end" fill="var(--muted)">
            {formatCompact(tick)}
          </text>
        </g>
      ))}
      {groups.map(({ name, stats, runs }, i) => {
        const x = MARGIN.left + step * (i + 0.5);
        return (
          <g key={name}>
            <line x1={x} x2={x} y1={toY(stats.high)} y2={toY(stats.q3)} stroke="var(--line-strong)" />
            <line x1={x} x2={x} y1={toY(stats.q1)} y2={toY(stats.low)} stroke="var(--line-strong)" />
            <rect
              x={x - half}
              width={half * 2}
              y={toY(stats.q3)}
              height={Math.max(1, toY(stats.q1) - toY(stats.q3))}
              fill="var(--raised)"
              stroke="var(--line-strong)"
              rx="2"
            />
            <line
              x1={x - half}
              x2={x + half}
              y1={toY(stats.median)}
              y2={toY(stats.median)}
              stroke="var(--text)"
              strokeWidth="2"
            />
            {runs.map((run, at) => (
              <circle
                key={run.id}
                // Beside each other by a fixed pattern, so that equal values can be counted.
                cx={x + (((at * 7) % 11) / 10 - 0.5) * half * 1.3}
                cy={toY(run.value)}
                r={hovered === run.id ? 5 : 3}
                fill={views.strokeOf(run.id).color}
                fillOpacity="0.85"
                onMouseEnter={() => hoverSeries(run.id)}
                onMouseLeave={() => hoverSeries(null)}
              >
                <title>{`${run.name}: ${formatNumber(run.value, 4)}`}</title>
              </circle>
            ))}
            <text x={x} y={height - 22} textAnchor="middle" fill="var(--text)">
              {name.length > letters ? `${name.slice(0, letters - 1)}…` : name}
              <title>{name}</title>
            </text>
            <text x={x} y={height - 7} textAnchor="middle" fill="var(--muted)">
              n {stats.n}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
