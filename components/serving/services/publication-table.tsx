import type { ServiceDetail, ServicePublicationDto } from "#server/serving/contract.ts";
import { Hash } from "#components/ui/copy.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Time } from "#components/ui/values.tsx";

/** Which commits were published by whom, and which of them answered when. */
export function PublicationTable({ service }: { service: ServiceDetail }) {
  const columns: Column<ServicePublicationDto>[] = [
    { id: "number", header: "Publication", value: (p) => p.number, numeric: true, width: 110, grow: 0 },
    {
      id: "commit",
      header: "Commit",
      value: (p) => p.commit,
      cell: (p) => <Hash value={p.commit} />,
      width: 130,
      grow: 0,
    },
    { id: "by", header: "Published by", value: (p) => p.publishedBy, width: 130, grow: 0 },
    {
      id: "at",
      header: "Published",
      value: (p) => p.publishedAt,
      cell: (p) => <Time at={p.publishedAt} />,
      width: 120,
      grow: 0,
    },
    {
      id: "live",
      header: "Answered from",
      value: (p) => p.liveAt,
      cell: (p) => <Time at={p.liveAt} />,
      width: 130,
      grow: 0,
    },
    {
      id: "ended",
      header: "To",
      value: (p) => p.endedAt,
      cell: (p) => (p.liveAt && !p.endedAt ? "now" : <Time at={p.endedAt} />),
      width: 120,
      grow: 0,
    },
    { id: "note", header: "What is new", value: (p) => p.note, width: 240 },
  ];
  return (
    <DataTable
      label="Publications"
      rows={service.publications}
      columns={columns}
      rowId={(publication) => String(publication.number)}
      sort={{ id: "number", desc: true }}
      toolbar={false}
      param="publications"
      empty={<EmptyState>Nothing was published yet.</EmptyState>}
    />
  );
}
