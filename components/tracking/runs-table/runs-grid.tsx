"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowUp } from "lucide-react";
import { useRouter } from "next/navigation";
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { cn } from "#components/ui/cn.ts";
import { useRoomBelow } from "#components/ui/data-table/use-room-below.ts";
import { plural } from "#components/ui/format.ts";
import type { MenuItem } from "#components/ui/menu.tsx";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { hueItems } from "../hue-menu.tsx";
import { runColor } from "../parts/run-color.ts";
import { arranged, inSight } from "./place-columns.ts";
import { RunsHead } from "./runs-head.tsx";
import { GroupRow, ROW, ROW_MENU, type RowActs, RunRow } from "./runs-row.tsx";
import { lineAt } from "./segments.ts";
import { ROWS_PER_PAGE, type ShownColumn, type TableState } from "./table-state.ts";
import type { useLines } from "./use-lines.ts";
import type { Marks } from "./use-marks.ts";
import { type Needed, useRunPages } from "./use-run-pages.ts";

/** Rows under the head at most; more pins scroll with the rest. */
const HELD = 8;

/** Pixels that an arrow moves the columns by, where there is nothing to open or close. */
const ASIDE = 120;

/** Says on which sides columns go on. */
function markEdges(box: HTMLElement): void {
  box.toggleAttribute("data-scrolled", box.scrollLeft > 0);
  box.toggleAttribute("data-more", Math.ceil(box.scrollLeft + box.clientWidth) < box.scrollWidth);
}

interface GridProps {
  readonly project: string;
  readonly label: string;
  readonly state: TableState;
  readonly columns: readonly ShownColumn[];
  readonly lines: ReturnType<typeof useLines>;
  readonly marks: Marks;
  readonly until: RefObject<number | null>;
  readonly onRefresh: () => void;
  readonly selected: ReadonlyMap<string, RunSummaryDto | null>;
  readonly onSelect: (
    change: (before: ReadonlyMap<string, RunSummaryDto | null>) => Map<string, RunSummaryDto | null>,
  ) => void;
  readonly selectAll: ReactNode;
  readonly rowMenu: (run: RunSummaryDto) => readonly MenuItem[];
  readonly onSort: (id: string) => void;
  readonly onColumns: (columns: readonly ShownColumn[]) => void;
}

/** The runs as a grid of virtual rows and columns; it asks for pages as they come into sight. */
export function RunsGrid(props: GridProps) {
  const { project, lines, marks, until, selected, onSelect, state } = props;
  const { layout } = lines;
  const router = useRouter();
  const gridId = useId();
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const room = useRoomBelow(scroller);
  const [width, setWidth] = useState(1100);
  const [scrolled, setScrolled] = useState(0);
  const [active, setActive] = useState(0);
  const anchor = useRef(0);
  const isTree = state.group !== "" || lines.nests;
  const held = Math.min(HELD, lines.pinnedLines);
  const at = Math.min(active, Math.max(0, layout.lines - 1));

  useLayoutEffect(() => {
    if (!scroller) return;
    const observer = new ResizeObserver(() => setWidth(scroller.clientWidth));
    observer.observe(scroller);
    return () => observer.disconnect();
  }, [scroller]);

  const virtualizer = useVirtualizer({
    count: layout.lines - held,
    getScrollElement: () => scroller,
    estimateSize: () => ROW,
    overscan: 10,
    initialRect: { width: 1200, height: 640 },
  });
  const items = virtualizer.getVirtualItems();
  const columns = useMemo(
    () => arranged(project, props.columns, state.group !== "", width),
    [project, props.columns, state.group, width],
  );
  const placed = useMemo(() => inSight(columns, scrolled, width), [columns, scrolled, width]);
  useLayoutEffect(() => {
    if (scroller) markEdges(scroller);
  }, [scroller, placed.total, width]);

  const firstPlace = (items[0]?.index ?? 0) + held;
  const lastPlace = (items.at(-1)?.index ?? 0) + held;
  const needed = useMemo((): Needed[] => {
    const found = new Map<string, Needed>();
    for (let place = -held; place <= lastPlace - firstPlace; place++) {
      const line = lineAt(layout, place < 0 ? place + held : firstPlace + place);
      if (line?.kind !== "run") continue;
      const page = Math.floor(line.index / ROWS_PER_PAGE);
      found.set(`${line.source.id} ${page}`, { source: line.source, page });
    }
    return [...found.values()];
  }, [layout, firstPlace, lastPlace, held]);
  const { runAt, error } = useRunPages(project, needed, until);
  const runIn = (place: number): RunSummaryDto | undefined => {
    const line = lineAt(layout, place);
    return line?.kind === "run" ? runAt(line.source, line.index) : undefined;
  };

  // Another search begins at its top.
  const search = lines.root.id + state.group;
  useEffect(() => {
    scroller?.scrollTo({ top: 0 });
    setActive(0);
  }, [search, scroller]);

  const reveal = (place: number): void => {
    setActive(place);
    if (!scroller || place < held) return;
    const top = (place - held) * ROW;
    const head = (1 + held) * ROW;
    if (top < scroller.scrollTop) scroller.scrollTo({ top });
    else if (top + head + ROW > scroller.scrollTop + scroller.clientHeight)
      scroller.scrollTo({ top: top + head + ROW - scroller.clientHeight });
  };

  const openRun = (run: RunSummaryDto, newTab: boolean): void => {
    const href = `/p/${project}/experiments/runs/${run.id}`;
    if (newTab) window.open(href, "_blank", "noopener");
    else router.push(href);
  };
  const select = (place: number, run: RunSummaryDto, value: boolean, range: boolean): void => {
    const from = range ? Math.min(anchor.current, place) : place;
    const to = range ? Math.max(anchor.current, place) : place;
    const chosen = [run];
    for (let each = from; each <= to; each++) {
      const found = runIn(each);
      if (found) chosen.push(found);
    }
    anchor.current = place;
    setActive(place);
    onSelect((before) => {
      const next = new Map(before);
      for (const each of chosen) {
        if (value) next.set(each.id, each);
        else next.delete(each.id);
      }
      return next;
    });
  };
  const fold = (place: number): void => {
    const line = lineAt(layout, place);
    if (line?.kind === "group") lines.fold.group(line.group.value);
    else if (line) {
      const run = runAt(line.source, line.index);
      if (run && (run.children ?? 0) > 0) lines.fold.run(run.id, line, run.children ?? 0);
    }
    setActive(place);
  };
  const latest = useRef({ fold, openRun, select, menu: props.rowMenu, marks });
  useLayoutEffect(() => {
    latest.current = { fold, openRun, select, menu: props.rowMenu, marks };
  });
  const acts = useMemo(
    (): RowActs => ({
      open: (run, newTab) => latest.current.openRun(run, newTab),
      select: (place, run, value, range) => latest.current.select(place, run, value, range),
      fold: (place) => latest.current.fold(place),
      menu: (run) => latest.current.menu(run),
      colors: (run) =>
        hueItems(latest.current.marks.of(run.id)?.color ?? null, (color) =>
          latest.current.marks.change([run.id], { color }),
        ),
    }),
    [],
  );
  const foldRow = useCallback((place: number) => latest.current.fold(place), []);

  /** Opens the menu of the active row, as its button does for a key. */
  const openMenu = (): void => {
    const button = document.getElementById(`${gridId}-${at}`)?.querySelector<HTMLElement>(`[aria-label="${ROW_MENU}"]`);
    button?.focus();
    button?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target !== event.currentTarget || layout.lines === 0) return;
    const page = Math.max(1, Math.floor((scroller?.clientHeight ?? 480) / ROW) - 2 - held);
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: layout.lines - 1,
      PageDown: at + page,
      PageUp: at - page,
    };
    const move = moves[event.key];
    const line = lineAt(layout, at);
    const run = runIn(at);
    if (move !== undefined) {
      const next = Math.max(0, Math.min(layout.lines - 1, move));
      reveal(next);
    } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      const isOpen =
        line?.kind === "group" ? lines.isGroupOpen(line.group.value) : run !== undefined && lines.isOpen(run.id);
      const folds = line?.kind === "group" || (lines.nests && (run?.children ?? 0) > 0);
      if (folds && isOpen !== (event.key === "ArrowRight")) fold(at);
      else scroller?.scrollBy({ left: event.key === "ArrowRight" ? ASIDE : -ASIDE });
    } else if (event.key === "Enter" && line?.kind === "group") fold(at);
    else if (event.key === "Enter" && run) openRun(run, event.metaKey || event.ctrlKey);
    else if ((event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) && run) openMenu();
    else if (event.key === " " && run) select(at, run, !selected.has(run.id), event.shiftKey);
    else if (event.key === "Escape" && selected.size > 0) onSelect(() => new Map());
    else return;
    event.preventDefault();
  };

  const toTop = (): void => {
    until.current = null;
    scroller?.scrollTo({ top: 0 });
    props.onRefresh();
  };
  const onScroll = (box: HTMLDivElement): void => {
    markEdges(box);
    // Columns are drawn with a margin around what is in sight, so steps will do.
    const step = Math.round(box.scrollLeft / 120) * 120;
    if (step !== scrolled) setScrolled(step);
    if (box.scrollTop > ROW) until.current ??= lines.asOf;
    else if (until.current !== null) {
      until.current = null;
      if (lines.newer > 0) props.onRefresh();
    }
  };
  const move = (id: string, before: string): void => {
    const moved = props.columns.find((column) => column.id === id);
    const others = props.columns.filter((column) => column.id !== id);
    const place = others.findIndex((column) => column.id === before);
    if (moved && place >= 0) props.onColumns([...others.slice(0, place), moved, ...others.slice(place)]);
  };

  const draw = (place: number, start: number | null) => {
    const line = lineAt(layout, place);
    if (!line) return null;
    const shared = { key: place, domId: `${gridId}-${place}`, place, start, placed, active: place === at };
    if (line.kind === "group") {
      const { key, ...rest } = shared;
      return (
        <GroupRow key={key} {...rest} group={line.group} open={lines.isGroupOpen(line.group.value)} onFold={foldRow} />
      );
    }
    const run = runAt(line.source, line.index);
    const mark = run ? marks.of(run.id) : undefined;
    const { key, ...rest } = shared;
    return (
      <RunRow
        key={run ? `${line.source.depth} ${run.id}` : key}
        {...rest}
        run={run}
        depth={line.source.depth}
        inTree={isTree}
        selected={run !== undefined && selected.has(run.id)}
        color={run ? runColor(run.id, mark?.color) : null}
        pinned={mark?.pinned === true}
        hidden={mark?.hidden === true}
        open={lines.nests && run && (run.children ?? 0) > 0 ? lines.isOpen(run.id) : null}
        acts={acts}
      />
    );
  };

  return (
    <div className="relative">
      <div
        ref={setScroller}
        role={isTree ? "treegrid" : "grid"}
        aria-label={props.label}
        aria-rowcount={layout.lines + 1}
        aria-colcount={columns.length + 2}
        aria-multiselectable
        aria-busy={lines.isFetching}
        aria-activedescendant={layout.lines === 0 ? undefined : `${gridId}-${at}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onScroll={(event) => onScroll(event.currentTarget)}
        style={{ maxHeight: room ?? "max(280px, calc(100dvh - 220px))" }}
        className={cn(
          "group/grid relative overflow-auto rounded-md border bg-surface outline-none [overflow-anchor:none]",
          lines.isOld && "opacity-70",
        )}
      >
        <div role="rowgroup" className="sticky top-0 z-20 bg-surface" style={{ width: placed.total }}>
          <RunsHead
            placed={placed}
            sort={state.sort}
            onSort={props.onSort}
            onWidth={(id, px) =>
              props.onColumns(props.columns.map((column) => (column.id === id ? { ...column, width: px } : column)))
            }
            onMove={move}
            selectAll={props.selectAll}
            sortable={state.group === "" ? null : (id) => id === "name" || id.startsWith("metrics.")}
          />
          {Array.from({ length: held }, (_, place) => draw(place, null))}
        </div>
        <div role="rowgroup" style={{ height: virtualizer.getTotalSize(), width: placed.total, position: "relative" }}>
          {items.map((item) => draw(item.index + held, item.start))}
        </div>
      </div>
      {lines.newer > 0 ? (
        <button
          type="button"
          onClick={toTop}
          className="absolute top-10 left-1/2 z-30 flex -translate-x-1/2 items-center gap-1 rounded-full border bg-surface px-3 py-1 text-xs shadow-float hover:bg-raised"
        >
          <ArrowUp className="size-3" aria-hidden />
          {plural(lines.newer, "new run")}
        </button>
      ) : null}
      {error && !lines.error ? (
        <p role="alert" className="mt-1 text-xs text-bad">
          A part of the runs could not be loaded. Scrolling there again asks once more.
        </p>
      ) : null}
    </div>
  );
}
