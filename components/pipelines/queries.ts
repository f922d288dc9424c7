import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "#components/ui/api.ts";
import type { LogPage, PipelineFileDto, RunDetail, RunPage, TrackedRunDto } from "#server/pipelines/contract.ts";

export const pipelinesPath = (project: string, path: string): string =>
  `/api/v1/projects/${encodeURIComponent(project)}/${path}`;

export interface PipelineFiles {
  readonly ref: string;
  readonly commit: string | null;
  readonly files: readonly PipelineFileDto[];
}

/** The pipeline files at a branch or commit. */
export function pipelineFilesQuery(project: string, ref: string) {
  return queryOptions({
    queryKey: [project, "code", "pipelines", ref],
    queryFn: ({ signal }) =>
      api<PipelineFiles>(pipelinesPath(project, "pipelines"), { query: { ref: ref === "" ? null : ref }, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** The newest runs of the project. */
export function runListQuery(project: string) {
  return queryOptions({
    queryKey: [project, "pipelines", "list"],
    queryFn: ({ signal }) => api<RunPage>(pipelinesPath(project, "pipeline-runs"), { query: { limit: 200 }, signal }),
  });
}

/** One run with its graph. */
export function runQuery(project: string, number: number) {
  return queryOptions({
    queryKey: [project, "pipelines", "run", number],
    queryFn: ({ signal }) => api<RunDetail>(pipelinesPath(project, `pipeline-runs/${number}`), { signal }),
  });
}

/** The experiment runs that a pipeline run logged. */
export function trackedRunsQuery(project: string, number: number) {
  return queryOptions({
    queryKey: [project, "runs", "of-pipeline", number],
    queryFn: ({ signal }) =>
      api<TrackedRunDto[]>(pipelinesPath(project, `pipeline-runs/${number}/tracked-runs`), { signal }),
  });
}

export interface OutputFiles {
  readonly kind: "file" | "folder";
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly sizeBytes: number }[];
}

/** The files that a stored folder holds. They never change. */
export function outputFilesQuery(project: string, number: number, step: string, output: string) {
  return queryOptions({
    queryKey: [project, "outputs", number, step, output],
    queryFn: ({ signal }) =>
      api<OutputFiles>(pipelinesPath(project, `pipeline-runs/${number}/steps/${step}/outputs/${output}`), { signal }),
    staleTime: Infinity,
  });
}

/** Branches of the repository, main first. */
export function branchesQuery(project: string) {
  return queryOptions({
    queryKey: [project, "code", "branches"],
    queryFn: async ({ signal }) => {
      const { branches } = await api<{ branches: readonly string[] }>(pipelinesPath(project, "code/tree"), { signal });
      return branches;
    },
    retry: false,
  });
}

export interface DatasetChoice {
  readonly versions: readonly { readonly version: number; readonly rows: number; readonly createdAt: string }[];
}

/** The versions of a dataset, newest first. */
export function datasetVersionsQuery(project: string, dataset: string) {
  return queryOptions({
    queryKey: [project, "datasets", "versions", dataset],
    queryFn: ({ signal }) => api<DatasetChoice>(pipelinesPath(project, `datasets/${dataset}`), { signal }),
    retry: false,
  });
}

/** A part of an attempt's log after the chunk `after`. */
export function readLogPart(
  project: string,
  run: number,
  attempt: string,
  after: number,
  signal: AbortSignal,
): Promise<LogPage> {
  return api<LogPage>(pipelinesPath(project, `pipeline-runs/${run}/attempts/${attempt}/log`), {
    query: { after },
    signal,
  });
}
