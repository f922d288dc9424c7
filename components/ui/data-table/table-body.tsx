"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { MenuItem } from "../menu.tsx";
import type { Column } from "./column.ts";
import { TableRow } from "./table-row.tsx";

const ROW = 32;
/** Up to here all rows are drawn: they are then in the server's HTML, in print and in the browser's own search. */
const PLAIN = 120;

type TableBodyProps<T> = {
  gridId: string;
  scroller: RefObject<HTMLDivElement | null>;
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
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (index) => items[index]?.id ?? index,
    overscan: 12,
    scrollPaddingStart: ROW,
  });

  const latest = useRef({ select: props.onSelect, open: props.onOpen });
  useLayoutEffect(() => {
    latest.current = { select: props.onSelect, open: props.onOpen };
  });
  const select = useCallback(
    (index: number, value: boolean, range: boolean) => latest.current.select(index, value, range),
    [],
  );
  const open = useCallback((index: number, newTab: boolean) => latest.current.open(index, newTab), []);

  useEffect(() => {
    const box = scroller.current;
    if (box === null || document.activeElement !== box) return;
    const top = active * ROW;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + 2 * ROW > box.scrollTop + box.clientHeight) box.scrollTop = top + 2 * ROW - box.clientHeight;
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
        style={
          start === null
            ? undefined
            : { position: "absolute", insetInline: 0, top: 0, transform: `translateY(${start}px)` }
        }
        active={index === active}
        selected={props.selected === undefined ? undefined : props.selected[item.id] === true}
        href={props.rowHref?.(item.row)}
        clickable={props.clickable}
        menu={props.rowMenu?.(item.row)}
        hasMenu={props.rowMenu !== undefined}
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
