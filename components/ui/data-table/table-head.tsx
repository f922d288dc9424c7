"use client";

import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../cn.ts";
import type { Column, Sort } from "./column.ts";
import { pinned, pinnedEdge } from "./table-row.tsx";

type TableHeadProps<T> = {
  columns: readonly Column<T>[];
  sort: Sort | null;
  onSort: (column: Column<T>) => void;
  template: string;
  /** The box that selects all; null without selection. */
  selectAll: ReactNode;
  menu: boolean;
};

/** The sticky header line: names, and which way the rows are sorted. */
export function TableHead<T>({ columns, sort, onSort, template, selectAll, menu }: TableHeadProps<T>) {
  return (
    <div role="rowgroup" className="sticky top-0 z-20 bg-surface">
      <div
        role="row"
        aria-rowindex={1}
        className="grid h-8 border-b bg-[color-mix(in_srgb,var(--raised)_60%,var(--surface))] text-xs text-muted"
        style={{ gridTemplateColumns: template }}
      >
        {selectAll === null ? null : (
          <div role="columnheader" className={cn("left-0 flex items-center pl-3", pinned)}>
            {selectAll}
          </div>
        )}
        {columns.map((column, at) => (
          <HeadCell
            key={column.id}
            column={column}
            sort={sort?.id === column.id ? sort : null}
            onSort={onSort}
            className={at === 0 ? cn(pinned, selectAll === null ? "left-0" : "left-9", pinnedEdge) : undefined}
          />
        ))}
        {menu ? (
          <div role="columnheader" className={cn("right-0", pinned)}>
            <span className="sr-only">Acts</span>
          </div>
        ) : null}
      </div>
    </div>
  );
}

function HeadCell<T>({
  column,
  sort,
  onSort,
  className,
}: {
  column: Column<T>;
  sort: Sort | null;
  onSort: (column: Column<T>) => void;
  className: string | undefined;
}) {
  const Arrow = sort === null ? ChevronsUpDown : sort.desc ? ArrowDown : ArrowUp;
  const name = <span className={cn("truncate", sort !== null && "text-text")}>{column.header}</span>;
  return (
    <div
      role="columnheader"
      title={column.description}
      aria-sort={sort === null ? undefined : sort.desc ? "descending" : "ascending"}
      className={cn("flex min-w-0 items-center px-3 font-medium", column.numeric === true && "justify-end", className)}
    >
      {column.sort === false ? (
        name
      ) : (
        <button
          type="button"
          onClick={() => onSort(column)}
          className={cn(
            "group/head flex h-7 min-w-0 items-center gap-1 rounded-sm hover:text-text focus-visible:outline-offset-0",
            column.numeric === true && "flex-row-reverse",
          )}
        >
          {name}
          <Arrow
            aria-hidden
            className={cn(
              "size-3 shrink-0",
              sort === null ? "opacity-0 group-hover/head:opacity-60 group-focus-visible/head:opacity-60" : "text-text",
            )}
          />
        </button>
      )}
    </div>
  );
}
