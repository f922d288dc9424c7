"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import type { CellValue } from "#components/ui/data-table/column.ts";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { SkeletonTable } from "#components/ui/skeleton.tsx";
import { formatNumber, plural } from "#components/ui/format.ts";
import type { TablePreviewDto } from "#server/tracking/contract.ts";
import { type FilePlace, tableQuery } from "./artifact-queries.ts";
import { UnshownFile } from "./parts/unshown-file.tsx";

const NUMERIC = /INT|DOUBLE|FLOAT|DECIMAL/;

/** The engine's types in the words of the people who read the table. */
function typeWord(type: string): string {
  if (/INT/.test(type)) return "integer";
  if (NUMERIC.test(type)) return "number";
  if (/^(VARCHAR|BLOB|UUID)/.test(type)) return type === "BLOB" ? "bytes" : "text";
  if (type === "BOOLEAN") return "yes/no";
  if (type === "DATE") return "date";
  if (/^TIMESTAMP/.test(type)) return "time";
  return type.toLowerCase();
}

type Row = { readonly i: number; readonly cells: readonly unknown[] };

const plain = (value: unknown): CellValue =>
  value === null || typeof value === "number" || typeof value === "string" || typeof value === "boolean"
    ? value
    : JSON.stringify(value);

function columnsOf(table: TablePreviewDto): Column<Row>[] {
  const number: Column<Row> = {
    id: "row",
    header: "#",
    value: (row) => row.i + 1,
    numeric: true,
    width: 56,
    grow: 0,
    search: false,
    description: "Place in the file",
  };
  return [
    number,
    ...table.columns.map(({ name, type }, at): Column<Row> => {
      const numeric = NUMERIC.test(type) && !type.endsWith("[]");
      return {
        id: `c${at}`,
        header: `${name} · ${typeWord(type)}`,
        description: `${name}: ${type}`,
        value: (row) => plain(row.cells[at]),
        numeric,
        width: Math.min(320, Math.max(numeric ? 110 : 140, (name.length + typeWord(type).length + 8) * 7)),
        cell: (row) => {
          const value = row.cells[at];
          if (value === null || value === undefined) return <span className="text-muted">–</span>;
          const text = typeof value === "string" ? value : JSON.stringify(value);
          return (
            <span className="truncate font-mono" title={text.length > 24 ? text : undefined}>
              {text}
            </span>
          );
        },
      };
    }),
  ];
}

/** The first rows of a table, read by the server: types of the columns, sorting among these rows, and how many there are in all. */
export function TableView({ place, sizeBytes }: { place: FilePlace; sizeBytes: number }) {
  const query = useQuery(tableQuery(place, sizeBytes));
  const table = query.data;
  const columns = useMemo(() => (table ? columnsOf(table) : []), [table]);
  const rows = useMemo(() => table?.rows.map((cells, i) => ({ i, cells })) ?? [], [table]);
  if (query.error) return <UnshownFile query={query} />;
  if (!table)
    return (
      <div className="p-3">
        <SkeletonTable rows={8} columns={5} />
      </div>
    );
  const all = table.total === rows.length;
  return (
    <div className="space-y-2 p-3">
      <p className="text-xs text-muted" data-testid="table-size">
        {table.total === null
          ? `The first ${formatNumber(rows.length)} rows of a file too large to be counted`
          : all
            ? plural(rows.length, "row")
            : `The first ${formatNumber(rows.length)} of ${table.total.toLocaleString("en")} rows`}
        {`, ${plural(table.columns.length + table.moreColumns, "column")}`}
        {table.moreColumns > 0 ? `, the first ${table.columns.length} shown` : ""}
        {table.skipped > 0 ? `; ${plural(table.skipped, "line")} could not be read and are left out` : ""}
        {all ? "." : ". Sorting and search look at these rows."}
      </p>
      <DataTable
        label={`Rows of ${place.path}`}
        rows={rows}
        columns={columns}
        rowId={(row) => String(row.i)}
        search="Search these rows"
        param="table"
        maxHeight="56vh"
        empty={<EmptyState>The table has columns, but no row.</EmptyState>}
      />
    </div>
  );
}
