"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Flame, GitCompareArrows, Trash2, Undo2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { Button } from "#components/ui/button.tsx";
import { DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { ApiError } from "#components/ui/api.ts";
import { Select } from "#components/ui/input.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { LoadMore } from "#components/ui/load-more.tsx";
import { SkeletonTable } from "#components/ui/skeleton.tsx";
import { toast } from "#components/ui/toast.tsx";
import { setSearchParams, useSearch } from "#components/ui/url-state.ts";
import {
  type ExperimentSummaryDto,
  type RunSummaryDto,
  type RunSummaryPage,
  ViewType,
} from "#server/tracking/contract.ts";
import { EmptyRuns } from "./empty-runs.tsx";
import { ExperimentList } from "./experiment-list.tsx";
import { FilterInput } from "./filter-input.tsx";
import { ExperimentNotes } from "./note.tsx";
import { PurgeOld, usePurge } from "./purge.tsx";
import { type RunsWanted, runsQuery, sameRuns } from "./queries.ts";
import { useDeleteRuns, useRestoreRuns } from "./run-acts.tsx";
import { loggedNames, runColumns } from "./run-columns.tsx";

/** More than this many in one comparison nobody can read. */
const COMPARABLE = 20;

interface Props {
  readonly project: string;
  readonly experiments: readonly ExperimentSummaryDto[];
  /** What the server searched for this address, and what it found; null when it was refused. */
  readonly wanted: RunsWanted;
  readonly initial: RunSummaryPage | null;
  readonly writable: boolean;
}

/** What the address asks for. */
function useWanted(): RunsWanted {
  const search = useSearch();
  const view = ViewType.safeParse(search.get("view"));
  const number = Number(search.get("experiment") ?? "x");
  return {
    experiment: Number.isInteger(number) && number >= 0 ? number : null,
    filter: search.get("filter") ?? "",
    view: view.success ? view.data : "ACTIVE_ONLY",
  };
}

/** The experiments of a project and the table of their runs; the choice, the filter and the view live in the address. */
export function RunsBrowser({ project, experiments, wanted: served, initial, writable }: Props) {
  const router = useRouter();
  const wanted = useWanted();
  const query = useInfiniteQuery({
    ...runsQuery(project, wanted),
    ...(initial && sameRuns(served, wanted) ? { initialData: { pages: [initial], pageParams: [null] } } : {}),
    // The event stream tells of changes at most twice a second and may miss the last of a burst; a run that goes is looked at again.
    refetchInterval: (q) =>
      q.state.data?.pages.some((p) => p.runs.some((r) => r.status === "RUNNING")) ? 5000 : false,
  });
  const runs = useMemo(() => query.data?.pages.flatMap((page) => page.runs) ?? [], [query.data]);
  const columns = useMemo(() => runColumns(project, runs), [project, runs]);
  const names = useMemo(() => loggedNames(runs), [runs]);
  const remove = useDeleteRuns(project);
  const restore = useRestoreRuns(project);
  const purge = usePurge(project);
  const experiment = experiments.find((e) => e.number === wanted.experiment);
  const deleted = wanted.view === "DELETED_ONLY";
  const misread = query.error instanceof ApiError && query.error.field === "filter";

  const compare = (chosen: readonly RunSummaryDto[]): void => {
    if (chosen.length > COMPARABLE) {
      toast.info(`Choose at most ${COMPARABLE} runs to compare.`);
      return;
    }
    router.push(`/p/${project}/experiments/compare?runs=${chosen.map((r) => r.id).join(",")}`);
  };

  return (
    <div className="flex flex-col gap-4 lg:flex-row lg:items-start">
      <LiveRefresh topics={["runs"]} />
      <ExperimentList
        project={project}
        experiments={experiments}
        chosen={wanted.experiment}
        onChoose={(number) => setSearchParams({ experiment: number === null ? null : String(number) })}
        writable={writable}
      />
      <div className="min-w-0 flex-1 space-y-3">
        {query.error && !misread && runs.length > 0 ? (
          <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
        ) : null}
        {experiment?.lifecycleStage === "active" ? (
          <ExperimentNotes project={project} number={experiment.number} writable={writable} />
        ) : null}
        {deleted && writable ? <PurgeOld project={project} /> : null}
        <DataTable
          label={experiment ? `Runs of ${experiment.name}` : "Runs"}
          rows={misread ? [] : runs}
          columns={columns}
          rowId={(r) => r.id}
          rowHref={(r) => `/p/${project}/experiments/runs/${r.id}`}
          rowMenu={(r) => [
            { label: "Open", href: `/p/${project}/experiments/runs/${r.id}` },
            { label: "Copy run id", onSelect: () => void navigator.clipboard.writeText(r.id) },
            ...(writable
              ? r.lifecycleStage === "deleted"
                ? ([
                    { label: "Restore", onSelect: () => restore([r.id]) },
                    "separator",
                    { label: "Purge for good", danger: true, onSelect: () => purge.ask({ runIds: [r.id] }) },
                  ] as const)
                : (["separator", { label: "Delete", danger: true, onSelect: () => remove.ask([r.id]) }] as const)
              : []),
          ]}
          sort={{ id: "started", desc: true }}
          filters={
            <>
              <FilterInput
                value={wanted.filter}
                onChange={(filter) => setSearchParams({ filter })}
                error={query.error}
                names={names}
              />
              <Select
                aria-label="Which runs"
                className="w-28 shrink-0"
                value={wanted.view}
                onValueChange={(view) => setSearchParams({ view: view === "ACTIVE_ONLY" ? null : view })}
                options={[
                  { value: "ACTIVE_ONLY", label: "Active" },
                  { value: "DELETED_ONLY", label: "Deleted" },
                  { value: "ALL", label: "All" },
                ]}
              />
            </>
          }
          selection={(chosen, clear) => (
            <>
              <Button
                size="sm"
                variant="primary"
                icon={<GitCompareArrows aria-hidden />}
                disabled={chosen.length < 2}
                onClick={() => compare(chosen)}
              >
                Compare {chosen.length}
              </Button>
              {writable && deleted ? (
                <Button
                  size="sm"
                  icon={<Undo2 aria-hidden />}
                  onClick={() => {
                    restore(chosen.map((r) => r.id));
                    clear();
                  }}
                >
                  Restore
                </Button>
              ) : null}
              {writable && deleted ? (
                <Button
                  size="sm"
                  variant="danger"
                  icon={<Flame aria-hidden />}
                  onClick={() => purge.ask({ runIds: chosen.map((r) => r.id) }, clear)}
                >
                  Purge
                </Button>
              ) : null}
              {writable && !deleted ? (
                <Button
                  size="sm"
                  icon={<Trash2 aria-hidden />}
                  onClick={() =>
                    remove.ask(
                      chosen.map((r) => r.id),
                      clear,
                    )
                  }
                >
                  Delete
                </Button>
              ) : null}
            </>
          )}
          error={misread ? null : query.error}
          onRetry={() => void query.refetch()}
          empty={
            query.isPending ? (
              <SkeletonTable rows={5} columns={6} />
            ) : (
              <Nothing project={project} wanted={wanted} misread={misread} experiment={experiment?.name ?? null} />
            )
          }
        />
        {query.hasNextPage ? (
          <LoadMore onMore={() => void query.fetchNextPage()} loading={query.isFetchingNextPage} shown={runs.length} />
        ) : null}
      </div>
      {remove.dialog}
      {purge.dialog}
    </div>
  );
}

function Nothing({
  project,
  wanted,
  misread,
  experiment,
}: {
  project: string;
  wanted: RunsWanted;
  misread: boolean;
  experiment: string | null;
}) {
  if (misread) return <EmptyState>Correct the filter to see runs again.</EmptyState>;
  if (wanted.filter !== "")
    return (
      <EmptyState
        action={
          <Button size="sm" onClick={() => setSearchParams({ filter: null })}>
            Clear the filter
          </Button>
        }
      >
        No run matches the filter.
      </EmptyState>
    );
  if (wanted.view === "DELETED_ONLY") return <EmptyState>No deleted run here.</EmptyState>;
  return <EmptyRuns project={project} experiment={experiment} />;
}
