"use client";

import { useMemo } from "react";
import type { DeploymentDto, EndpointDetail } from "#server/serving/contract.ts";
import { AliasBadge } from "#components/ui/badge.tsx";
import { TextLink } from "#components/ui/button.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Elapsed, Time } from "#components/ui/values.tsx";

/** Which version answered from when to when, and by whose approval. */
export function DeploymentTable({ project, endpoint }: { project: string; endpoint: EndpointDetail }) {
  const columns = useMemo<Column<DeploymentDto>[]>(
    () => [
      {
        id: "version",
        header: "Version",
        value: (d) => d.version,
        cell: (d) => (
          <span className="flex items-center gap-2">
            <TextLink href={`/p/${project}/models/${encodeURIComponent(endpoint.model)}/${d.version}`}>
              version {d.version}
            </TextLink>
            {d.endedAt === null ? <AliasBadge alias="champion" /> : null}
          </span>
        ),
        width: 170,
      },
      {
        id: "started",
        header: "From",
        value: (d) => d.startedAt,
        cell: (d) => <Time at={d.startedAt} />,
        width: 104,
        grow: 0,
      },
      {
        id: "ended",
        header: "To",
        value: (d) => d.endedAt,
        cell: (d) => (d.endedAt === null ? "now" : <Time at={d.endedAt} />),
        width: 104,
        grow: 0,
      },
      {
        id: "lasted",
        header: "For",
        value: (d) => new Date(d.endedAt ?? Date.now()).getTime() - new Date(d.startedAt).getTime(),
        cell: (d) => <Elapsed from={d.startedAt} to={d.endedAt} />,
        numeric: true,
        width: 96,
        grow: 0,
      },
      { id: "requested", header: "Requested by", value: (d) => d.request?.requestedBy ?? "", width: 116 },
      { id: "approved", header: "Approved by", value: (d) => d.request?.approvedBy.join(" and ") ?? "", width: 116 },
      {
        id: "request",
        header: "Request",
        value: (d) => d.request?.number,
        cell: (d) =>
          d.request ? (
            <TextLink href={`/p/${project}/reviews/${d.request.number}`}>request {d.request.number}</TextLink>
          ) : (
            "–"
          ),
        width: 96,
        grow: 0,
      },
    ],
    [project, endpoint.model],
  );
  return (
    <DataTable
      label="Deployments"
      rows={endpoint.deployments}
      columns={columns}
      rowId={(deployment) => deployment.id}
      sort={{ id: "started", desc: true }}
      toolbar={false}
      param="deployments"
      empty={<EmptyState>No version has answered here yet: the first one will when it becomes champion.</EmptyState>}
    />
  );
}
