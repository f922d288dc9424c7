"use client";

import { RadioTower } from "lucide-react";
import { useMemo } from "react";
import { can } from "#server/identity/contract.ts";
import type { EndpointSummary } from "#server/serving/contract.ts";
import { AliasBadge } from "#components/ui/badge.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { Sparkline } from "#components/ui/charts/sparkline.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Num, Percent, Time } from "#components/ui/values.tsx";
import { HealthBadge } from "./health-badge.tsx";
import { NewEndpointDialog } from "./new-endpoint-dialog.tsx";
import { approversOf, availabilityText, failureShare, uptimeText } from "./words.ts";

const columns: Column<EndpointSummary>[] = [
  {
    id: "name",
    header: "Endpoint",
    value: (e) => e.name,
    cell: (e) => <span className="font-medium">{e.name}</span>,
    grow: 1,
    width: 150,
  },
  {
    id: "health",
    header: "State",
    value: (e) => e.health,
    cell: (e) => <HealthBadge health={e.health} reason={e.reason} />,
    width: 120,
    grow: 0,
  },
  {
    id: "version",
    header: "Answers with",
    value: (e) => e.live?.version ?? 0,
    cell: (e) =>
      e.live ? (
        <span className="flex items-center gap-2">
          version {e.live.version} <AliasBadge alias="champion" />
        </span>
      ) : (
        <span className="text-muted">none</span>
      ),
    width: 190,
    grow: 0,
  },
  {
    id: "since",
    header: "Since",
    value: (e) => e.live?.since,
    cell: (e) => <Time at={e.live?.since} />,
    width: 110,
    grow: 0,
  },
  { id: "approved", header: "Approved by", value: (e) => approversOf(e.live), width: 120, grow: 0.5 },
  {
    id: "minutes",
    header: "Last hour",
    value: (e) => e.lastHour.requests,
    cell: (e) => <Sparkline values={e.minutes} label={`Requests by minute of ${e.name}`} />,
    width: 120,
    grow: 0,
    search: false,
    description: "Requests by minute",
  },
  {
    id: "requests",
    header: "Requests",
    value: (e) => e.lastHour.requests,
    numeric: true,
    width: 96,
    grow: 0,
    description: "Requests in the last hour",
  },
  {
    id: "p95",
    header: "p95",
    value: (e) => e.lastHour.p95Ms,
    cell: (e) => <Num value={e.lastHour.p95Ms} unit="ms" />,
    numeric: true,
    width: 96,
    grow: 0,
    description: "95 of 100 requests of the last hour took at most this long",
  },
  {
    id: "failed",
    header: "Failed",
    value: (e) => failureShare(e.lastHour),
    cell: (e) => <Percent value={failureShare(e.lastHour)} />,
    numeric: true,
    width: 84,
    grow: 0,
    description: "Requests of the last hour that failed here (5xx)",
  },
  {
    id: "uptime",
    header: "Uptime",
    value: (e) => e.availability.uptime,
    cell: (e) => (
      <span title={availabilityText(e.availability)} data-number>
        {uptimeText(e.availability.uptime)}
      </span>
    ),
    numeric: true,
    width: 92,
    grow: 0,
    description: "Share of the probes of the last 30 days that found it ready; hover for how many",
  },
  { id: "model", header: "Model", value: (e) => e.model, width: 160, hidden: true },
  {
    id: "created",
    header: "Created",
    value: (e) => e.createdAt,
    cell: (e) => <Time at={e.createdAt} />,
    width: 120,
    grow: 0,
    hidden: true,
  },
];

/** Every endpoint of a project with what it serves and how it does. */
export function EndpointList({
  project,
  endpoints,
  models,
  scopes,
}: {
  project: string;
  endpoints: readonly EndpointSummary[];
  models: readonly string[];
  scopes: readonly string[];
}) {
  const create = useMemo(
    () =>
      can(scopes, "serving:write") && models.length > 0 ? (
        <NewEndpointDialog project={project} models={models} />
      ) : undefined,
    [project, models, scopes],
  );
  return (
    <DataTable
      label="Endpoints"
      rows={endpoints}
      columns={columns}
      rowId={(endpoint) => endpoint.id}
      rowHref={(endpoint) => `/p/${project}/endpoints/${encodeURIComponent(endpoint.name)}`}
      search="Search endpoints"
      sort={{ id: "name", desc: false }}
      actions={create}
      empty={
        <EmptyState
          icon={<RadioTower aria-hidden />}
          action={<LinkButton href={`/p/${project}/models`}>Go to Models</LinkButton>}
        >
          No endpoint yet: it appears when a version becomes champion. Request the promotion of a version in Models.
        </EmptyState>
      }
    />
  );
}
