import { queryOptions } from "@tanstack/react-query";
import { api } from "#components/ui/api.ts";
import type { PurgeDto, PurgePlanDto, PurgeWanted } from "#server/retention/contract.ts";

const at = (project: string, path: string): string => `/api/v1/projects/${encodeURIComponent(project)}/${path}`;

/** What a purge would remove and free now. */
export function purgePlanQuery(project: string, wanted: PurgeWanted | null) {
  return queryOptions({
    queryKey: [project, "runs", "purge-plan", wanted],
    queryFn: ({ signal }) => api<PurgePlanDto>(at(project, "purges/plan"), { body: { wanted }, signal }),
    enabled: wanted !== null,
    staleTime: 0,
    retry: false,
  });
}

/** The latest purges, and the project's rule. */
export function purgesQuery(project: string) {
  return queryOptions({
    queryKey: [project, "runs", "purges"],
    queryFn: ({ signal }) =>
      api<{ purges: PurgeDto[]; deletedDays: number | null }>(at(project, "purges"), { query: { limit: 5 }, signal }),
    // The event stream tells of a purge that goes; one announcement of its end may be missed.
    refetchInterval: (query) =>
      query.state.data?.purges.some(({ status }) => status === "queued" || status === "running") ? 2000 : false,
  });
}

export async function startPurge(project: string, wanted: PurgeWanted): Promise<PurgeDto> {
  return await api(at(project, "purges"), { body: { wanted, confirm: "purge" } });
}

export async function setRetention(project: string, deletedDays: number | null): Promise<void> {
  await api(at(project, "retention"), { method: "PUT", body: { deletedDays } });
}
