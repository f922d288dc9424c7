"use client";

import { useQuery } from "@tanstack/react-query";
import type { FeatureDrift, WindowDto } from "#server/monitoring/contract.ts";
import { BarHistogram } from "#components/ui/charts/bar-histogram.tsx";
import { Sheet } from "#components/ui/dialog.tsx";
import { formatNumber, formatPercent } from "#components/ui/format.ts";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { setSearchParams, useUrlState } from "#components/ui/url-state.ts";
import { windowQuery } from "./queries.ts";
import { count, DRIFT_WORDS, pText } from "./words.ts";

/** One cell of the table in full: the verdict, both distributions, and every method's figure. Opened by ?window= and ?feature=. */
export function DriftDetail({
  project,
  monitor,
  windows,
}: {
  project: string;
  monitor: string;
  windows: readonly WindowDto[];
}) {
  const [name] = useUrlState("feature", "");
  const [asked] = useUrlState("window", "");
  const window = windows.find((each) => each.startsAt.slice(0, 16) === asked);
  const full = useQuery({
    ...windowQuery(project, monitor, window?.startsAt ?? ""),
    enabled: window !== undefined && name !== "",
  });
  const cell = window && cellOf(window, name);
  if (!window || !cell) return null;
  return (
    <Sheet
      title={`${name === "prediction" ? (window.predictionDrift?.of ?? name) : name}, ${window.label}`}
      width="640px"
      open
      onOpenChange={(open) => {
        if (!open) setSearchParams({ feature: null });
      }}
    >
      <div className="flex flex-col gap-4">
        <div className="flex items-start gap-3">
          <StatusBadge
            status={cell.status === "stable" ? "ok" : cell.status === "drifted" ? "drifted" : "unknown"}
            label={DRIFT_WORDS[cell.status]}
          />
          <p className="text-base">{cell.sentence}</p>
        </div>
        {full.error ? <ErrorNote error={full.error} onRetry={() => void full.refetch()} /> : null}
        {full.data ? (
          <Distributions cell={cellOf(full.data, name) ?? cell} window={window} />
        ) : (
          <Skeleton className="h-80 w-full" />
        )}
        <Methods cell={cell} />
      </div>
    </Sheet>
  );
}

function cellOf(window: WindowDto, name: string): FeatureDrift | null {
  if (name === "prediction") return window.predictionDrift;
  return window.drift.find((feature) => feature.feature === name) ?? null;
}

function Distributions({ cell, window }: { cell: FeatureDrift; window: WindowDto }) {
  const bars = cell.distribution?.bars;
  if (!bars) return null;
  const total = (counts: readonly number[]) =>
    Math.max(
      1,
      counts.reduce((sum, n) => sum + n, 0),
    );
  const [now, then] = [total(bars.current), total(bars.reference)];
  const { edges, keys } = bars;
  const label = (i: number) =>
    keys?.[i] ?? (edges ? `${formatNumber(edges[i])} to ${formatNumber(edges[i + 1])}` : String(i));
  return (
    <BarHistogram
      title="How the values are spread"
      unit="% of rows"
      description={`${count(cell.current.valid)} rows of the window, ${count(cell.reference.valid)} of the training data`}
      name={window.label}
      referenceName="Training data"
      bins={bars.current.map((value, i) => ({ label: label(i), value: (value / now) * 100 }))}
      reference={bars.reference.map((value) => (value / then) * 100)}
      height={240}
    />
  );
}

function Methods({ cell }: { cell: FeatureDrift }) {
  const { distribution: d, missing } = cell;
  if (!d) return null;
  const rows: [method: string, value: string, note: string][] = [
    [
      "PSI",
      formatNumber(d.psi),
      `population stability index; about ${formatNumber(d.psiWithoutDrift)} by chance alone`,
    ],
    ["Jensen-Shannon", formatNumber(d.jensenShannon), "distance of the two distributions, 0 to 0.83"],
    d.test === "kolmogorov_smirnov"
      ? [
          "Kolmogorov-Smirnov D",
          formatNumber(d.statistic),
          `p ${pText(d.p)}; greatest gap between the two cumulative curves`,
        ]
      : ["Chi-square", formatNumber(d.statistic), `p ${pText(d.p)}`],
    ["p after correction", pText(cell.adjustedP), "Holm, over all tests of the window"],
  ];
  if (d.wasserstein !== null)
    rows.push(["Wasserstein", formatNumber(d.wasserstein), "mean shift in standard deviations of the training data"]);
  if (missing)
    rows.push([
      "Missing values",
      `${formatPercent(missing.reference)} → ${formatPercent(missing.current)}`,
      `p ${pText(cell.adjustedMissingP)}`,
    ]);
  if (d.newCategories.length > 0)
    rows.push(["New values", String(d.newCategories.length), d.newCategories.slice(0, 10).join(", ")]);
  return (
    <table className="w-full text-xs">
      <caption className="pb-1 text-left text-muted">All methods</caption>
      <tbody>
        {rows.map(([method, value, note]) => (
          <tr key={method} className="border-t">
            <th scope="row" className="py-1.5 pr-3 text-left font-medium whitespace-nowrap">
              {method}
            </th>
            <td className="num py-1.5 pr-3">{value}</td>
            <td className="py-1.5 text-muted">{note}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
