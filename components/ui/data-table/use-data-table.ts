"use client";

import {
  type ColumnDef,
  type RowSelectionState,
  columnVisibilityFeature,
  createSortedRowModel,
  rowSelectionFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useMemo, useState } from "react";
import { useLocalState } from "../local-state.ts";
import { setSearchParams, useUrlState } from "../url-state.ts";
import {
  type CellValue,
  type Column,
  type Sort,
  compareValues,
  filterRows,
  isMissing,
  parseSort,
  writeSort,
} from "./column.ts";

const features = tableFeatures({
  rowSortingFeature,
  rowSelectionFeature,
  columnVisibilityFeature,
  sortedRowModel: createSortedRowModel(),
});

type Options<T> = {
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowId: (row: T) => string;
  sort: Sort | undefined;
  param: string | undefined;
};

/** State and row model of a DataTable: search and sort in the URL, shown columns in this browser, selection in memory. */
export function useDataTable<T>({ label, rows, columns, rowId, sort, param }: Options<T>) {
  const prefix = param === undefined ? "" : `${param}.`;
  const [query] = useUrlState(`${prefix}q`);
  const initial = writeSort(sort ?? null);
  const [sortText] = useUrlState(`${prefix}sort`, initial);
  const [selected, setSelected] = useState<RowSelectionState>({});
  const [storedColumns, storeColumns] = useLocalState(`columns.${label}`);

  const current = useMemo(() => {
    const ids = columns.map((column) => column.id);
    return parseSort(sortText, ids);
  }, [sortText, columns]);
  const sorting = useMemo(() => (current === null ? [] : [current]), [current]);
  const visible = useMemo(() => readVisible(columns, storedColumns), [columns, storedColumns]);
  const columnVisibility = useMemo(
    () => Object.fromEntries(columns.map((column) => [column.id, visible.has(column.id)])),
    [columns, visible],
  );

  const shown = useMemo(() => columns.filter((column) => visible.has(column.id)), [columns, visible]);

  const filtered = useMemo(() => filterRows(rows, columns, query), [rows, columns, query]);
  const definitions = useMemo(
    () =>
      columns.map(
        (column): ColumnDef<typeof features, Entry<T>> => ({
          id: column.id,
          header: column.header,
          enableSorting: column.sort !== false,
          sortUndefined: "last",
          accessorFn: (entry) => {
            const value = column.value(entry.row);
            return isMissing(value) ? undefined : value;
          },
          sortFn: (a, b, id) => compareValues(a.getValue<CellValue>(id), b.getValue<CellValue>(id)),
        }),
      ),
    [columns],
  );
  const data = useMemo(() => filtered.map((row) => ({ row })), [filtered]);
  const table = useTable({
    features,
    data,
    columns: definitions,
    getRowId: (entry) => rowId(entry.row),
    state: { sorting, rowSelection: selected, columnVisibility },
    onRowSelectionChange: setSelected,
    enableSortingRemoval: false,
  });

  const model = table.getRowModel().rows;
  const chosen = rows.filter((row) => selected[rowId(row)] === true);

  return {
    query,
    sort: current,
    shown,
    items: model.map((entry) => ({ id: entry.id, row: entry.original.row })),
    filteredCount: filtered.length,
    selected,
    chosen,
    setSelected,
    setQuery: (value: string): void => setSearchParams({ [`${prefix}q`]: value }),
    /** First click: text ascending, numbers descending (the large ones are looked for); then the other way. */
    toggleSort: (column: Column<T>): void => {
      const desc = current?.id === column.id ? !current.desc : column.numeric === true;
      const next = writeSort({ id: column.id, desc });
      setSearchParams({ [`${prefix}sort`]: next === initial ? null : next });
    },
    isVisible: (id: string): boolean => visible.has(id),
    toggleColumn: (id: string): void => {
      const next = new Set(visible);
      if (!next.delete(id)) next.add(id);
      storeColumns(JSON.stringify([...next]));
    },
    resetColumns: (): void => storeColumns(null),
  };
}

type Entry<T> = { row: T };

/** The columns to show: what this browser remembers, else those not hidden; the first one always. */
function readVisible<T>(columns: readonly Column<T>[], stored: string | null): Set<string> {
  const first = columns[0]?.id;
  const always = first === undefined ? [] : [first];
  if (stored !== null) {
    try {
      const ids: unknown = JSON.parse(stored);
      if (Array.isArray(ids))
        return new Set([...always, ...ids.filter((id): id is string => columns.some((column) => column.id === id))]);
    } catch {
      // A broken memory is no memory.
    }
  }
  return new Set([...always, ...columns.filter((column) => column.hidden !== true).map((column) => column.id)]);
}
