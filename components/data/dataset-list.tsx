"use client";

import { Database } from "lucide-react";
import { can } from "#server/identity/contract.ts";
import type { DatasetSummary } from "#server/data/contract.ts";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Bytes, Num, Time } from "#components/ui/values.tsx";
import { UploadDialog } from "./upload-dialog.tsx";

const columns: Column<DatasetSummary>[] = [
  {
    id: "name",
    header: "Name",
    value: (d) => d.name,
    cell: (d) => <span className="font-medium">{d.name}</span>,
    grow: 1,
    width: 180,
  },
  { id: "description", header: "Description", value: (d) => d.description, grow: 3, width: 280 },
  {
    id: "version",
    header: "Newest",
    value: (d) => d.latest?.version ?? 0,
    cell: (d) => (d.latest ? `version ${d.latest.version}` : "no version"),
    width: 100,
    grow: 0,
  },
  {
    id: "rows",
    header: "Rows",
    value: (d) => d.latest?.rows ?? null,
    cell: (d) => <Num value={d.latest?.rows ?? null} digits={0} />,
    numeric: true,
    width: 100,
    grow: 0,
  },
  {
    id: "size",
    header: "Size",
    value: (d) => d.latest?.sizeBytes ?? null,
    cell: (d) => <Bytes value={d.latest?.sizeBytes ?? null} />,
    numeric: true,
    width: 100,
    grow: 0,
  },
  {
    id: "validation",
    header: "Expectations",
    value: (d) => d.latest?.validation ?? "",
    cell: (d) => (d.latest ? <ValidationBadge state={d.latest.validation} /> : null),
    width: 130,
    grow: 0,
  },
  { id: "licence", header: "Licence", value: (d) => d.licence, width: 160, grow: 1, hidden: true },
  {
    id: "updated",
    header: "Updated",
    value: (d) => d.latest?.createdAt ?? "",
    cell: (d) => <Time at={d.latest?.createdAt ?? null} />,
    width: 130,
    grow: 0,
  },
];

/** Whether a version keeps to its dataset's expectations, as an icon and a word. */
export function ValidationBadge({ state }: { state: "passed" | "failed" | "unchecked" }) {
  return state === "unchecked" ? <StatusBadge status="pending" label="not checked" /> : <StatusBadge status={state} />;
}

/** Every dataset of a project. */
export function DatasetList({
  project,
  datasets,
  scopes,
}: {
  project: string;
  datasets: readonly DatasetSummary[];
  scopes: readonly string[];
}) {
  const upload = can(scopes, "data:write") ? <UploadDialog project={project} /> : undefined;
  return (
    <DataTable
      label="Datasets"
      rows={[...datasets]}
      columns={columns}
      rowId={(d) => d.id}
      rowHref={(d) => `/p/${project}/data/${d.name}`}
      search="Search datasets"
      sort={{ id: "name", desc: false }}
      actions={upload}
      empty={
        <EmptyState icon={<Database aria-hidden />} action={upload}>
          A dataset is a series of immutable versions; upload a CSV or Parquet file to make the first.
        </EmptyState>
      }
    />
  );
}
