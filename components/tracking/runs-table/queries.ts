import { queryOptions } from "@tanstack/react-query";
import { api, withQuery } from "#components/ui/api.ts";
import type { RunGroupsDto, RunKeysDto, RunMarkDto, RunViewDto } from "#server/tracking/contract.ts";
import type { Query } from "./table-state.ts";
import { tableKey } from "./use-run-pages.ts";

const at = (project: string, path: string): string => `/api/v1/projects/${encodeURIComponent(project)}/${path}`;

/** The names that runs of an experiment, or of all, have logged. A training run does not make them stale: names come seldom. */
export function keysQuery(project: string, experiment: number | null) {
  return queryOptions({
    queryKey: [project, "run-keys", experiment],
    queryFn: ({ signal }) => api<RunKeysDto>(at(project, "runs/keys"), { query: { experiment }, signal }),
    staleTime: 60_000,
  });
}

/** What a name of the filter has as values. */
export function valuesQuery(project: string, experiment: number | null, name: string, begins: string) {
  return queryOptions({
    queryKey: [project, "run-keys", "values", experiment, name, begins],
    queryFn: ({ signal }) =>
      api<{ values: { value: string; runs: number }[] }>(at(project, "runs/values"), {
        query: { experiment, name, begins },
        signal,
      }),
    staleTime: 60_000,
    enabled: name !== "",
  });
}

export function groupsQuery(project: string, query: Query, wanted: boolean) {
  return queryOptions({
    queryKey: [...tableKey(project), "groups", query],
    queryFn: ({ signal }) => api<RunGroupsDto>(at(project, "runs/groups"), { query, signal }),
    staleTime: 30_000,
    enabled: wanted,
  });
}

export function marksQuery(project: string) {
  return queryOptions({
    queryKey: [project, "run-marks"],
    queryFn: ({ signal }) => api<RunMarkDto[]>(at(project, "runs/marks"), { signal }),
    staleTime: 60_000,
  });
}

export function viewsQuery(project: string) {
  return queryOptions({
    queryKey: [project, "run-views"],
    queryFn: ({ signal }) => api<RunViewDto[]>(at(project, "run-views"), { signal }),
    staleTime: 60_000,
  });
}

export async function saveView(
  project: string,
  view: { name: string; shared: boolean; state: string },
): Promise<RunViewDto> {
  return await api<RunViewDto>(at(project, "run-views"), { body: view });
}

export async function updateView(
  project: string,
  id: string,
  changes: { name?: string; shared?: boolean; state?: string },
): Promise<RunViewDto> {
  return await api<RunViewDto>(at(project, `run-views/${id}`), { method: "PATCH", body: changes });
}

export async function deleteView(project: string, id: string): Promise<void> {
  await api(at(project, `run-views/${id}`), { method: "DELETE" });
}

export interface MarkChange {
  readonly pinned?: boolean;
  readonly hidden?: boolean;
  readonly color?: number | null;
}

export async function markRuns(project: string, ids: readonly string[], change: MarkChange): Promise<void> {
  await api(at(project, "runs/marks"), { method: "PUT", body: { runIds: ids, ...change } });
}

/** The ids of all runs that are meant, in the order of the table, up to 10,000. */
export async function runIds(project: string, query: Query): Promise<string[]> {
  return (await api<{ ids: string[] }>(at(project, "runs/ids"), { query })).ids;
}

/** The address of all that matches as CSV. */
export function exportAddress(project: string, query: Query): string {
  return withQuery(at(project, "runs/export.csv"), query);
}
