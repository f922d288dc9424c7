"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Crosshair, Download, Layers, Link2, ListTree } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo, useRef, useState } from "react";
import { ApiError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { useLocalState } from "#components/ui/local-state.ts";
import { DropdownMenu, type MenuItem } from "#components/ui/menu.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { SkeletonTable } from "#components/ui/skeleton.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Checkbox } from "#components/ui/toggle.tsx";
import { setSearchParams, useSearch } from "#components/ui/url-state.ts";
import type {
  ExperimentSummaryDto,
  RunKeysDto,
  RunMarkDto,
  RunSummaryDto,
  RunSummaryPage,
} from "#server/tracking/contract.ts";
import { ChooseRun } from "./choose-run.tsx";
import { compareAddress, LISTED, MANY } from "./compare-address.ts";
import { ExperimentList } from "./experiment-list.tsx";
import { FilterInput } from "./filter-input.tsx";
import { ExperimentNotes } from "./note.tsx";
import { PurgeOld, usePurge } from "./purge.tsx";
import { useDeleteRuns, useRestoreRuns } from "./run-acts.tsx";
import { ColumnPicker } from "./runs-table/column-picker.tsx";
import { NoRuns } from "./runs-table/no-runs.tsx";
import { CountedRuns } from "./runs-table/counted-runs.tsx";
import { GroupSelect } from "./runs-table/group-select.tsx";
import { exportAddress, keysQuery, runIds } from "./runs-table/queries.ts";
import { RunsGrid } from "./runs-table/runs-grid.tsx";
import { SelectionActs } from "./runs-table/selection-acts.tsx";
import {
  columnsQuery,
  orderQuery,
  pinnedQuery,
  type Query,
  readColumns,
  readState,
  rootQuery,
  scopeQuery,
  type ShownColumn,
  USUAL_SORT,
  usualColumns,
  writeColumns,
} from "./runs-table/table-state.ts";
import { useLines } from "./runs-table/use-lines.ts";
import { useMarks } from "./runs-table/use-marks.ts";
import { useNews } from "./runs-table/use-news.ts";
import { tableKey } from "./runs-table/use-run-pages.ts";
import { ViewsMenu } from "./runs-table/views-menu.tsx";

interface Props {
  readonly project: string;
  readonly experiments: readonly ExperimentSummaryDto[];
  /** Names that the latest runs logged, from which the first columns are chosen. */
  readonly keys: RunKeysDto;
  /** The first page as the server read it for this address; null when the filter was refused, or in groups. */
  readonly initial: RunSummaryPage | null;
  /** The runs that the reader pinned, likewise; null where there is none. */
  readonly pinned: RunSummaryPage | null;
  readonly marks: readonly RunMarkDto[];
  readonly writable: boolean;
}

/** The state that the address asks for, with the columns it names, else those of this browser, else the usual ones. */
function useTableState(project: string, keys: RunKeysDto) {
  const search = useSearch();
  const state = useMemo(() => readState(search), [search]);
  const [remembered, remember] = useLocalState(`run-columns.${project}.${state.experiment ?? "all"}`);
  const usual = useMemo(() => usualColumns(keys, state), [keys, state]);
  const columns = useMemo(
    (): readonly ShownColumn[] => state.columns ?? readColumns(remembered) ?? usual,
    [state.columns, remembered, usual],
  );
  const setColumns = (next: readonly ShownColumn[] | null): void => {
    const text = next === null ? null : writeColumns(next);
    remember(text);
    setSearchParams({ cols: text });
  };
  return { state, columns, setColumns };
}

/** The experiments of a project and the table of their runs; what is chosen, searched and shown lives in the address. */
export function RunsBrowser(props: Props) {
  const { project, experiments, keys: quick, writable } = props;
  const router = useRouter();
  const queries = useQueryClient();
  const { state, columns, setColumns } = useTableState(project, quick);
  const all = useQuery(keysQuery(project, state.experiment));
  const keys = all.data?.keys ?? quick.keys;
  const marks = useMarks(project, props.marks);
  const hidden = marks.hiddenIn(state);
  const until = useRef<number | null>(null);
  // The server read the first page for the address as it was then; another address asks for its own.
  const [served] = useState(() => {
    const root = rootQuery(state, columns);
    return { root: servedAs(root, props.initial), pinned: servedAs(pinnedQuery(root), props.pinned) };
  });
  const lines = useLines(project, state, columns, marks.pinned > 0, until, served);
  const [selected, setSelected] = useState<ReadonlyMap<string, RunSummaryDto | null>>(new Map());
  const remove = useDeleteRuns(project);
  const restore = useRestoreRuns(project);
  const purge = usePurge(project);
  const experiment = experiments.find((e) => e.number === state.experiment);
  const deleted = state.view === "DELETED_ONLY";
  const misread = lines.error instanceof ApiError && lines.error.field === "filter";
  /** The search that the selection is all of; null for runs that were picked. */
  const [whole, setWhole] = useState<Query | null>(null);
  const pick: typeof setSelected = (next) => {
    setSelected(next);
    setWhole(null);
  };
  const clear = (): void => pick(new Map());

  const refresh = (): void => void queries.invalidateQueries({ queryKey: tableKey(project) });
  useNews(refresh);

  const compare = (ids: readonly string[]): void => {
    const address = compareAddress(project, ids, whole);
    if (address) router.push(address);
    else toast.info(`At most ${LISTED} picked runs can be compared.`, { detail: MANY });
  };
  const sortBy = (id: string): void => {
    const descending =
      state.sort === `-${id}` ? false : state.sort === id ? true : /^metrics\.|^(started|duration)$/.test(id);
    const next = `${descending ? "-" : ""}${id}`;
    setSearchParams({ sort: next === USUAL_SORT ? null : next });
  };
  const meant = { ...scopeQuery(state), ...orderQuery(state) };
  const selectAll = async (): Promise<void> => {
    try {
      const ids = await runIds(project, meant);
      setSelected((before) => new Map(ids.map((id) => [id, before.get(id) ?? null])));
      setWhole(meant);
      if (lines.total && lines.total.runs > ids.length)
        toast.info(`The first ${formatNumber(ids.length)} runs are selected.`);
    } catch (error) {
      toast.error(error);
    }
  };
  const exportRuns = (): void => {
    const own = columns.map((column) => column.id);
    window.location.assign(
      exportAddress(project, { ...meant, ...columnsQuery(columns), columns: JSON.stringify(own) }),
    );
  };
  const copyLink = (): void => {
    // Columns that only this browser remembers would not come along by themselves.
    const url = new URL(window.location.href);
    url.searchParams.set("cols", writeColumns(columns));
    void navigator.clipboard.writeText(url.href).then(() => toast.success("Link copied"));
  };
  const rowMenu = (run: RunSummaryDto): readonly MenuItem[] => {
    const mark = marks.of(run.id);
    return [
      { label: "Open", href: `/p/${project}/experiments/runs/${run.id}` },
      { label: "Copy run id", onSelect: () => void navigator.clipboard.writeText(run.id) },
      "separator",
      {
        label: mark?.pinned === true ? "Unpin" : "Pin to the top",
        onSelect: () => marks.change([run.id], { pinned: mark?.pinned !== true }),
      },
      {
        label: mark?.hidden === true ? "Show again" : "Hide",
        onSelect: () => marks.change([run.id], { hidden: mark?.hidden !== true }),
      },
      ...(writable
        ? run.lifecycleStage === "deleted"
          ? ([
              "separator",
              { label: "Restore", onSelect: () => restore([run.id]) },
              { label: "Purge for good", danger: true, onSelect: () => purge.ask({ runIds: [run.id] }) },
            ] as const)
          : (["separator", { label: "Delete", danger: true, onSelect: () => remove.ask([run]) }] as const)
        : []),
    ];
  };

  const chosen = [...selected.keys()];
  const empty = (experiment ? [experiment] : experiments).every((one) => one.runs === 0);
  const nothing = lines.layout.lines === 0 && !lines.isPending;
  return (
    <div className="flex flex-col gap-4 lg:flex-row lg:items-start">
      <ExperimentList
        project={project}
        experiments={experiments}
        chosen={state.experiment}
        onChoose={(number) => {
          clear();
          setSearchParams({ experiment: number === null ? null : String(number), cols: null, saved: null });
          refreshPage();
        }}
        writable={writable}
      />
      <div className="min-w-0 flex-1 space-y-3">
        {experiment?.lifecycleStage === "active" ? (
          <ExperimentNotes project={project} number={experiment.number} writable={writable} />
        ) : null}
        {deleted && writable ? <PurgeOld project={project} /> : null}
        <div className="flex flex-wrap items-start gap-2">
          <FilterInput
            project={project}
            experiment={state.experiment}
            value={state.filter}
            onChange={(filter) => setSearchParams({ filter })}
            error={lines.error}
            keys={keys}
          />
          <Select
            aria-label="Which runs"
            className="w-28 shrink-0"
            value={state.view}
            onValueChange={(view) => setSearchParams({ view: view === "ACTIVE_ONLY" ? null : view })}
            options={[
              { value: "ACTIVE_ONLY", label: "Active" },
              { value: "DELETED_ONLY", label: "Deleted" },
              { value: "ALL", label: "All" },
            ]}
          />
        </div>
        <div className="flex min-h-8 flex-wrap items-center gap-2">
          {selected.size > 0 ? (
            <SelectionActs
              project={project}
              experiment={state.experiment}
              chosen={chosen}
              metrics={metricNames(keys)}
              marks={marks}
              writable={writable}
              deleted={deleted}
              onCompare={() => compare(chosen)}
              onRestore={() => {
                restore(chosen);
                clear();
              }}
              onPurge={() => purge.ask({ runIds: chosen }, clear)}
              onDelete={() =>
                remove.ask(
                  [...selected].map(([id, run]) => ({ id, name: run?.name })),
                  clear,
                )
              }
              onClear={clear}
            />
          ) : (
            <p role="status" className="text-xs text-muted" data-number>
              <CountedRuns state={state} lines={lines} />
            </p>
          )}
          <div className="ml-auto flex flex-wrap items-center gap-2">
            {hidden > 0 && !empty ? (
              <Button size="sm" variant="ghost" onClick={() => setSearchParams({ hidden: state.hidden ? null : "1" })}>
                {state.hidden ? "Leave out hidden runs" : `${formatNumber(hidden)} hidden`}
              </Button>
            ) : null}
            <GroupSelect
              icon={<Layers aria-hidden />}
              keys={keys}
              value={state.group}
              onChange={(group) => setSearchParams({ group: group === "" ? null : group })}
            />
            <Button
              size="sm"
              icon={<ListTree aria-hidden />}
              variant={state.nest ? "secondary" : "ghost"}
              aria-pressed={state.nest}
              disabled={state.filter !== "" || state.group !== ""}
              onClick={() => setSearchParams({ nest: state.nest ? null : "1" })}
            >
              Nest
            </Button>
            {state.experiment !== null && selected.size === 0 ? (
              <ChooseRun
                project={project}
                experiment={state.experiment}
                filter={state.filter}
                metrics={metricNames(keys)}
                trigger={
                  <Button size="sm" icon={<Crosshair aria-hidden />}>
                    Choose…
                  </Button>
                }
              />
            ) : null}
            <ColumnPicker project={project} columns={columns} keys={keys} onColumns={setColumns} />
            <ViewsMenu project={project} />
            <DropdownMenu
              trigger={
                <Button size="sm" icon={<Download aria-hidden />}>
                  Share
                </Button>
              }
              items={[
                { label: "Copy a link to this view", icon: <Link2 aria-hidden />, onSelect: copyLink },
                { label: "Export CSV of all that match", icon: <Download aria-hidden />, onSelect: exportRuns },
              ]}
            />
          </div>
        </div>
        {lines.error && !misread ? (
          <ErrorNote error={lines.error} onRetry={refresh} />
        ) : nothing || misread ? (
          <div className="rounded-md border bg-surface">
            <NoRuns
              project={project}
              state={state}
              misread={misread}
              hidden={hidden > 0 && !empty}
              experiment={experiment?.name ?? null}
            />
          </div>
        ) : lines.isPending && lines.layout.lines === 0 ? (
          <SkeletonTable rows={12} columns={6} />
        ) : (
          <RunsGrid
            project={project}
            label={experiment ? `Runs of ${experiment.name}` : "Runs"}
            state={state}
            columns={columns}
            lines={lines}
            marks={marks}
            until={until}
            onRefresh={refresh}
            selected={selected}
            onSelect={pick}
            selectAll={
              <Checkbox
                hideLabel
                label="Select all runs that match"
                checked={
                  selected.size === 0
                    ? false
                    : selected.size >= (lines.total?.runs ?? Infinity)
                      ? true
                      : "indeterminate"
                }
                onCheckedChange={(value) => (value ? void selectAll() : clear())}
              />
            }
            rowMenu={rowMenu}
            onSort={sortBy}
            onColumns={setColumns}
          />
        )}
      </div>
      {remove.dialog}
      {purge.dialog}
    </div>
  );
}

const servedAs = (query: Query, page: RunSummaryPage | null) => (page ? { id: JSON.stringify(query), page } : null);
const metricNames = (keys: RunKeysDto["keys"]): string[] =>
  keys.filter((key) => key.kind === "metrics").map((key) => key.key);
