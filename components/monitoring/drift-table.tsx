"use client";

import { CircleCheck, CircleDashed, TriangleAlert } from "lucide-react";
import type { FeatureDrift, WindowDto } from "#server/monitoring/contract.ts";
import { cn } from "#components/ui/cn.ts";
import { setSearchParams } from "#components/ui/url-state.ts";
import { DRIFT_WORDS, shortLabel } from "./words.ts";

const ICONS = {
  drifted: <TriangleAlert className="size-3 text-warn" aria-hidden />,
  stable: <CircleCheck className="size-3 text-muted" aria-hidden />,
  insufficient: <CircleDashed className="size-3 text-muted" aria-hidden />,
} as const;

const PREDICTION = "prediction";

function cellsOf(window: WindowDto): Map<string, FeatureDrift> {
  const cells = new Map<string, FeatureDrift>(window.drift.map((feature) => [feature.feature, feature]));
  if (window.predictionDrift) cells.set(PREDICTION, window.predictionDrift);
  return cells;
}

/** Features by windows: the size of the change, with an icon and a word; the strongest of the chosen window first. */
export function DriftTable({ windows, window }: { windows: readonly WindowDto[]; window: WindowDto }) {
  const names = [...new Set([window, ...windows].flatMap((each) => each.drift.map((feature) => feature.feature)))];
  const rows = [...names, ...(windows.some((each) => each.predictionDrift) ? [PREDICTION] : [])];
  const columns = windows.map((each) => ({ window: each, cells: cellsOf(each) }));
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label="Drift by feature and window"
      className="overflow-x-auto rounded-md border bg-surface"
    >
      <table className="w-full border-collapse text-xs">
        <thead>
          <tr>
            <th scope="col" className="sticky left-0 z-10 bg-surface px-3 py-1.5 text-left font-medium text-muted">
              Feature
            </th>
            {columns.map(({ window: each }) => (
              <th
                key={each.id}
                scope="col"
                aria-current={each === window ? "true" : undefined}
                className={cn(
                  "px-1.5 py-1.5 font-medium whitespace-nowrap text-muted",
                  each === window && "text-text underline underline-offset-4",
                )}
              >
                {shortLabel(each.label)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((name) => (
            <tr key={name} className="border-t">
              <th
                scope="row"
                className="sticky left-0 z-10 bg-surface px-3 py-0 text-left font-medium whitespace-nowrap"
              >
                {name === PREDICTION ? <span className="text-muted">the prediction itself</span> : name}
              </th>
              {columns.map(({ window: each, cells }) => (
                <td key={each.id} className="p-0.5 text-center">
                  <Cell name={name} window={each} cell={cells.get(name)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ name, window, cell }: { name: string; window: WindowDto; cell: FeatureDrift | undefined }) {
  if (!cell) return <span className="text-muted">–</span>;
  const word = DRIFT_WORDS[cell.status];
  const psi = cell.distribution?.psi;
  return (
    <button
      type="button"
      title={`${word}. ${cell.sentence}`}
      aria-label={`${name}, ${window.label}: ${word}${psi === undefined ? "" : `, PSI ${psi.toFixed(2)}`}`}
      onClick={() => setSearchParams({ window: window.startsAt.slice(0, 16), feature: name }, { push: true })}
      className={cn(
        "inline-flex h-7 w-full min-w-20 items-center justify-center gap-1 rounded-sm px-1.5 tabular-nums hover:bg-raised",
        cell.status === "drifted" && "bg-warn-soft font-medium",
        cell.status === "insufficient" && "text-muted",
      )}
    >
      {ICONS[cell.status]}
      {psi === undefined ? "few rows" : psi.toFixed(2)}
    </button>
  );
}
