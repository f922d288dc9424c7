"use client";

import { Activity } from "lucide-react";
import { can } from "#server/identity/contract.ts";
import type { EndpointOption, MonitorSummary } from "#server/monitoring/contract.ts";
import { Badge } from "#components/ui/badge.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { Sparkline } from "#components/ui/charts/sparkline.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Num, Time } from "#components/ui/values.tsx";
import { CreateMonitor } from "./create-monitor.tsx";
import { LENGTHS, METRICS, STATES } from "./words.ts";

const columns: Column<MonitorSummary>[] = [
  {
    id: "name",
    header: "Monitor",
    value: (m) => m.name,
    cell: (m) => <span className="font-medium">{m.name}</span>,
    grow: 1,
    width: 160,
  },
  { id: "endpoint", header: "Endpoint", value: (m) => m.endpoint, width: 130, grow: 1 },
  {
    id: "state",
    header: "State",
    value: (m) => m.state,
    cell: (m) => <StatusBadge {...STATES[m.state]} title={m.problem ?? undefined} />,
    width: 145,
    grow: 0,
  },
  {
    id: "alerts",
    header: "Open alerts",
    value: (m) => m.openAlerts,
    cell: (m) => (m.openAlerts > 0 ? <Badge tone="warn">{m.openAlerts}</Badge> : "0"),
    numeric: true,
    width: 100,
    grow: 0,
  },
  {
    id: "window",
    header: "Last window",
    value: (m) => m.lastWindow?.label ?? "",
    cell: (m) => m.lastWindow?.label ?? "–",
    width: 130,
    grow: 0,
  },
  {
    id: "rows",
    header: "Predictions",
    value: (m) => m.lastWindow?.rows ?? null,
    cell: (m) => <Num value={m.lastWindow?.rows ?? null} digits={0} />,
    numeric: true,
    width: 100,
    grow: 0,
  },
  {
    id: "drifted",
    header: "Drifted features",
    value: (m) => m.lastWindow?.drifted ?? null,
    cell: (m) => (m.lastWindow && m.lastWindow.judged > 0 ? `${m.lastWindow.drifted} of ${m.lastWindow.judged}` : "–"),
    numeric: true,
    width: 130,
    grow: 0,
  },
  {
    id: "quality",
    header: "Quality",
    value: (m) => m.lastWindow?.quality?.value ?? null,
    cell: (m) =>
      m.lastWindow?.quality
        ? `${METRICS[m.lastWindow.quality.metric]} ${formatNumber(m.lastWindow.quality.value)}`
        : "no outcomes yet",
    numeric: true,
    width: 130,
    grow: 0,
  },
  {
    id: "spark",
    header: "Over time",
    value: () => null,
    cell: (m) => <Sparkline values={m.spark.values} label={`${m.spark.label} of ${m.name}`} />,
    sort: false,
    width: 120,
    grow: 0,
  },
  { id: "length", header: "Window", value: (m) => LENGTHS[m.window], width: 80, grow: 0, hidden: true },
  {
    id: "checked",
    header: "Looked at",
    value: (m) => m.checkedAt ?? "",
    cell: (m) => (m.checkedAt ? <Time at={m.checkedAt} /> : "–"),
    width: 110,
    grow: 0,
    hidden: true,
  },
];

interface Props {
  readonly project: string;
  readonly scopes: readonly string[];
  readonly monitors: readonly MonitorSummary[];
  readonly unwatched: readonly EndpointOption[];
}

/** Monitors of a project and the endpoints that nobody watches. */
export function MonitorList({ project, scopes, monitors, unwatched }: Props) {
  const mayWrite = can(scopes, "monitoring:write");
  return (
    <div className="flex flex-col gap-4">
      {unwatched.length > 0 && monitors.length > 0 ? (
        <div className="flex flex-wrap items-center gap-3 rounded-md border border-l-4 border-l-line-strong bg-surface px-3 py-2">
          <span className="flex-1">Nobody watches {unwatched.map((endpoint) => endpoint.name).join(", ")}.</span>
          {mayWrite ? <CreateMonitor project={project} endpoints={unwatched} /> : null}
        </div>
      ) : null}
      <DataTable
        label="Monitors"
        rows={monitors}
        columns={columns}
        rowId={(m) => m.id}
        rowHref={(m) => `/p/${project}/monitoring/${encodeURIComponent(m.name)}`}
        search="Search monitors"
        empty={
          <EmptyState
            icon={<Activity aria-hidden />}
            action={
              unwatched.length > 0 && mayWrite ? (
                <CreateMonitor project={project} endpoints={unwatched} />
              ) : (
                <LinkButton href={`/p/${project}/models`}>Go to models</LinkButton>
              )
            }
          >
            {unwatched.length > 0
              ? `${unwatched.map((endpoint) => endpoint.name).join(", ")} serves, but nobody watches: a monitor compares what arrives with what the champion was trained on.`
              : "A model gets an endpoint and its monitor with its first champion: request a promotion on a model version."}
          </EmptyState>
        }
      />
    </div>
  );
}
