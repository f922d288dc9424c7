"use client";

import { Badge } from "#components/ui/badge.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import type { ComparedValueDto, ReproductionResultDto } from "#server/pipelines/contract.ts";

const WORDS = {
  equal: ["equal", "good"],
  within: ["within tolerance", "good"],
  explained: ["explained", "neutral"],
  different: ["different", "bad"],
} as const;

interface Row extends ComparedValueDto {
  readonly group: string;
}

const short = (value: string | null): string =>
  value === null ? "–" : /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : value;

const text = (value: string | null) => (
  <span className="truncate font-mono text-xs" title={value ?? undefined}>
    {short(value)}
  </span>
);

const columns: Column<Row>[] = [
  {
    id: "verdict",
    header: "Verdict",
    value: (r) => r.verdict,
    cell: (r) => <Badge tone={WORDS[r.verdict][1]}>{WORDS[r.verdict][0]}</Badge>,
    width: 130,
    grow: 0,
  },
  { id: "group", header: "What", value: (r) => r.group, width: 100, grow: 0 },
  { id: "name", header: "Name", value: (r) => r.name, width: 150, grow: 2 },
  {
    id: "original",
    header: "Original",
    value: (r) => r.original ?? "",
    cell: (r) => text(r.original),
    width: 110,
    grow: 1,
  },
  {
    id: "repeated",
    header: "Repetition",
    value: (r) => r.repeated ?? "",
    cell: (r) => text(r.repeated),
    width: 110,
    grow: 1,
  },
  {
    id: "note",
    header: "Note",
    value: (r) => r.note ?? "",
    cell: (r) => <span title={r.note ?? undefined}>{r.note}</span>,
    width: 150,
    grow: 2,
  },
];

const GROUPS = {
  metrics: "Metric",
  params: "Parameter",
  histories: "History",
  artifacts: "File",
  outputs: "Output",
  environment: "Environment",
} as const satisfies Record<keyof ReproductionResultDto, string>;
const ORDER = { different: 0, within: 1, explained: 2, equal: 3 } as const;

/** Everything that was compared, what differs first. */
export function ComparedValues({ result }: { result: ReproductionResultDto }) {
  const rows = (Object.keys(GROUPS) as (keyof typeof GROUPS)[])
    .flatMap((key) => result[key].map((row): Row => ({ ...row, group: GROUPS[key] })))
    .toSorted((a, b) => ORDER[a.verdict] - ORDER[b.verdict]);
  return (
    <DataTable
      label="Compared"
      rows={rows}
      columns={columns}
      rowId={(r) => `${r.group} ${r.name}`}
      param="rep"
      toolbar={false}
      maxHeight="420px"
    />
  );
}
