"use client";

import { Ellipsis } from "lucide-react";
import { type ReactNode, memo, useRef, useState } from "react";
import { cn } from "../cn.ts";
import { Link } from "../link.tsx";
import { DropdownMenu, type MenuItem } from "../menu.tsx";
import { Checkbox } from "../toggle.tsx";
import { type Column, valueText } from "./column.ts";

type TableRowProps<T> = {
  domId: string;
  row: T;
  index: number;
  columns: readonly Column<T>[];
  template: string;
  /** Distance from the top in pixels for a virtual row; null for one in the flow. */
  start: number | null;
  active: boolean;
  /** Undefined: rows cannot be selected. */
  selected: boolean | undefined;
  href: string | undefined;
  clickable: boolean;
  /** The acts of a row, asked for when its menu opens; null: no table of this kind has menus. */
  getMenu: ((index: number) => readonly MenuItem[]) | null;
  hasMenu: boolean;
  onSelect: (index: number, selected: boolean, range: boolean) => void;
  onOpen: (index: number, newTab: boolean) => void;
};

/** True for a click on something in the row that acts by itself, or that ended a text selection. */
function isInnerClick(target: EventTarget): boolean {
  if (target instanceof Element && target.closest("a, button, input, label, [role=menuitem], [role=checkbox]") !== null)
    return true;
  return (window.getSelection()?.toString() ?? "") !== "";
}

/** A cell that stays in sight while the rest scrolls sideways: it needs the row's own ground behind it. */
export const pinned = "sticky z-10 bg-inherit";

function TableRowInner<T>(props: TableRowProps<T>) {
  const { row, index, columns, selected, href, start, getMenu } = props;
  const shift = useRef(false);
  return (
    <div
      role="row"
      id={props.domId}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-active={props.active ? true : undefined}
      style={{
        gridTemplateColumns: props.template,
        ...(start === null
          ? {}
          : { position: "absolute", insetInline: 0, top: 0, transform: `translateY(${start}px)` }),
      }}
      className={cn(
        "grid h-8 border-b bg-surface text-xs hover:bg-raised",
        props.clickable && "cursor-pointer",
        selected === true && "bg-raised",
        "data-active:group-focus-visible/grid:outline-2 data-active:group-focus-visible/grid:-outline-offset-2 data-active:group-focus-visible/grid:outline-steel-fill",
      )}
      onClick={(event) => {
        if (props.clickable && !isInnerClick(event.target)) props.onOpen(index, event.metaKey || event.ctrlKey);
      }}
      onAuxClick={(event) => {
        if (event.button === 1 && href !== undefined && !isInnerClick(event.target)) props.onOpen(index, true);
      }}
    >
      {selected === undefined ? null : (
        <div
          role="gridcell"
          className={cn("left-0 flex items-center pl-3", pinned)}
          onPointerDownCapture={(event) => {
            shift.current = event.shiftKey;
          }}
        >
          <Checkbox
            hideLabel
            label="Select row"
            tabIndex={-1}
            checked={selected}
            onCheckedChange={(value) => props.onSelect(index, value, shift.current)}
          />
        </div>
      )}
      {columns.map((column, at) => (
        <div
          key={column.id}
          role="gridcell"
          className={cn(
            "flex min-w-0 items-center px-3",
            column.numeric === true && "num justify-end",
            at === 0 && ["font-medium", pinned, selected === undefined ? "left-0" : "left-9", pinnedEdge],
          )}
        >
          <div className="min-w-0 truncate">
            {at === 0 && href !== undefined ? (
              <Link href={href} tabIndex={-1} prefetch={false} className="hover:underline hover:underline-offset-2">
                {content(column, row)}
              </Link>
            ) : (
              content(column, row)
            )}
          </div>
        </div>
      ))}
      {getMenu === null ? null : (
        <div role="gridcell" className={cn("right-0 flex items-center justify-center", pinned)}>
          {props.hasMenu ? <RowMenu index={index} getMenu={getMenu} /> : null}
        </div>
      )}
    </div>
  );
}

/** Shows where the pinned column ends once something has slid under it. */
export const pinnedEdge = "group-data-scrolled/grid:shadow-[1px_0_0_var(--line)]";

/** Asks for the acts at the moment of opening, so that a memoised row never offers old ones. */
function RowMenu({ index, getMenu }: { index: number; getMenu: (index: number) => readonly MenuItem[] }) {
  const [items, setItems] = useState<readonly MenuItem[]>([]);
  return (
    <DropdownMenu
      items={items}
      onOpenChange={(open) => {
        if (open) setItems(getMenu(index));
      }}
      trigger={
        <button
          type="button"
          aria-label="Acts for this row"
          className="inline-flex size-6 items-center justify-center rounded-sm text-muted hover:bg-line hover:text-text data-[state=open]:bg-line"
        >
          <Ellipsis className="size-4" aria-hidden />
        </button>
      }
    />
  );
}

function content<T>(column: Column<T>, row: T): ReactNode {
  return column.cell === undefined ? valueText(column.value(row)) : column.cell(row);
}

/** One line of 32 px. Memoised, so that scrolling and moving through the rows draws only what changed. */
export const TableRow = memo(TableRowInner) as typeof TableRowInner;
