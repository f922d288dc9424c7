"use client";

import { FileCode2 } from "lucide-react";
import { useMemo } from "react";
import { can } from "#server/identity/contract.ts";
import type { ServiceSummary } from "#server/serving/contract.ts";
import { LinkButton } from "#components/ui/button.tsx";
import { Section } from "#components/ui/card.tsx";
import { Sparkline } from "#components/ui/charts/sparkline.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Num, Percent, Time } from "#components/ui/values.tsx";
import { failureShare } from "../words.ts";
import { PublishDialog } from "./publish-dialog.tsx";
import { ServiceHealth } from "./service-health.tsx";

const columns: Column<ServiceSummary>[] = [
  {
    id: "name",
    header: "Service",
    value: (s) => s.name,
    cell: (s) => <span className="font-medium">{s.name}</span>,
    width: 150,
  },
  {
    id: "health",
    header: "State",
    value: (s) => s.health,
    cell: (s) => <ServiceHealth health={s.health} reason={s.reason} />,
    width: 120,
    grow: 0,
  },
  {
    id: "path",
    header: "Code",
    value: (s) => s.path,
    cell: (s) => <code className="text-xs">{s.path}</code>,
    width: 190,
  },
  {
    id: "publication",
    header: "Answers with",
    value: (s) => s.live?.number ?? 0,
    cell: (s) =>
      s.live ? (
        <span>
          publication {s.live.number} <code className="text-xs text-muted">{s.live.commit.slice(0, 10)}</code>
        </span>
      ) : (
        <span className="text-muted">none</span>
      ),
    width: 200,
    grow: 0,
  },
  {
    id: "since",
    header: "Since",
    value: (s) => s.live?.liveAt,
    cell: (s) => <Time at={s.live?.liveAt} />,
    width: 110,
    grow: 0,
  },
  {
    id: "minutes",
    header: "Last hour",
    value: (s) => s.lastHour.requests,
    cell: (s) => <Sparkline values={s.minutes} label={`Requests by minute of ${s.name}`} />,
    width: 120,
    grow: 0,
    search: false,
    description: "Requests by minute",
  },
  { id: "requests", header: "Requests", value: (s) => s.lastHour.requests, numeric: true, width: 96, grow: 0 },
  {
    id: "p95",
    header: "p95",
    value: (s) => s.lastHour.p95Ms,
    cell: (s) => <Num value={s.lastHour.p95Ms} unit="ms" />,
    numeric: true,
    width: 96,
    grow: 0,
  },
  {
    id: "failed",
    header: "Failed",
    value: (s) => failureShare(s.lastHour),
    cell: (s) => <Percent value={failureShare(s.lastHour)} />,
    numeric: true,
    width: 84,
    grow: 0,
  },
];

/** The customised services of a project: code of its repository that answers behind the same router as models. */
export function ServiceList({
  project,
  services,
  scopes,
}: {
  project: string;
  services: readonly ServiceSummary[];
  scopes: readonly string[];
}) {
  const publish = useMemo(
    () => (can(scopes, "serving:write") ? <PublishDialog project={project} /> : undefined),
    [project, scopes],
  );
  return (
    <Section
      title="Services"
      description="Files services/<name>.ts and .py of the repository, answering behind the same tokens, limits and log."
      actions={publish}
    >
      <DataTable
        label="Services"
        rows={services}
        columns={columns}
        rowId={(service) => service.id}
        rowHref={(service) => `/p/${project}/services/${encodeURIComponent(service.name)}`}
        sort={{ id: "name", desc: false }}
        param="services"
        toolbar={false}
        empty={
          <EmptyState
            icon={<FileCode2 aria-hidden />}
            action={<LinkButton href={`/p/${project}/code`}>Go to Code</LinkButton>}
          >
            No service yet. Write services/&lt;name&gt;.ts or .py with an input schema, an output schema and a function
            handle, commit it to main, and let somebody else publish it here.
          </EmptyState>
        }
      />
    </Section>
  );
}
