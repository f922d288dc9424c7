"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Sparkline } from "#components/ui/charts/sparkline.tsx";
import { Stat } from "#components/ui/stat.tsx";
import type { RunDto } from "#server/tracking/contract.ts";
import { metricRank } from "./parts/metric-rank.ts";
import { drawable, metricText } from "./parts/metric-text.ts";
import { runSeriesQuery } from "./queries.ts";

/** The metrics that a reader looks for first: those of a test or validation before those of training, otherwise by name. */
function headline(run: RunDto) {
  return run.metrics
    .toSorted((a, b) => metricRank(a.key) - metricRank(b.key) || a.key.localeCompare(b.key))
    .slice(0, 4);
}

/** The figures that say at once how good the run is, each with its course where it has one; nothing where no metric was logged. */
export function RunFigures({ project, run }: { project: string; run: RunDto }) {
  const stats = useMemo(() => headline(run), [run]);
  const { data } = useQuery(runSeriesQuery(project, run));
  if (stats.length === 0) return null;
  return (
    <div className="mb-4 grid grid-cols-2 gap-3 lg:grid-cols-4">
      {stats.map(({ key, value }) => (
        <Stat
          key={key}
          label={key}
          value={metricText(value)}
          spark={
            <Sparkline
              label={key}
              // Four cards beside the glance leave room for a value and no more.
              width={48}
              values={(data?.find((one) => one.key === key)?.values ?? []).map(drawable)}
            />
          }
        />
      ))}
    </div>
  );
}
