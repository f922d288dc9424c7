"use client";

import { ChevronDown, ChevronRight, Ellipsis, EyeOff, Pin } from "lucide-react";
import { type CSSProperties, memo, type ReactNode, useRef, useState } from "react";
import { cn } from "#components/ui/cn.ts";
import { formatNumber } from "#components/ui/format.ts";
import { DropdownMenu, type MenuItem } from "#components/ui/menu.tsx";
import { Checkbox } from "#components/ui/toggle.tsx";
import type { RunGroupDto, RunSummaryDto } from "#server/tracking/contract.ts";
import { metricText } from "../parts/metric-text.ts";
import type { RunColumn } from "../run-columns.tsx";

/** Columns as they are laid out: those that stay in sight, and which of the others are. */
export interface Placed {
  readonly columns: readonly (RunColumn & { readonly px: number; readonly left: number | null })[];
  /** Of the columns that scroll: the first drawn, one past the last, and the pixels left out on both sides. */
  readonly before: number;
  readonly first: number;
  readonly end: number;
  readonly after: number;
  readonly total: number;
}

export const ROW = 32;
/** The box and the colour at the left of every row. */
export const LEAD = 64;
export const TAIL = 40;
export const ROW_MENU = "Acts for this row";
/** A line where columns go on under the last one: a number that is cut there must not look whole. */
export const EDGE = "group-data-more/grid:shadow-[-1px_0_0_color-mix(in_srgb,var(--line-strong)_60%,var(--surface))]";

interface RowProps {
  readonly domId: string;
  readonly place: number;
  /** Pixels from the top; null for a row that stays under the head. */
  readonly start: number | null;
  readonly placed: Placed;
  readonly active: boolean;
}

// The mark of the active row lies over its cells: those that stay in sight would cover an outline of the row itself.
const line =
  "flex h-8 border-b bg-surface text-xs hover:bg-raised data-active:group-focus-visible/grid:after:pointer-events-none data-active:group-focus-visible/grid:after:absolute data-active:group-focus-visible/grid:after:inset-0 data-active:group-focus-visible/grid:after:z-20 data-active:group-focus-visible/grid:after:border-2 data-active:group-focus-visible/grid:after:border-steel-fill";
const sticky = "sticky z-10 bg-inherit";

const placeStyle = (start: number | null, width: number): CSSProperties => ({
  width,
  ...(start === null ? {} : { position: "absolute", left: 0, top: 0, transform: `translateY(${start}px)` }),
});

/** The cells of a row, without those that are out of sight at the sides. */
function Cells({ placed, cell }: { placed: Placed; cell: (column: RunColumn, at: number) => ReactNode }) {
  const { columns, first, end, before, after } = placed;
  const fixed = columns.filter((column) => column.left !== null);
  const moving = columns.slice(fixed.length);
  const draw = (column: Placed["columns"][number], at: number) => (
    <div
      key={column.id}
      role="gridcell"
      aria-colindex={at + 2}
      style={{ width: column.px, ...(column.left === null ? {} : { left: column.left }) }}
      className={cn(
        "flex shrink-0 items-center px-3",
        column.numeric && "num justify-end",
        column.left !== null && [
          sticky,
          at === fixed.length - 1 && "group-data-scrolled/grid:shadow-[1px_0_0_var(--line)]",
        ],
      )}
    >
      <div className="min-w-0 truncate">{cell(column, at)}</div>
    </div>
  );
  return (
    <>
      {fixed.map(draw)}
      {before > 0 ? <div aria-hidden className="shrink-0" style={{ width: before }} /> : null}
      {moving.slice(first, end).map((column, i) => draw(column, fixed.length + first + i))}
      {after > 0 ? <div aria-hidden className="shrink-0" style={{ width: after }} /> : null}
    </>
  );
}

interface RunRowProps extends RowProps {
  readonly run: RunSummaryDto | undefined;
  readonly depth: number;
  /** Among rows that open others: each then says its level, also one that opens nothing. */
  readonly inTree: boolean;
  readonly selected: boolean;
  readonly color: string | null;
  readonly pinned: boolean;
  readonly hidden: boolean;
  /** null: nothing below it. */
  readonly open: boolean | null;
  readonly acts: RowActs;
}

/** What a row can do, the same object at every drawing, so that a memoised row stays as it is. */
export interface RowActs {
  readonly open: (run: RunSummaryDto, newTab: boolean) => void;
  readonly select: (place: number, run: RunSummaryDto, value: boolean, range: boolean) => void;
  readonly fold: (place: number) => void;
  readonly menu: (run: RunSummaryDto) => readonly MenuItem[];
  readonly colors: (run: RunSummaryDto) => readonly MenuItem[];
}

/** True for a click on something in the row that acts by itself, or that ended a text selection. */
function isInnerClick(target: EventTarget): boolean {
  if (target instanceof Element && target.closest("a, button, input, label, [role=menuitem], [role=checkbox]") !== null)
    return true;
  return (window.getSelection()?.toString() ?? "") !== "";
}

interface MenuProps {
  readonly label: string;
  readonly items: () => readonly MenuItem[];
  /** Only of the active row can it be reached by Tab: the arrows go from row to row. */
  readonly active: boolean;
  readonly children: ReactNode;
}

function Menu({ label, items, active, children }: MenuProps) {
  const [shown, setShown] = useState<readonly MenuItem[]>([]);
  const button = useRef<HTMLButtonElement>(null);
  const grid = useRef<HTMLElement | null>(null);
  return (
    <DropdownMenu
      items={shown}
      onOpenChange={(open) => {
        if (!open) return;
        setShown(items());
        grid.current = button.current?.closest<HTMLElement>("[role=grid], [role=treegrid]") ?? null;
      }}
      onCloseAutoFocus={(event) => {
        event.preventDefault();
        // The row may be gone or elsewhere by now, and its button with it: the arrows go on from the grid. What opened meanwhile keeps the focus.
        if (document.activeElement === null || document.activeElement === document.body) grid.current?.focus();
      }}
      trigger={
        <button
          ref={button}
          type="button"
          tabIndex={active ? 0 : -1}
          aria-label={label}
          className="inline-flex size-6 items-center justify-center rounded-sm text-muted hover:bg-line hover:text-text data-[state=open]:bg-line"
        >
          {children}
        </button>
      }
    />
  );
}

function RunRowInner(props: RunRowProps) {
  const { run, placed, place, acts, depth, open } = props;
  const shift = useRef(false);
  const lead = (
    <div
      role="gridcell"
      aria-colindex={1}
      style={{ width: LEAD }}
      className={cn("left-0 flex shrink-0 items-center gap-1 pl-3", sticky)}
      onPointerDownCapture={(event) => {
        shift.current = event.shiftKey;
      }}
    >
      {run ? (
        <>
          <Checkbox
            hideLabel
            label="Select row"
            tabIndex={-1}
            checked={props.selected}
            onCheckedChange={(value) => acts.select(place, run, value, shift.current)}
          />
          <Menu label="Colour of the run" active={props.active} items={() => acts.colors(run)}>
            <span className="size-2.5 rounded-full" style={{ backgroundColor: props.color ?? undefined }} />
          </Menu>
        </>
      ) : null}
    </div>
  );
  return (
    <div
      role="row"
      id={props.domId}
      aria-rowindex={place + 2}
      aria-selected={props.selected}
      aria-level={props.inTree ? depth + 1 : undefined}
      aria-expanded={open ?? undefined}
      aria-busy={run ? undefined : true}
      data-active={props.active ? true : undefined}
      data-run={run?.id}
      style={placeStyle(props.start, placed.total)}
      className={cn(line, run && "cursor-pointer", props.selected && "bg-raised", props.hidden && "text-muted")}
      onClick={(event) => {
        if (run && !isInnerClick(event.target)) acts.open(run, event.metaKey || event.ctrlKey);
      }}
      onAuxClick={(event) => {
        if (run && event.button === 1 && !isInnerClick(event.target)) acts.open(run, true);
      }}
    >
      {lead}
      <Cells
        placed={placed}
        cell={(column, at) => {
          if (!run) return at === 0 ? <span className="bone inline-block h-3 w-32 rounded-sm" /> : null;
          if (at > 0) return column.cell(run);
          return (
            <span className="flex min-w-0 items-center gap-1.5" style={{ paddingLeft: depth * 16 }}>
              {open === null ? null : (
                <button
                  type="button"
                  tabIndex={-1}
                  aria-label={open ? "Hide nested runs" : `Show ${run.children ?? 0} nested runs`}
                  aria-expanded={open}
                  onClick={() => acts.fold(place)}
                  className="inline-flex size-6 items-center justify-center rounded-sm text-muted hover:bg-line hover:text-text"
                >
                  {open ? (
                    <ChevronDown className="size-3.5" aria-hidden />
                  ) : (
                    <ChevronRight className="size-3.5" aria-hidden />
                  )}
                </button>
              )}
              {props.pinned ? <Pin className="size-3 shrink-0 text-muted" aria-label="Pinned" /> : null}
              {props.hidden ? <EyeOff className="size-3 shrink-0 text-muted" aria-label="Hidden" /> : null}
              <span className="min-w-0 truncate">{column.cell(run)}</span>
              {(run.children ?? 0) > 0 ? (
                <span className="shrink-0 text-2xs text-muted" data-number>
                  {formatNumber(run.children)} nested
                </span>
              ) : null}
            </span>
          );
        }}
      />
      <div
        role="gridcell"
        aria-colindex={placed.columns.length + 2}
        style={{ width: TAIL }}
        className={cn("right-0 ml-auto flex shrink-0 items-center justify-center", sticky, EDGE)}
      >
        {run ? (
          <Menu label={ROW_MENU} active={props.active} items={() => acts.menu(run)}>
            <Ellipsis className="size-4" aria-hidden />
          </Menu>
        ) : null}
      </div>
    </div>
  );
}

/** One run. Memoised: scrolling and news of other runs draw nothing here again. */
export const RunRow = memo(RunRowInner);

interface GroupRowProps extends RowProps {
  readonly group: RunGroupDto;
  readonly open: boolean;
  readonly onFold: (place: number) => void;
}

function GroupRowInner({ group, placed, place, open, onFold, ...props }: GroupRowProps) {
  return (
    <div
      role="row"
      id={props.domId}
      aria-rowindex={place + 2}
      aria-expanded={open}
      data-active={props.active ? true : undefined}
      data-group={group.value ?? ""}
      style={placeStyle(props.start, placed.total)}
      className={cn(line, "cursor-pointer font-medium")}
      onClick={() => onFold(place)}
    >
      <div
        role="gridcell"
        aria-colindex={1}
        style={{ width: LEAD }}
        className={cn("left-0 flex shrink-0 items-center justify-end pr-2 text-muted", sticky)}
      >
        {open ? <ChevronDown className="size-3.5" aria-hidden /> : <ChevronRight className="size-3.5" aria-hidden />}
      </div>
      <Cells
        placed={placed}
        cell={(column, at) => {
          if (at === 0)
            return (
              <span className="flex min-w-0 items-center gap-2">
                <span className="min-w-0 truncate">{group.value ?? "(none)"}</span>
                <span className="shrink-0 text-2xs font-normal text-muted" data-number>
                  {formatNumber(group.runs)} {group.runs === 1 ? "run" : "runs"}
                </span>
              </span>
            );
          if (column.id === "status" && group.running > 0)
            return <span className="text-info">{formatNumber(group.running)} running</span>;
          const found = column.group === "Metrics" ? group.metrics[column.header] : undefined;
          if (!found) return null;
          return (
            <span title={`n ${found.n}, min ${found.min}, mean ${found.mean ?? "NaN"}, max ${found.max}`}>
              {metricText(found.mean)}
              <span className="ml-1.5 text-2xs font-normal text-muted">
                {metricText(found.min, 3)} … {metricText(found.max, 3)}
                {found.n === group.runs ? "" : ` of ${formatNumber(found.n)}`}
              </span>
            </span>
          );
        }}
      />
      <div style={{ width: TAIL }} className={cn("right-0 ml-auto shrink-0", sticky, EDGE)} aria-hidden />
    </div>
  );
}

/** One group: its value, how many runs, and mean, least and greatest of every metric shown. */
export const GroupRow = memo(GroupRowInner);
