"use client";

import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleX } from "lucide-react";
import type { Preview, Profile, SchemaChange, Validation } from "#server/data/contract.ts";
import { api } from "#components/ui/api.ts";
import { Badge } from "#components/ui/badge.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { SkeletonTable } from "#components/ui/skeleton.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { ColumnCard } from "./column-profile.tsx";

/** The profile of a version, or how far it has come. */
export function ProfilePanel({
  profile,
  state,
  error,
}: {
  profile: Profile | null;
  state: string;
  error: string | null;
}) {
  if (error) return <ErrorNote error={new Error(error)} title="The profile could not be computed" />;
  if (!profile)
    return (
      <EmptyState>
        {state === "running"
          ? "The profile is being computed; it appears here by itself."
          : "The profile waits for a worker; it appears here by itself."}
      </EmptyState>
    );
  return (
    <div className="flex flex-col gap-3">
      <p className="text-xs text-muted">
        {profile.columns.length} columns of {profile.rows.toLocaleString("en-GB")} rows, counted exactly in{" "}
        {(profile.ms / 1000).toFixed(1)} s.
      </p>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(280px,1fr))] gap-3">
        {profile.columns.map((column) => (
          <ColumnCard key={column.name} column={column} />
        ))}
      </div>
    </div>
  );
}

/** The first hundred rows as they are stored. */
export function PreviewPanel({ project, dataset, version }: { project: string; dataset: string; version: number }) {
  const query = useQuery({
    queryKey: [project, "datasets", dataset, version, "preview"],
    queryFn: ({ signal }) =>
      api<Preview>(`/api/v1/projects/${project}/datasets/${dataset}/versions/${version}/preview`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (query.isPending) return <SkeletonTable rows={12} columns={8} />;
  if (query.isError) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  const { columns, rows, total } = query.data;
  return (
    <div className="flex flex-col gap-2">
      <p className="text-xs text-muted">
        The first {rows.length} of {total.toLocaleString("en-GB")} rows.
      </p>
      <div className="max-h-[65vh] overflow-auto rounded-md border" role="region" aria-label="Preview" tabIndex={0}>
        <table className="w-full border-collapse text-xs">
          <thead>
            <tr>
              <th scope="col" className="sticky top-0 border-b bg-raised px-2 py-1.5 text-right font-medium text-muted">
                #
              </th>
              {columns.map((column) => (
                <th
                  key={column.name}
                  scope="col"
                  className="sticky top-0 border-b bg-raised px-2 py-1.5 text-left font-mono font-medium whitespace-nowrap"
                  title={column.type}
                >
                  {column.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={i} className="border-b last:border-0 hover:bg-raised">
                <td className="num px-2 py-1 text-muted">{i + 1}</td>
                {row.map((cell, j) => (
                  <td
                    key={columns[j]?.name ?? j}
                    className={`px-2 py-1 whitespace-nowrap ${typeof cell === "number" ? "num" : ""}`}
                  >
                    {cell === null ? <span className="text-muted italic">missing</span> : String(cell)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

type Rule = Validation["rules"][number];
const ruleColumns: Column<Rule>[] = [
  {
    id: "state",
    header: "Result",
    value: (r) => (r.passed ? "passed" : "failed"),
    cell: (r) => <StatusBadge status={r.passed ? "passed" : "failed"} />,
    width: 110,
    grow: 0,
  },
  {
    id: "column",
    header: "Column",
    value: (r) => r.column ?? "",
    cell: (r) => <span className="font-mono">{r.column ?? "table"}</span>,
    width: 140,
    grow: 0,
  },
  { id: "text", header: "Expectation", value: (r) => r.text, grow: 3, width: 300 },
  { id: "observed", header: "Found", value: (r) => r.observed, grow: 2, width: 220 },
];

/** Every expectation with what was found; broken ones first. */
export function ValidationPanel({ report }: { report: Validation | null }) {
  if (!report) return <EmptyState>The expectations have not been checked yet.</EmptyState>;
  if (report.rules.length === 0)
    return (
      <EmptyState>
        Nothing is expected of this dataset yet; write an expectations.yaml, and checks can hold versions to it.
      </EmptyState>
    );
  const broken = report.rules.filter((rule) => !rule.passed);
  return (
    <div className="flex flex-col gap-3">
      <p className="flex items-center gap-2">
        {broken.length === 0 ? (
          <CircleCheck className="size-4 text-good" aria-hidden />
        ) : (
          <CircleX className="size-4 text-bad" aria-hidden />
        )}
        {broken.length === 0
          ? `All ${report.rules.length} expectations hold.`
          : `${broken.length} of ${report.rules.length} expectations are broken.`}
      </p>
      <DataTable
        label="Expectations"
        rows={[...broken, ...report.rules.filter((rule) => rule.passed)]}
        columns={ruleColumns}
        rowId={(r) => `${r.rule}:${r.column ?? ""}:${r.text}`}
        param="rules"
        maxHeight="60vh"
        empty={null}
      />
    </div>
  );
}

/** What changed in the columns since the version before. */
export function SchemaChanges({ changes }: { changes: readonly SchemaChange[] }) {
  if (changes.length === 0) return null;
  return (
    <ul className="flex flex-col gap-1 text-xs">
      {changes.map((change) => (
        <li key={change.column} className="flex items-center gap-2">
          <Badge tone={change.breaking ? "bad" : "neutral"}>{change.breaking ? "breaking" : "compatible"}</Badge>
          {change.text}
        </li>
      ))}
    </ul>
  );
}
