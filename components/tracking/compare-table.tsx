"use client";

import { X } from "lucide-react";
import { Fragment } from "react";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Change } from "#components/ui/stat.tsx";
import { TextLink } from "#components/ui/button.tsx";
import { formatChange } from "#components/ui/format.ts";
import { cn } from "#components/ui/cn.ts";
import { betterOf } from "./direction.ts";
import { drawable } from "./parts/metric-text.ts";
import type { ComparedRow } from "./comparison.ts";
import type { RunViews } from "./run-views.ts";

interface Props {
  readonly project: string;
  readonly runs: readonly { readonly id: string; readonly name: string }[];
  readonly rows: readonly ComparedRow[];
  /** The run that changes are measured from; null for none. */
  readonly baseline: string | null;
  readonly views: RunViews;
  readonly onRemove: ((id: string) => void) | null;
}

const GROUPS = ["Metrics", "Parameters", "Run", "Environment"] as const;

/** A column per run, a row per thing in which runs can differ; the names stay in sight while the runs scroll. */
export function CompareTable({ project, runs, rows, baseline, views, onRemove }: Props) {
  const base = runs.findIndex((run) => run.id === baseline);
  if (rows.length === 0) return <EmptyState>These runs do not differ in anything.</EmptyState>;
  return (
    <div
      className="max-h-[72vh] overflow-auto rounded-md border bg-surface"
      tabIndex={0}
      role="region"
      aria-label="Differences"
    >
      <table className="w-full border-separate border-spacing-0 text-xs">
        <thead>
          <tr>
            <th className="sticky top-0 left-0 z-20 min-w-44 border-b bg-raised px-3 py-2 text-left font-medium text-muted">
              <span className="sr-only">Name</span>
            </th>
            {runs.map((run) => (
              <th
                key={run.id}
                scope="col"
                className="sticky top-0 z-10 min-w-36 border-b border-l bg-raised px-3 py-1.5 text-left font-medium"
              >
                <span className="flex items-center gap-1">
                  <svg width="14" height="8" aria-hidden className="shrink-0">
                    <line
                      x2="14"
                      y1="4"
                      y2="4"
                      stroke={views.strokeOf(run.id).color}
                      strokeDasharray={views.strokeOf(run.id).dash}
                      strokeWidth="2.5"
                      strokeOpacity={views.dimmed(run.id) ? 0.25 : 1}
                    />
                  </svg>
                  <span className="min-w-0 flex-1 truncate">
                    <TextLink href={`/p/${project}/experiments/runs/${run.id}`} title={run.name}>
                      {run.name}
                    </TextLink>
                  </span>
                  {onRemove === null ? null : (
                    <IconButton
                      label={`Take ${run.name} out`}
                      size="sm"
                      icon={<X aria-hidden />}
                      onClick={() => onRemove(run.id)}
                    />
                  )}
                </span>
                {run.id === baseline ? <span className="block text-2xs font-normal text-muted">baseline</span> : null}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {GROUPS.map((group) => {
            const own = rows.filter((row) => row.group === group);
            if (own.length === 0) return null;
            return (
              <Fragment key={group}>
                <tr>
                  <th
                    scope="rowgroup"
                    className="sticky left-0 border-b bg-bg px-3 pt-3 pb-1 text-left text-2xs font-medium text-muted"
                  >
                    {group}
                  </th>
                  <td colSpan={runs.length} className="border-b bg-bg" />
                </tr>
                {own.map((row) => (
                  <CompareRow key={row.name} row={row} base={base} />
                ))}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** A metric against the baseline: by how much, by which share of it, and whether that is better as far as the name of the metric says. */
function Against({ metric, value, from }: { metric: string; value: number; from: number }) {
  return (
    <span className="num block text-muted">
      <Change value={value - from} better={betterOf(metric)} />
      {from === 0 ? null : <span> {formatChange(((value - from) / Math.abs(from)) * 100)}%</span>}
    </span>
  );
}

function CompareRow({ row, base }: { row: ComparedRow; base: number }) {
  const from = base < 0 ? null : drawable(row.values?.[base]);
  return (
    <tr className="hover:bg-raised/60">
      <th
        scope="row"
        title={row.name}
        className={cn(
          "sticky left-0 max-w-56 truncate border-b bg-surface px-3 py-1.5 text-left font-normal",
          row.differs ? "" : "text-muted",
        )}
      >
        {row.name}
      </th>
      {row.cells.map((cell, i) => {
        const value = drawable(row.values?.[i]);
        return (
          <td key={i} className={cn("border-b border-l px-3 py-1.5 align-top", row.differs ? "" : "text-muted")}>
            <span
              className={cn("block max-w-72 truncate", row.values ? "num" : row.group === "Run" ? "" : "font-mono")}
              title={cell}
            >
              {cell}
            </span>
            {from !== null && value !== null && i !== base && value !== from ? (
              <Against metric={row.name} value={value} from={from} />
            ) : null}
          </td>
        );
      })}
    </tr>
  );
}
