"use client";

import { ClipboardCheck } from "lucide-react";
import type { RequestSummary } from "#server/governance/contract.ts";
import { LinkButton } from "#components/ui/button.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { FilterBar } from "#components/ui/filter-bar.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import { Time } from "#components/ui/values.tsx";

const CLOSED = new Set(["completed", "reverted", "rejected", "withdrawn"]);

const columns: Column<RequestSummary>[] = [
  {
    id: "number",
    header: "Request",
    value: (r) => r.number,
    cell: (r) => (
      <span className="font-medium">
        #{r.number} {r.model} version {r.version}
      </span>
    ),
    grow: 1,
    width: 220,
  },
  {
    id: "status",
    header: "State",
    value: (r) => r.status,
    cell: (r) => <StatusBadge status={r.status} />,
    width: 150,
    grow: 0,
  },
  {
    id: "headline",
    header: "Evidence",
    value: (r) => r.headline ?? "",
    cell: (r) => r.headline ?? <span className="text-muted">checks are running</span>,
    grow: 3,
    width: 320,
  },
  {
    id: "checks",
    header: "Checks",
    value: (r) => r.checks.passed / Math.max(1, r.checks.total),
    cell: (r) => `${r.checks.passed} of ${r.checks.total}`,
    numeric: true,
    width: 80,
    grow: 0,
  },
  {
    id: "approvals",
    header: "Approvals",
    value: (r) => r.approvals.given,
    cell: (r) => `${r.approvals.given} of ${r.approvals.needed}`,
    numeric: true,
    width: 90,
    grow: 0,
  },
  { id: "by", header: "Requested by", value: (r) => r.requestedBy, width: 140, grow: 0 },
  { id: "age", header: "Age", value: (r) => r.createdAt, cell: (r) => <Time at={r.createdAt} />, width: 120, grow: 0 },
];

/** Promotion requests of a project: what is open first, oldest first. */
export function RequestList({ project, requests }: { project: string; requests: readonly RequestSummary[] }) {
  const [state] = useUrlState("state", "open");
  const shown = requests.filter((request) => state === "all" || CLOSED.has(request.status) === (state === "closed"));
  return (
    <DataTable
      label="Promotion requests"
      rows={shown}
      columns={columns}
      rowId={(r) => r.id}
      rowHref={(r) => `/p/${project}/reviews/${r.number}`}
      search="Search requests"
      filters={
        <FilterBar
          filters={[
            {
              param: "state",
              label: "Show",
              options: [
                { value: "open", label: "Open" },
                { value: "closed", label: "Closed" },
                { value: "all", label: "All" },
              ],
            },
          ]}
        />
      }
      empty={
        <EmptyState
          icon={<ClipboardCheck aria-hidden />}
          action={<LinkButton href={`/p/${project}/models`}>Go to models</LinkButton>}
        >
          {requests.length === 0
            ? "No promotion was requested yet: open a model version and press Request promotion."
            : "Nothing is open. Closed requests are under Show."}
        </EmptyState>
      }
    />
  );
}
