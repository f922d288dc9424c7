"use client";

import { useMemo } from "react";
import { LinkButton } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { plural } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { Switch } from "#components/ui/toggle.tsx";
import { setSearchParams, useUrlState } from "#components/ui/url-state.ts";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { CompareScatter } from "./compare-scatter.tsx";
import { CompareTable } from "./compare-table.tsx";
import { comparedRows, distinctNames } from "./comparison.ts";
import { MetricCharts } from "./metric-charts.tsx";

/** Two or more runs beside each other: what differs, how their metrics went, and one number against another. The address keeps the choice. */
export function ComparePage({
  project,
  found,
  asked,
}: {
  project: string;
  found: readonly RunSummaryDto[];
  asked: number;
}) {
  const [ids] = useUrlState("runs");
  const [baselineAsked, setBaseline] = useUrlState("baseline");
  const [all, setAll] = useUrlState("all");
  const runs = useMemo(() => {
    const kept = ids.split(",");
    return found.filter((run) => kept.includes(run.id));
  }, [found, ids]);
  const names = useMemo(() => distinctNames(runs), [runs]);
  const rows = useMemo(() => comparedRows(runs), [runs]);
  const baseline = runs.some((run) => run.id === baselineAsked) ? baselineAsked : null;
  const differing = rows.filter((row) => row.differs);
  const back = `/p/${project}/experiments`;

  if (runs.length < 2)
    return (
      <>
        <PageHeader title="Compare runs" breadcrumb={[{ label: "Compare" }]} />
        <EmptyState
          action={
            <LinkButton href={back} size="sm">
              Choose runs
            </LinkButton>
          }
        >
          Select two or more runs in the table of runs, then Compare.
        </EmptyState>
      </>
    );
  return (
    <>
      <LiveRefresh topics={["runs"]} />
      <PageHeader
        title={`Compare ${plural(runs.length, "run")}`}
        breadcrumb={[{ label: "Compare" }]}
        meta={
          <>
            <span>
              {differing.length === 0 ? "No difference" : plural(differing.length, "difference")} in {rows.length}{" "}
              compared
            </span>
            {found.length < asked ? <span>{plural(asked - found.length, "run")} not found in this project</span> : null}
          </>
        }
        actions={
          <LinkButton href={back} size="sm">
            Choose other runs
          </LinkButton>
        }
      />
      <Tabs
        label="Ways to compare"
        tabs={[
          {
            id: "differences",
            label: "Differences",
            count: differing.length,
            content: (
              <div className="space-y-3">
                <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
                  <Switch
                    label="Only differences"
                    checked={all !== "1"}
                    onCheckedChange={(only) => setAll(only ? "" : "1")}
                  />
                  <label className="flex items-center gap-2 text-sm text-muted">
                    Baseline
                    <Select
                      className="w-56"
                      value={baseline ?? ""}
                      onValueChange={setBaseline}
                      placeholder="None"
                      options={names.map((run) => ({ value: run.id, label: run.name }))}
                    />
                  </label>
                </div>
                <CompareTable
                  project={project}
                  runs={names}
                  rows={all === "1" ? rows : differing}
                  baseline={baseline}
                  onRemove={
                    runs.length > 2
                      ? (id) =>
                          setSearchParams({
                            runs: runs
                              .filter((run) => run.id !== id)
                              .map((run) => run.id)
                              .join(","),
                          })
                      : null
                  }
                />
              </div>
            ),
          },
          {
            id: "metrics",
            label: "Metric charts",
            content: (
              <MetricCharts project={project} runs={names} live={runs.some((run) => run.status === "RUNNING")} />
            ),
          },
          { id: "scatter", label: "Scatter", content: <CompareScatter runs={runs} names={names} /> },
        ]}
      />
    </>
  );
}
