"use client";

import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useMemo } from "react";
import { Button } from "#components/ui/button.tsx";
import { download, toCsv } from "#components/ui/csv.ts";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Select } from "#components/ui/input.tsx";
import { Switch } from "#components/ui/toggle.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { CompareTable } from "./compare-table.tsx";
import { comparedRows } from "./comparison.ts";
import { environmentRows } from "./environment-rows.ts";
import type { NamedRun } from "./metric-lines.ts";
import { runEnvironmentsQuery } from "./origin-queries.ts";
import { drawable } from "./parts/metric-text.ts";
import type { RunViews } from "./run-views.ts";

/** A table of more columns nobody reads. */
const MOST_COLUMNS = 100;

/** What the runs say of themselves, a column each, with the change against one of them. Hidden runs are left out; brushed-out ones stand back. */
export function CompareDifferences({
  project,
  runs,
  names,
  views,
  onRemove,
}: {
  project: string;
  runs: readonly RunSummaryDto[];
  names: readonly NamedRun[];
  views: RunViews;
  onRemove: ((id: string) => void) | null;
}) {
  const [asked, setBaseline] = useUrlState("baseline");
  const [all, setAll] = useUrlState("all");
  const baseline = runs.some((run) => run.id === asked) ? asked : null;
  const visible = useMemo(() => {
    const byId = new Map(runs.map((run) => [run.id, run]));
    // The baseline stands first: every change is read against it.
    const ids = views.shown.map((run) => run.id).filter((id) => id !== baseline);
    return (baseline === null ? ids : [baseline, ...ids]).flatMap((id) => byId.get(id) ?? []);
  }, [runs, views, baseline]);
  const shown = useMemo(() => visible.slice(0, MOST_COLUMNS), [visible]);
  const ids = useMemo(() => shown.map((run) => run.id), [shown]);
  const environment = useQuery(runEnvironmentsQuery(project, ids));
  const { data: known } = environment;
  const environments = useMemo(() => new Map((known ?? []).map((one) => [one.runId, one])), [known]);
  const rows = useMemo(() => {
    const every = [...comparedRows(shown), ...environmentRows(shown, environments)];
    return all === "1" ? every : every.filter((row) => row.differs);
  }, [shown, all, environments]);
  const nameOf = new Map(names.map((run) => [run.id, run.name]));
  const columns = shown.map((run) => ({ id: run.id, name: nameOf.get(run.id) ?? run.name }));
  const save = (): void =>
    download(
      "differences.csv",
      toCsv(
        ["Group", "Name", ...columns.map((run) => run.name)],
        rows.map((row) => [row.group, row.name, ...row.cells.map((cell, i) => drawable(row.values?.[i]) ?? cell)]),
      ),
    );
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <Switch label="Only differences" checked={all !== "1"} onCheckedChange={(only) => setAll(only ? "" : "1")} />
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
        <Button size="sm" icon={<Download aria-hidden />} onClick={save} disabled={rows.length === 0}>
          Export CSV
        </Button>
        {shown.length < visible.length ? (
          <p className="text-sm text-muted">
            The first {shown.length} of {visible.length} shown runs: hide or brush out some to see others.
          </p>
        ) : null}
      </div>
      {environment.error ? (
        <ErrorNote
          title="Packages and machines of the runs are not compared"
          error={environment.error}
          onRetry={() => void environment.refetch()}
        />
      ) : null}
      <CompareTable
        project={project}
        runs={columns}
        rows={rows}
        baseline={baseline}
        views={views}
        onRemove={onRemove}
      />
    </div>
  );
}
