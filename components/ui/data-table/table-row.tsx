"use client";

import { Ellipsis } from "lucide-react";
import Link from "next/link";
import { type CSSProperties, type ReactNode, memo, useRef } from "react";
import { cn } from "../cn.ts";
import { DropdownMenu, type MenuItem } from "../menu.tsx";
import { Checkbox } from "../toggle.tsx";
import { type Column, valueText } from "./column.ts";

type TableRowProps<T> = {
  domId: string;
  row: T;
  index: number;
  columns: readonly Column<T>[];
  template: string;
  style?: CSSProperties | undefined;
  active: boolean;
  /** Undefined: rows cannot be selected. */
  selected: boolean | undefined;
  href: string | undefined;
  clickable: boolean;
  menu: readonly MenuItem[] | undefined;
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

function TableRowInner<T>(props: TableRowProps<T>) {
  const { row, index, columns, selected, href, menu } = props;
  const shift = useRef(false);
  return (
    <div
      role="row"
      id={props.domId}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-active={props.active ? true : undefined}
      style={{ ...props.style, gridTemplateColumns: props.template }}
      className={cn(
        "group/row grid h-8 items-center border-b text-xs transition-colors hover:bg-raised/70",
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
          className="flex h-full items-center pl-3"
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
          className={cn("min-w-0 truncate px-3", column.numeric === true && "num", at === 0 && "font-medium")}
        >
          {at === 0 && href !== undefined ? (
            <Link href={href} tabIndex={-1} prefetch={false} className="hover:underline hover:underline-offset-2">
              {content(column, row)}
            </Link>
          ) : (
            content(column, row)
          )}
        </div>
      ))}
      {props.hasMenu ? (
        <div role="gridcell" className="flex items-center justify-center">
          {menu === undefined || menu.length === 0 ? null : (
            <DropdownMenu
              items={menu}
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
          )}
        </div>
      ) : null}
    </div>
  );
}

function content<T>(column: Column<T>, row: T): ReactNode {
  return column.cell === undefined ? valueText(column.value(row)) : column.cell(row);
}

/** One line of 32 px. Memoised, so that moving through the rows redraws two of them. */
export const TableRow = memo(TableRowInner) as typeof TableRowInner;
