"use client";

import { Boxes } from "lucide-react";
import type { ModelDto } from "#server/registry/contract.ts";
import { AliasBadge } from "#components/ui/badge.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Time } from "#components/ui/values.tsx";

const columns: Column<ModelDto>[] = [
  {
    id: "name",
    header: "Model",
    value: (m) => m.name,
    cell: (m) => <span className="font-medium">{m.name}</span>,
    grow: 1,
    width: 200,
  },
  {
    id: "champion",
    header: "Champion",
    value: (m) => m.champion?.version ?? 0,
    cell: (m) =>
      m.champion ? (
        <span className="flex items-center gap-2">
          version {m.champion.version} <AliasBadge alias="champion" />
        </span>
      ) : (
        <span className="text-muted">none</span>
      ),
    width: 190,
    grow: 0,
  },
  {
    id: "latest",
    header: "Newest",
    value: (m) => m.latest?.version ?? 0,
    cell: (m) => (m.latest ? `version ${m.latest.version}` : "no version"),
    width: 110,
    grow: 0,
  },
  { id: "versions", header: "Versions", value: (m) => m.versions, numeric: true, width: 90, grow: 0 },
  { id: "description", header: "Description", value: (m) => m.description, grow: 2, width: 240 },
  {
    id: "updated",
    header: "Updated",
    value: (m) => m.updatedAt,
    cell: (m) => <Time at={m.updatedAt} />,
    width: 130,
    grow: 0,
  },
];

/** Every registered model of a project with its champion. */
export function ModelList({ project, models }: { project: string; models: readonly ModelDto[] }) {
  return (
    <DataTable
      label="Registered models"
      rows={[...models]}
      columns={columns}
      rowId={(m) => m.id}
      rowHref={(m) => `/p/${project}/models/${encodeURIComponent(m.name)}`}
      search="Search models"
      empty={
        <EmptyState
          icon={<Boxes aria-hidden />}
          action={
            <LinkButton variant="primary" href={`/p/${project}/pipelines`}>
              Run a pipeline
            </LinkButton>
          }
        >
          No model is registered yet: a pipeline run with a register step makes the first version.
        </EmptyState>
      }
    />
  );
}
