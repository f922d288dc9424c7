"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { MenuItem } from "../menu.tsx";
import type { Column } from "./column.ts";
import { TableRow } from "./table-row.tsx";

const ROW = 32;
/** Up to here all rows are drawn: they are then in the server's HTML, in print and in the browser's own search. */
const PLAIN = 120;

type TableBodyProps<T> = {
  gridId: string;
  /** The scrolling box; null until it stands in the page. */
  scroller: HTMLDivElement | null;
  items: readonly { id: string; row: T }[];
  columns: readonly Column<T>[];
  template: string;
  active: number;
  selected: Record<string, boolean> | undefined;
  rowHref: ((row: T) => string | undefined) | undefined;
  rowMenu: ((row: T) => readonly MenuItem[]) | undefined;
  clickable: boolean;
  onSelect: (index: number, selected: boolean, range: boolean) => void;
  onOpen: (index: number, newTab: boolean) => void;
};

/** The rows: all of them when few, those in view when many. */
export function TableBody<T>(props: TableBodyProps<T>) {
  const { items, scroller, active } = props;
  const virtual = items.length > PLAIN;
  const virtualizer = useVirtualizer({
    count: virtual ? items.length : 0,
    getScrollElement: () => scroller,
    estimateSize: () => ROW,
    getItemKey: (index) => items[index]?.id ?? index,
    overscan: 12,
    // The server and the first paint draw what fits a usual window.
    initialRect: { width: 1200, height: 640 },
  });

  const latest = useRef({ select: props.onSelect, open: props.onOpen, rowMenu: props.rowMenu, items });
  useLayoutEffect(() => {
    latest.current = { select: props.onSelect, open: props.onOpen, rowMenu: props.rowMenu, items };
  });
  const select = useCallback(
    (index: number, value: boolean, range: boolean) => latest.current.select(index, value, range),
    [],
  );
  const open = useCallback((index: number, newTab: boolean) => latest.current.open(index, newTab), []);

  const getMenu = useCallback((index: number): readonly MenuItem[] => {
    const item = latest.current.items[index];
    return item === undefined ? [] : (latest.current.rowMenu?.(item.row) ?? []);
  }, []);

  useEffect(() => {
    if (scroller === null || document.activeElement !== scroller) return;
    const top = active * ROW;
    // The sticky header hides one row's height at the top.
    if (top < scroller.scrollTop) scroller.scrollTo({ top });
    else if (top + 2 * ROW > scroller.scrollTop + scroller.clientHeight)
      scroller.scrollTo({ top: top + 2 * ROW - scroller.clientHeight });
  }, [active, scroller]);

  const draw = (index: number, start: number | null) => {
    const item = items[index];
    if (item === undefined) return null;
    return (
      <TableRow
        key={item.id}
        domId={`${props.gridId}-${index}`}
        row={item.row}
        index={index}
        columns={props.columns}
        template={props.template}
        start={start}
        active={index === active}
        selected={props.selected === undefined ? undefined : props.selected[item.id] === true}
        href={props.rowHref?.(item.row)}
        clickable={props.clickable}
        getMenu={props.rowMenu === undefined ? null : getMenu}
        hasMenu={(props.rowMenu?.(item.row) ?? []).length > 0}
        onSelect={select}
        onOpen={open}
      />
    );
  };

  return (
    <div
      role="rowgroup"
      className="[&>[role=row]:last-child]:border-b-0"
      style={virtual ? { height: virtualizer.getTotalSize(), position: "relative" } : undefined}
    >
      {virtual
        ? virtualizer.getVirtualItems().map((item) => draw(item.index, item.start))
        : items.map((_, index) => draw(index, null))}
    </div>
  );
}
