"use client";

import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { cn } from "#components/ui/cn.ts";
import { EDGE, LEAD, type Placed, TAIL } from "./runs-row.tsx";

interface HeadProps {
  readonly placed: Placed;
  readonly sort: string;
  readonly onSort: (id: string) => void;
  readonly onWidth: (id: string, px: number) => void;
  /** Puts a column before another. */
  readonly onMove: (id: string, before: string) => void;
  readonly selectAll: ReactNode;
  /** Only these can be sorted by; null: all. */
  readonly sortable: ((id: string) => boolean) | null;
}

const LEAST = 64;
const MOST = 800;

/** The sticky head: names, the order, and edges that set the widths. Columns are moved by dragging their names. */
export function RunsHead({ placed, sort, onSort, onWidth, onMove, selectAll, sortable }: HeadProps) {
  const dragged = useRef<string | null>(null);
  const descending = sort.startsWith("-");
  const sorted = descending ? sort.slice(1) : sort;
  const { columns, first, end, before, after, total } = placed;
  const fixed = columns.filter((column) => column.left !== null);
  const draw = (column: Placed["columns"][number], at: number) => {
    const isSorted = column.id === sorted;
    const Arrow = !isSorted ? ChevronsUpDown : descending ? ArrowDown : ArrowUp;
    const name = <span className={cn("truncate", isSorted && "text-text")}>{column.header}</span>;
    return (
      <div
        key={column.id}
        role="columnheader"
        aria-colindex={at + 2}
        aria-sort={isSorted ? (descending ? "descending" : "ascending") : undefined}
        title={column.description}
        style={{ width: column.px, ...(column.left === null ? {} : { left: column.left }) }}
        className={cn(
          "group/cell relative flex shrink-0 items-center px-3 font-medium",
          column.numeric && "justify-end",
          column.left !== null && "sticky z-10 bg-inherit",
        )}
        draggable={column.id !== "name"}
        onDragStart={(event) => {
          dragged.current = column.id;
          event.dataTransfer.setData("text/plain", column.id);
          event.dataTransfer.effectAllowed = "move";
        }}
        onDragOver={(event) => {
          if (dragged.current !== null) event.preventDefault();
        }}
        onDrop={(event) => {
          event.preventDefault();
          if (dragged.current !== null && dragged.current !== column.id) onMove(dragged.current, column.id);
          dragged.current = null;
        }}
      >
        {sortable && !sortable(column.id) ? (
          name
        ) : (
          <button
            type="button"
            onClick={() => onSort(column.id)}
            className={cn(
              "group/head flex h-7 min-w-0 items-center gap-1 rounded-sm hover:text-text focus-visible:outline-offset-0",
              column.numeric && "flex-row-reverse",
            )}
          >
            {name}
            <Arrow
              aria-hidden
              className={cn(
                "size-3 shrink-0",
                isSorted ? "text-text" : "opacity-0 group-hover/head:opacity-60 group-focus-visible/head:opacity-60",
              )}
            />
          </button>
        )}
        <span
          aria-hidden
          className="absolute top-1 right-0 h-6 w-1.5 cursor-col-resize border-r border-transparent group-hover/cell:border-line-strong"
          onClick={(event) => event.stopPropagation()}
          onPointerDown={(event) => {
            event.preventDefault();
            const edge = event.currentTarget;
            const from = event.clientX;
            edge.setPointerCapture(event.pointerId);
            const move = (moved: PointerEvent): void =>
              onWidth(column.id, Math.round(Math.min(MOST, Math.max(LEAST, column.px + moved.clientX - from))));
            edge.addEventListener("pointermove", move);
            edge.addEventListener("lostpointercapture", () => edge.removeEventListener("pointermove", move), {
              once: true,
            });
          }}
        />
      </div>
    );
  };
  return (
    <div
      role="row"
      aria-rowindex={1}
      style={{ width: total }}
      className="flex h-8 border-b bg-[color-mix(in_srgb,var(--raised)_60%,var(--surface))] text-xs text-muted"
    >
      <div
        role="columnheader"
        aria-colindex={1}
        style={{ width: LEAD }}
        className="sticky left-0 z-10 flex shrink-0 items-center bg-inherit pl-3"
      >
        {selectAll}
      </div>
      {fixed.map(draw)}
      {before > 0 ? <div aria-hidden className="shrink-0" style={{ width: before }} /> : null}
      {columns
        .slice(fixed.length + first, fixed.length + end)
        .map((column, i) => draw(column, fixed.length + first + i))}
      {after > 0 ? <div aria-hidden className="shrink-0" style={{ width: after }} /> : null}
      <div
        role="columnheader"
        style={{ width: TAIL }}
        className={cn("sticky right-0 ml-auto shrink-0 bg-inherit", EDGE)}
      >
        <span className="sr-only">Acts</span>
      </div>
    </div>
  );
}
