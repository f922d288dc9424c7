import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "#components/ui/api.ts";
import type { MetricSeriesDto, RunSummaryPage, ViewType } from "#server/tracking/contract.ts";

const at = (project: string, path: string): string => `/api/v1/projects/${encodeURIComponent(project)}/${path}`;

export interface RunsWanted {
  /** null: of all experiments. */
  readonly experiment: number | null;
  readonly filter: string;
  readonly view: ViewType;
}

/** Whether two searches ask for the same runs. */
export function sameRuns(a: RunsWanted, b: RunsWanted): boolean {
  return a.experiment === b.experiment && a.filter === b.filter && a.view === b.view;
}

/** The runs of a table, newest first, page by page. */
export function runsQuery(project: string, wanted: RunsWanted) {
  return infiniteQueryOptions({
    queryKey: [project, "runs", "list", wanted],
    queryFn: ({ pageParam, signal }) =>
      api<RunSummaryPage>(at(project, "runs"), {
        query: { experiment: wanted.experiment, filter: wanted.filter, view: wanted.view, pageToken: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last: RunSummaryPage) => last.nextPageToken,
    placeholderData: keepPreviousData,
  });
}

/** The histories of these runs' metrics, thinned out to what a chart can draw; all metrics without `keys`. */
export function seriesQuery(project: string, runIds: readonly string[], points: number, keys?: readonly string[]) {
  return queryOptions({
    queryKey: [project, "runs", "metrics", runIds, keys ?? "all", points],
    queryFn: ({ signal }) =>
      api<MetricSeriesDto[]>(at(project, "runs/metrics"), {
        body: { runIds, points, ...(keys ? { keys } : {}) },
        signal,
      }),
    enabled: runIds.length > 0,
    placeholderData: keepPreviousData,
  });
}

export async function deleteRuns(project: string, runIds: readonly string[]): Promise<void> {
  await api(at(project, "runs/delete"), { body: { runIds } });
}

export async function restoreRuns(project: string, runIds: readonly string[]): Promise<void> {
  await api(at(project, "runs/restore"), { body: { runIds } });
}

export async function renameRun(project: string, run: string, name: string): Promise<void> {
  await api(at(project, `runs/${run}`), { method: "PATCH", body: { name } });
}

export async function createExperiment(project: string, name: string): Promise<{ number: number }> {
  return await api(at(project, "experiments"), { body: { name } });
}

export async function renameExperiment(project: string, number: number, name: string): Promise<void> {
  await api(at(project, `experiments/${number}`), { method: "PATCH", body: { name } });
}

export async function deleteExperiment(project: string, number: number): Promise<void> {
  await api(at(project, `experiments/${number}`), { method: "DELETE" });
}

export async function restoreExperiment(project: string, number: number): Promise<void> {
  await api(at(project, `experiments/${number}/restore`), { method: "POST", body: {} });
}
