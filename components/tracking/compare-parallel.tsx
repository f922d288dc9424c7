"use client";

import { ArrowLeft, ArrowRight, Plus, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Field } from "#components/ui/field.tsx";
import { Select } from "#components/ui/input.tsx";
import { Popover } from "#components/ui/popover.tsx";
import { Checkbox } from "#components/ui/toggle.tsx";
import { setSearchParams, useSearch } from "#components/ui/url-state.ts";
import { ChartFrame } from "#components/ui/charts/chart-frame.tsx";
import { hoverSeries, useHoveredSeries } from "#components/ui/charts/hovered-series.ts";
import { Sized } from "#components/ui/charts/sized.tsx";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { AxisLimits } from "./axis-limits.tsx";
import { cellOf, fieldsOf } from "./comparison.ts";
import {
  type AxisChoice,
  axesOf,
  axesText,
  axisOf,
  type Brush,
  brushBetween,
  brushedPart,
  brushesOf,
  brushText,
  fieldName,
  type ParallelAxis,
  placeOf,
  shareOf,
  usualAxes,
} from "./parallel-axes.ts";
import type { RunViews } from "./run-views.ts";

const TOP = 34;
const FOOT = 30;
const SIDE = 56;

/** A line per run across parameters and metrics. Dragging along an axis chooses the runs that pass there; all other charts then dim the rest. */
export function CompareParallel({ runs, views }: { runs: readonly RunSummaryDto[]; views: RunViews }) {
  const search = useSearch();
  const text = search.get("axes") ?? "";
  const brushed = search.get("brush") ?? "";
  const choices = useMemo(() => (text === "" ? usualAxes(runs) : axesOf(text)), [text, runs]);
  const brushes = useMemo(() => brushesOf(brushed), [brushed]);
  const axes = useMemo(() => choices.map((choice) => axisOf(runs, choice)), [runs, choices]);
  const shown = useMemo(() => {
    const byId = new Map(runs.map((run) => [run.id, run]));
    return views.shown.flatMap(({ id, name }) => {
      const run = byId.get(id);
      return run === undefined ? [] : [{ id, name, run }];
    });
  }, [runs, views]);
  const fields = useMemo(() => {
    const { numbers, words } = fieldsOf(runs);
    return [...numbers, ...words].filter((field) => !choices.some((choice) => choice.field === field));
  }, [runs, choices]);

  const setAxes = (next: readonly AxisChoice[]): void =>
    setSearchParams({
      axes: axesText(next),
      brush: brushText(brushes.filter((brush) => next.some((axis) => axis.field === brush.field))),
    });
  const setBrush = (field: string, brush: Brush | null): void =>
    setSearchParams({
      brush: brushText([...brushes.filter((each) => each.field !== field), ...(brush === null ? [] : [brush])]),
    });
  if (axes.length === 0 && fields.length === 0)
    return <EmptyState>These runs have no parameters and no metrics to draw.</EmptyState>;
  const chosen = shown.filter(({ id }) => !views.dimmed(id));
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center gap-1.5">
        {axes.map((axis, at) => (
          <AxisMenu
            key={axis.field}
            axis={axis}
            brush={brushes.find((each) => each.field === axis.field) ?? null}
            first={at === 0}
            last={at === axes.length - 1}
            onMove={(by) => setAxes(swapped(choices, at, at + by))}
            onRemove={() => setAxes(choices.filter((_, i) => i !== at))}
            onScale={(log) =>
              setAxes(choices.map((choice, i) => (i === at ? { ...choice, scale: log ? "log" : "linear" } : choice)))
            }
            onBrush={(brush) => setBrush(axis.field, brush)}
          />
        ))}
        {fields.length === 0 ? null : (
          <span className="inline-flex w-44 items-center gap-1 text-muted">
            <Plus className="size-4 shrink-0" aria-hidden />
            <Select
              size="sm"
              aria-label="Add an axis"
              value=""
              placeholder="Add an axis"
              onValueChange={(field) => (field === "" ? undefined : setAxes([...choices, { field, scale: null }]))}
              options={fields.map((field) => ({
                value: field,
                label: `${field.startsWith("metric:") ? "metric" : "parameter"} ${fieldName(field)}`,
              }))}
            />
          </span>
        )}
        {brushes.length === 0 ? null : (
          <Button size="sm" onClick={() => setSearchParams({ brush: null })}>
            Clear brushes
          </Button>
        )}
      </div>
      <ChartFrame
        title="Parallel coordinates"
        description={
          brushes.length === 0
            ? "Drag along an axis to choose runs."
            : `${chosen.length} of ${shown.length} runs are chosen by ${brushes.length === 1 ? "the brush" : "the brushes"}.`
        }
        height={380}
        nothing={axes.length === 0 || shown.length === 0}
        empty={shown.length === 0 ? "All runs are hidden." : "Add an axis."}
        names={chosen.map(({ id, name }) => ({ name, color: views.strokeOf(id).color }))}
        table={() => ({
          columns: ["Run", ...axes.map((axis) => axis.name), "Chosen"],
          rows: shown.map(({ id, name, run }) => [
            name,
            ...axes.map((axis) => cellOf(run, axis.field)),
            views.dimmed(id) ? "no" : "yes",
          ]),
        })}
        footnote="A run without a value, or whose value is NaN or infinite, passes below the foot of the axis."
      >
        {(height) => (
          <Sized height={height}>
            {(width) => (
              <Lines
                width={width}
                height={height}
                axes={axes}
                runs={shown}
                views={views}
                brushes={brushes}
                onBrush={setBrush}
              />
            )}
          </Sized>
        )}
      </ChartFrame>
    </div>
  );
}

function swapped<T>(list: readonly T[], a: number, b: number): T[] {
  const next = [...list];
  const [x, y] = [next[a], next[b]];
  if (x === undefined || y === undefined) return next;
  next[a] = y;
  next[b] = x;
  return next;
}

interface LinesProps {
  readonly width: number;
  readonly height: number;
  readonly axes: readonly ParallelAxis[];
  readonly runs: readonly { readonly id: string; readonly name: string; readonly run: RunSummaryDto }[];
  readonly views: RunViews;
  readonly brushes: readonly Brush[];
  readonly onBrush: (field: string, brush: Brush | null) => void;
}

function Lines({ width, height, axes, runs, views, brushes, onBrush }: LinesProps) {
  const hovered = useHoveredSeries();
  const [drag, setDrag] = useState<{ field: string; from: number; to: number } | null>(null);
  const dragging = drag !== null;
  useEffect(() => {
    if (!dragging) return;
    const cancel = (event: KeyboardEvent): void => {
      if (event.key === "Escape") setDrag(null);
    };
    window.addEventListener("keydown", cancel);
    return () => window.removeEventListener("keydown", cancel);
  }, [dragging]);
  const svg = useRef<SVGSVGElement>(null);
  const length = height - TOP - FOOT;
  const xOf = (at: number): number =>
    axes.length < 2 ? width / 2 : SIDE + (at * (width - 2 * SIDE)) / (axes.length - 1);
  const yOf = (at: number): number => TOP + (1 - at) * length;
  const shareAt = (clientY: number): number =>
    1 - (clientY - (svg.current?.getBoundingClientRect().top ?? 0) - TOP) / length;
  const pathOf = (run: RunSummaryDto): string =>
    axes
      .map((axis, i) => {
        const place = placeOf(run, axis);
        const y = place === null ? TOP + length + 16 : yOf(shareOf(place, axis));
        return `${i === 0 ? "M" : "L"}${xOf(i).toFixed(1)} ${y.toFixed(1)}`;
      })
      .join("");
  const ordered = [...runs].sort((a, b) => rank(a.id) - rank(b.id));
  function rank(id: string): number {
    return id === hovered ? 2 : views.dimmed(id) ? 0 : 1;
  }
  const words = Math.max(8, Math.floor((width - 2 * SIDE) / Math.max(1, axes.length - 1) / 6.5));
  return (
    <svg ref={svg} width={width} height={height} fontSize="11" role="group" aria-label="Parallel coordinates">
      {ordered.map(({ id, name, run }) => {
        const stroke = views.strokeOf(id);
        const dim = views.dimmed(id);
        return (
          <path
            key={id}
            d={pathOf(run)}
            fill="none"
            stroke={stroke.color}
            strokeDasharray={stroke.dash}
            strokeWidth={id === hovered || views.bold(id) ? 3 : 1.5}
            strokeOpacity={dim ? 0.12 : hovered !== null && hovered !== id ? 0.35 : 0.85}
            data-run={id}
            data-dim={dim ? "true" : undefined}
            onMouseEnter={() => hoverSeries(id)}
            onMouseLeave={() => hoverSeries(null)}
          >
            <title>{name}</title>
          </path>
        );
      })}
      {axes.map((axis, i) => {
        const brush = brushes.find((each) => each.field === axis.field);
        const live = drag?.field === axis.field ? brushBetween(axis, drag.from, drag.to) : brush;
        const [low, high] = live === undefined ? [0, 0] : brushedPart(axis, live);
        const name = axis.name.length > words ? `${axis.name.slice(0, words - 1)}…` : axis.name;
        return (
          <g key={axis.field}>
            <text x={xOf(i)} y={16} textAnchor="middle" fill="var(--text)" fontWeight="500">
              {name}
              <title>{axis.name}</title>
            </text>
            <line x1={xOf(i)} x2={xOf(i)} y1={TOP} y2={TOP + length} stroke="var(--line-strong)" />
            {axis.ticks.map((tick) => (
              <text
                key={tick.at}
                x={xOf(i) + (i === axes.length - 1 ? 7 : -7)}
                y={yOf(tick.at) + 4}
                textAnchor={i === axes.length - 1 ? "start" : "end"}
                fill="var(--muted)"
                stroke="var(--surface)"
                strokeWidth="3"
                paintOrder="stroke"
              >
                {tick.text.length > 14 ? `${tick.text.slice(0, 13)}…` : tick.text}
              </text>
            ))}
            {live === undefined ? null : (
              <rect
                x={xOf(i) - 7}
                y={yOf(high)}
                width={14}
                height={Math.max(3, yOf(low) - yOf(high))}
                fill="var(--text)"
                fillOpacity="0.14"
                stroke="var(--text)"
                rx="2"
              />
            )}
            <rect
              data-axis={axis.field}
              x={xOf(i) - 14}
              y={TOP - 6}
              width={28}
              height={length + 12}
              fill="transparent"
              className="cursor-ns-resize touch-none"
              onPointerDown={(event) => {
                event.currentTarget.setPointerCapture(event.pointerId);
                const at = shareAt(event.clientY);
                setDrag({ field: axis.field, from: at, to: at });
              }}
              onPointerMove={(event) => {
                if (drag?.field === axis.field) setDrag({ ...drag, to: shareAt(event.clientY) });
              }}
              onPointerCancel={() => setDrag(null)}
              onPointerUp={() => {
                // Escape has taken it back.
                if (drag === null) return;
                setDrag(null);
                // A press without a movement takes the brush away.
                const small = Math.abs(drag.from - drag.to) * length < 4;
                onBrush(axis.field, small ? null : brushBetween(axis, drag.from, drag.to));
              }}
            >
              <title>{`${axis.name}: drag to choose, press to clear`}</title>
            </rect>
          </g>
        );
      })}
    </svg>
  );
}

/** What can be done with an axis, for hands and keyboards alike: order, scale, the chosen part, removal. */
function AxisMenu({
  axis,
  brush,
  first,
  last,
  onMove,
  onRemove,
  onScale,
  onBrush,
}: {
  axis: ParallelAxis;
  brush: Brush | null;
  first: boolean;
  last: boolean;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
  onScale: (log: boolean) => void;
  onBrush: (brush: Brush | null) => void;
}) {
  return (
    <Popover
      label={`Axis ${axis.name}`}
      trigger={
        <Button size="sm" variant={brush === null ? "secondary" : "primary"} title={axis.name}>
          <span className="max-w-60 truncate">{axis.name}</span>
        </Button>
      }
    >
      <div className="w-60 space-y-3">
        <div className="flex flex-wrap gap-1.5">
          <Button size="sm" icon={<ArrowLeft aria-hidden />} disabled={first} onClick={() => onMove(-1)}>
            Left
          </Button>
          <Button size="sm" icon={<ArrowRight aria-hidden />} disabled={last} onClick={() => onMove(1)}>
            Right
          </Button>
          <Button size="sm" icon={<X aria-hidden />} onClick={onRemove}>
            Remove
          </Button>
        </div>
        {axis.kind === "category" ? (
          <Field label="Only">
            <Select
              value={brush !== null && brush.low === brush.high ? String(brush.low) : ""}
              placeholder="All values"
              onValueChange={(at) =>
                onBrush(at === "" ? null : { field: axis.field, low: Number(at), high: Number(at) })
              }
              options={axis.categories.map((text, i) => ({ value: String(i), label: text === "" ? "(empty)" : text }))}
            />
          </Field>
        ) : (
          <>
            <Checkbox
              label="Logarithmic"
              checked={axis.kind === "log"}
              disabled={axis.range[0] <= 0}
              onCheckedChange={onScale}
            />
            <AxisLimits axis={axis} brush={brush} onBrush={onBrush} />
          </>
        )}
        {brush === null ? null : (
          <Button size="sm" onClick={() => onBrush(null)}>
            Clear the brush
          </Button>
        )}
      </div>
    </Popover>
  );
}
