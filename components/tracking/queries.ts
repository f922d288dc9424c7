import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "#components/ui/api.ts";
import { fetchSeries } from "./fetch-series.ts";

const at = (project: string, path: string): string => `/api/v1/projects/${encodeURIComponent(project)}/${path}`;

/** The histories of these runs' metrics, thinned out to what a chart can draw; all metrics without `keys`. */
export function seriesQuery(project: string, runIds: readonly string[], points: number, keys?: readonly string[]) {
  return queryOptions({
    queryKey: [project, "runs", "metrics", runIds, keys ?? "all", points],
    queryFn: ({ signal }) => fetchSeries(project, { runIds, points, keys }, signal),
    enabled: runIds.length > 0,
    placeholderData: keepPreviousData,
  });
}

/** The course of all metrics of one run, for small lines beside their values; a run that goes is looked at again. */
export function runSeriesQuery(project: string, run: { readonly id: string; readonly status: string }) {
  return { ...seriesQuery(project, [run.id], 60), refetchInterval: run.status === "RUNNING" ? 5000 : (false as const) };
}

/** What one request may name. */
const AT_ONCE = 1000;

async function inTurn<T>(runIds: readonly string[], act: (some: readonly string[]) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (let from = 0; from < runIds.length; from += AT_ONCE) answers.push(await act(runIds.slice(from, from + AT_ONCE)));
  return answers;
}

/** The active runs nested below these, without these themselves. */
export function runsBelowQuery(project: string, runIds: readonly string[]) {
  return queryOptions({
    queryKey: [project, "runs", "below", runIds],
    queryFn: async () => {
      const answers = await inTurn(runIds, (some) =>
        api<{ runIds: string[] }>(at(project, "runs/below"), { body: { runIds: some } }),
      );
      const asked = new Set(runIds);
      return [...new Set(answers.flatMap((answer) => answer.runIds))].filter((id) => !asked.has(id));
    },
    enabled: runIds.length > 0,
    staleTime: 0,
  });
}

export async function deleteRuns(project: string, runIds: readonly string[]): Promise<void> {
  await inTurn(runIds, (some) => api(at(project, "runs/delete"), { body: { runIds: some } }));
}

export async function restoreRuns(project: string, runIds: readonly string[]): Promise<void> {
  await inTurn(runIds, (some) => api(at(project, "runs/restore"), { body: { runIds: some } }));
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
