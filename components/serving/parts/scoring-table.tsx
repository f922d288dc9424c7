"use client";

import { useQuery } from "@tanstack/react-query";
import { TableProperties } from "lucide-react";
import type { ScoringDto } from "#server/serving/contract.ts";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { formatNumber, formatPercent } from "#components/ui/format.ts";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Num, Time } from "#components/ui/values.tsx";
import { scoringsQuery } from "./bulk-queries.ts";

const progress = ({ status, rowsDone, rowsTotal }: ScoringDto): string =>
  status === "running" && rowsTotal > 0 ? formatPercent(rowsDone / rowsTotal, 0) : "";

const columns: Column<ScoringDto>[] = [
  {
    id: "number",
    header: "Scoring",
    value: (s) => s.number,
    cell: (s) => <span className="font-medium">#{s.number}</span>,
    width: 84,
    grow: 0,
  },
  {
    id: "status",
    header: "State",
    value: (s) => s.status,
    cell: (s) => (
      <span className="flex items-center gap-1.5">
        <StatusBadge status={s.cancelling ? "cancelling" : s.status} />
        <span data-number className="text-xs text-muted">
          {progress(s)}
        </span>
      </span>
    ),
    width: 140,
    grow: 0,
  },
  { id: "model", header: "Model", value: (s) => `${s.model} version ${s.version}`, width: 150 },
  { id: "dataset", header: "Rows of", value: (s) => `${s.dataset} version ${s.datasetVersion}`, width: 150 },
  {
    id: "into",
    header: "Predictions",
    value: (s) => (s.result ? `${s.result.dataset} version ${s.result.version}` : s.into),
    cell: (s) =>
      s.result ? `${s.result.dataset} version ${s.result.version}` : <span className="text-muted">{s.into}</span>,
    width: 192,
  },
  {
    id: "approval",
    header: "Approved by",
    value: (s) => s.approval?.approvedBy.join(" and ") ?? "nobody",
    cell: (s) => s.approval?.approvedBy.join(" and ") ?? <span className="text-warn">nobody</span>,
    width: 112,
    grow: 0,
  },
  {
    id: "rows",
    header: "Rows",
    value: (s) => s.rowsTotal,
    cell: (s) => <Num value={s.rowsTotal} digits={0} />,
    numeric: true,
    width: 96,
    grow: 0,
  },
  {
    id: "rate",
    header: "Rows/s",
    value: (s) => s.rowsPerSecond,
    cell: (s) => (s.rowsPerSecond === null ? "–" : formatNumber(Math.round(s.rowsPerSecond))),
    numeric: true,
    width: 84,
    grow: 0,
  },
  { id: "by", header: "By", value: (s) => s.createdBy, width: 110, grow: 0 },
  {
    id: "created",
    header: "Started",
    value: (s) => s.createdAt,
    cell: (s) => <Time at={s.createdAt} />,
    width: 110,
    grow: 0,
  },
];

/** Batch scorings of a project, a model or a dataset. They change by themselves while workers work. */
export function ScoringTable({
  project,
  filter = {},
  initial,
  empty,
}: {
  project: string;
  filter?: { model?: string; dataset?: string };
  initial?: readonly ScoringDto[];
  /** What to do about an empty list. */
  empty?: React.ReactNode;
}) {
  const query = useQuery({
    ...scoringsQuery(project, filter),
    ...(initial ? { initialData: { scorings: [...initial], next: null } } : {}),
  });
  return (
    <DataTable
      label="Batch scorings"
      rows={query.data?.scorings ?? []}
      columns={columns}
      rowId={(scoring) => scoring.id}
      rowHref={(scoring) => `/p/${project}/scorings/${scoring.number}`}
      search="Search scorings"
      sort={{ id: "number", desc: true }}
      loading={query.isPending}
      error={query.error}
      onRetry={() => void query.refetch()}
      param="scorings"
      empty={
        <EmptyState icon={<TableProperties aria-hidden />} action={empty}>
          No batch scoring yet: it runs a whole dataset version through a model version, and its predictions become a
          dataset version.
        </EmptyState>
      }
    />
  );
}
