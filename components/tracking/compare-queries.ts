import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "#components/ui/api.ts";
import type { ArtifactEntryDto, EvaluationDto, ImportanceDto, PairedSeriesDto } from "#server/tracking/contract.ts";
import { fetchSeries } from "./fetch-series.ts";

const at = (project: string, path: string): string => `/api/v1/projects/${encodeURIComponent(project)}/${path}`;

interface Steps {
  readonly from: number;
  readonly to: number;
}

/** One metric of these runs, thinned out to what a chart can draw. */
export function seriesQuery(project: string, runIds: readonly string[], points: number, metric: string) {
  return queryOptions({
    queryKey: [project, "runs", "metrics", runIds, metric, points],
    queryFn: ({ signal }) => fetchSeries(project, { runIds, points, keys: [metric] }, signal),
    enabled: runIds.length > 0,
    placeholderData: keepPreviousData,
  });
}

/** The metric again between two steps, where the whole had to be thinned out; null: not needed. */
export function partQuery(
  project: string,
  runIds: readonly string[],
  points: number,
  metric: string,
  steps: Steps | null,
) {
  return queryOptions({
    queryKey: [project, "runs", "metrics", runIds, metric, points, steps],
    queryFn: ({ signal }) =>
      fetchSeries(project, { runIds, points, keys: [metric], steps: steps ?? undefined }, signal),
    enabled: runIds.length > 0 && steps !== null,
  });
}

/** One metric over another, paired step by step; `x` only between these values of the other, null for all. */
export function pairsQuery(
  project: string,
  runIds: readonly string[],
  asked: { readonly key: string; readonly by: string; readonly points: number; readonly x: Steps | null },
) {
  const { x, ...rest } = asked;
  return queryOptions({
    queryKey: [project, "runs", "metric-pairs", runIds, asked],
    queryFn: ({ signal }) =>
      api<PairedSeriesDto[]>(at(project, "runs/metric-pairs"), {
        body: { runIds, ...rest, ...(x === null ? {} : { x }) },
        signal,
      }),
    enabled: runIds.length > 0,
    placeholderData: keepPreviousData,
  });
}

/** Which parameters go with a metric; asking queues the computation when nobody did before. */
export function importanceQuery(project: string, runIds: readonly string[], metric: string) {
  return queryOptions({
    queryKey: [project, "importance", runIds, metric],
    queryFn: ({ signal }) => api<ImportanceDto>(at(project, "runs/importance"), { body: { runIds, metric }, signal }),
    enabled: metric !== "",
    // The event stream tells when it is done; a browser without it looks by itself.
    refetchInterval: (query) => (query.state.data?.status === "queued" ? 2000 : false),
    staleTime: 30_000,
  });
}

/** What the platform computed from the predictions that these runs logged. */
export function evaluationsQuery(project: string, runIds: readonly string[]) {
  return queryOptions({
    queryKey: [project, "runs", "evaluations", "of", runIds],
    queryFn: ({ signal }) =>
      api<readonly EvaluationDto[]>(at(project, "evaluations"), { query: { runs: runIds.join(",") }, signal }),
    enabled: runIds.length > 0,
    refetchInterval: (query) =>
      query.state.data?.some((one) => one.status === "queued" || one.status === "running") === true ? 2000 : false,
  });
}

/** The picture files that a run logged, in its folders down to the third. */
export function picturesQuery(project: string, runId: string) {
  return queryOptions({
    queryKey: [project, "runs", "pictures", runId],
    queryFn: async ({ signal }) => {
      const list = (path: string) =>
        api<readonly ArtifactEntryDto[]>(at(project, `runs/${runId}/artifacts`), { query: { path }, signal });
      const found: ArtifactEntryDto[] = [];
      let folders = [""];
      for (let depth = 0; depth < 3 && folders.length > 0; depth++) {
        const entries = (await Promise.all(folders.slice(0, 20).map(list))).flat();
        found.push(...entries.filter((entry) => !entry.folder && PICTURE.test(entry.name)));
        folders = entries.filter((entry) => entry.folder).map((entry) => entry.path);
      }
      return found;
    },
    staleTime: 60_000,
  });
}

const PICTURE = /\.(png|jpe?g|gif|webp|svg)$/i;
