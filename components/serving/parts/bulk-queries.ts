import { queryOptions } from "@tanstack/react-query";
import type { DatasetSummary, VersionDetail } from "#server/data/contract.ts";
import type { ModelDetail, ModelDto } from "#server/registry/contract.ts";
import type { ExportDto, ScoringDto } from "#server/serving/contract.ts";
import { api } from "#components/ui/api.ts";

const base = (project: string) => `/api/v1/projects/${encodeURIComponent(project)}`;

/** Where a batch scoring's API is. */
export function scoringPath(project: string, number: number, rest = ""): string {
  return `${base(project)}/scorings/${number}${rest}`;
}

/** Where an export's API is. */
export function exportPath(project: string, number: number, rest = ""): string {
  return `${base(project)}/exports/${number}${rest}`;
}

/** Batch scorings of a project, of one model or of one dataset, newest first. */
export function scoringsQuery(project: string, filter: { model?: string; dataset?: string }) {
  return queryOptions({
    queryKey: [project, "bulk", "scorings", filter],
    queryFn: ({ signal }) =>
      api<{ scorings: ScoringDto[]; next: number | null }>(`${base(project)}/scorings`, {
        query: { ...filter, limit: 200 },
        signal,
      }),
  });
}

/** Exports of an endpoint's predictions, newest first. */
export function exportsQuery(project: string, endpoint: string) {
  return queryOptions({
    queryKey: [project, "bulk", "exports", endpoint],
    queryFn: ({ signal }) =>
      api<{ exports: ExportDto[] }>(`${base(project)}/endpoints/${encodeURIComponent(endpoint)}/exports`, { signal }),
  });
}

export function modelsQuery(project: string) {
  return queryOptions({
    queryKey: [project, "models", "all"],
    queryFn: ({ signal }) => api<ModelDto[]>(`${base(project)}/models`, { signal }),
  });
}

export function modelQuery(project: string, name: string) {
  return queryOptions({
    queryKey: [project, "models", "one", name],
    queryFn: ({ signal }) => api<ModelDetail>(`${base(project)}/models/${encodeURIComponent(name)}`, { signal }),
    enabled: name !== "",
  });
}

export function datasetsQuery(project: string) {
  return queryOptions({
    queryKey: [project, "datasets", "all"],
    queryFn: ({ signal }) => api<DatasetSummary[]>(`${base(project)}/datasets`, { signal }),
  });
}

/** The newest version of a dataset, or the one of that number, with its columns. */
export function datasetVersionQuery(project: string, dataset: string, version: string) {
  return queryOptions({
    queryKey: [project, "datasets", "version", dataset, version],
    queryFn: ({ signal }) =>
      api<VersionDetail>(`${base(project)}/datasets/${encodeURIComponent(dataset)}/versions/${version}`, { signal }),
    enabled: dataset !== "" && version !== "",
  });
}
