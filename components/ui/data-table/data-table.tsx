"use client";

import { useRouter } from "next/navigation";
import { type KeyboardEvent, type ReactNode, useCallback, useId, useMemo, useRef, useState } from "react";
import { cn } from "../cn.ts";
import { download, fileStem, toCsv } from "../csv.ts";
import { ErrorNote } from "../error-note.tsx";
import { formatNumber } from "../format.ts";
import type { MenuItem } from "../menu.tsx";
import { SkeletonTable } from "../skeleton.tsx";
import { Checkbox } from "../toggle.tsx";
import { type Column, type Sort, trackOf, widthOf } from "./column.ts";
import { TableBody } from "./table-body.tsx";
import { TableHead } from "./table-head.tsx";
import { Toolbar } from "./toolbar.tsx";
import { useDataTable } from "./use-data-table.ts";
import { useRoomBelow } from "./use-room-below.ts";

export type { Column, Sort } from "./column.ts";

export type DataTableProps<T> = {
  /** What the rows are: read aloud, names the CSV and the memory of the chosen columns. */
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowId: (row: T) => string;
  /** Where a row leads; the first column becomes a real link. */
  rowHref?: ((row: T) => string | undefined) | undefined;
  /** What a click or Enter does when a row leads nowhere. */
  onOpen?: ((row: T) => void) | undefined;
  rowMenu?: ((row: T) => readonly MenuItem[]) | undefined;
  /** Placeholder of the client search; none without it. */
  search?: string | undefined;
  filters?: ReactNode;
  actions?: ReactNode;
  /** Makes rows selectable: the acts for those chosen. */
  selection?: ((chosen: T[], clear: () => void) => ReactNode) | undefined;
  /** The order before the reader chooses one. */
  sort?: Sort | undefined;
  /** Shown when there is nothing at all (a search without a hit has its own words). */
  empty?: ReactNode;
  loading?: boolean | undefined;
  error?: unknown;
  onRetry?: (() => void) | undefined;
  /** Prefix of the URL names, when two tables stand on one page. */
  param?: string | undefined;
  /** CSS length; by default the rest of the window. */
  maxHeight?: string | undefined;
  /** False leaves out search line, column picker and CSV, for small tables inside cards. */
  toolbar?: boolean | undefined;
  className?: string | undefined;
};

/** A table for lists of up to some ten thousand rows: virtual rows, sort, search, columns, selection, keyboard. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { label, rows, columns, rowId, rowHref, onOpen, rowMenu, selection, toolbar = true } = props;
  const state = useDataTable({ label, rows, columns, rowId, sort: props.sort, param: props.param });
  const { items, shown, selected, setSelected } = state;
  const router = useRouter();
  const gridId = useId();
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const room = useRoomBelow(props.maxHeight === undefined ? scroller : null);
  const anchor = useRef(0);
  const [active, setActive] = useState(0);
  const at = Math.min(active, Math.max(0, items.length - 1));

  const template = [
    ...(selection === undefined ? [] : ["36px"]),
    ...shown.map(trackOf),
    ...(rowMenu === undefined ? [] : ["40px"]),
  ].join(" ");
  const least = shown.reduce(
    (sum, column) => sum + widthOf(column),
    (selection === undefined ? 0 : 36) + (rowMenu === undefined ? 0 : 40),
  );
  const clickable = rowHref !== undefined || onOpen !== undefined;
  const clear = useCallback(() => setSelected({}), [setSelected]);

  const open = (index: number, newTab: boolean): void => {
    const item = items[index];
    if (item === undefined) return;
    setActive(index);
    const href = rowHref?.(item.row);
    if (href === undefined) onOpen?.(item.row);
    else if (newTab) window.open(href, "_blank", "noopener");
    else router.push(href);
  };
  const select = (index: number, value: boolean, range: boolean): void => {
    const [from, to] = range ? [Math.min(anchor.current, index), Math.max(anchor.current, index)] : [index, index];
    anchor.current = index;
    setActive(index);
    setSelected((before) => {
      const next = { ...before };
      for (const item of items.slice(from, to + 1)) {
        if (value) next[item.id] = true;
        else Reflect.deleteProperty(next, item.id);
      }
      return next;
    });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target !== event.currentTarget || items.length === 0) return;
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: items.length - 1,
      PageDown: at + 15,
      PageUp: at - 15,
    };
    const move = moves[event.key];
    if (move !== undefined) setActive(Math.max(0, Math.min(items.length - 1, move)));
    else if (event.key === "Enter" && clickable) open(at, event.metaKey || event.ctrlKey);
    else if (event.key === " " && selection !== undefined)
      select(at, selected[items[at]?.id ?? ""] !== true, event.shiftKey);
    else if (event.key === "Escape" && state.chosen.length > 0) clear();
    else return;
    event.preventDefault();
  };
  const exportCsv = (): void => {
    const values = items.map((item) => shown.map((column) => column.value(item.row)));
    const header = shown.map((column) => column.header);
    download(`${fileStem(label)}.csv`, toCsv(header, values));
  };
  const chosenShown = useMemo(() => items.filter((item) => selected[item.id] === true).length, [items, selected]);

  if (props.loading === true && rows.length === 0) return <SkeletonTable columns={Math.min(6, columns.length)} />;
  if (props.error !== undefined && props.error !== null && rows.length === 0)
    return <ErrorNote error={props.error} onRetry={props.onRetry} />;

  const selectAll =
    selection === undefined ? null : (
      <Checkbox
        hideLabel
        label="Select all rows"
        checked={chosenShown === 0 ? false : chosenShown === items.length ? true : "indeterminate"}
        onCheckedChange={(value) => setSelected(value ? Object.fromEntries(items.map((item) => [item.id, true])) : {})}
      />
    );

  return (
    <div className={cn("min-w-0 space-y-3", props.className)}>
      {toolbar && (rows.length > 0 || props.filters !== undefined) ? (
        <Toolbar
          search={props.search}
          query={state.query}
          onQuery={state.setQuery}
          filters={props.filters}
          actions={props.actions}
          columns={columns}
          isVisible={state.isVisible}
          onToggleColumn={state.toggleColumn}
          onResetColumns={state.resetColumns}
          onExport={exportCsv}
          counted={
            items.length === rows.length ? null : `${formatNumber(items.length)} of ${formatNumber(rows.length)}`
          }
          selectedCount={state.chosen.length}
          selection={selection?.(state.chosen, clear)}
          onClear={clear}
        />
      ) : null}
      {rows.length === 0 ? (
        <div className="rounded-md border bg-surface">
          {props.empty ?? <p className="px-6 py-10 text-center text-sm text-muted">Nothing here yet.</p>}
        </div>
      ) : (
        <div
          ref={setScroller}
          role="grid"
          aria-label={label}
          aria-rowcount={items.length + 1}
          aria-multiselectable={selection === undefined ? undefined : true}
          aria-activedescendant={items.length === 0 ? undefined : `${gridId}-${at}`}
          tabIndex={0}
          onKeyDown={onKeyDown}
          style={{ maxHeight: props.maxHeight ?? room ?? "max(280px, calc(100dvh - 200px))" }}
          onScroll={(event) => event.currentTarget.toggleAttribute("data-scrolled", event.currentTarget.scrollLeft > 0)}
          // The ring is drawn around the active row; an empty table has none and wears it itself.
          className={cn(
            "group/grid relative overflow-auto rounded-md border bg-surface",
            items.length > 0 && "outline-none",
          )}
        >
          <div role="presentation" style={{ minWidth: least }}>
            <TableHead
              columns={shown}
              sort={state.sort}
              onSort={state.toggleSort}
              template={template}
              selectAll={selectAll}
              menu={rowMenu !== undefined}
            />
            <TableBody
              gridId={gridId}
              scroller={scroller}
              items={items}
              columns={shown}
              template={template}
              active={at}
              selected={selection === undefined ? undefined : selected}
              rowHref={rowHref}
              rowMenu={rowMenu}
              clickable={clickable}
              onSelect={select}
              onOpen={open}
            />
          </div>
          {items.length === 0 ? (
            <p className="px-6 py-10 text-center text-sm text-muted">No row matches “{state.query}”.</p>
          ) : null}
        </div>
      )}
    </div>
  );
}
