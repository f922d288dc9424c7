import { queryOptions } from "@tanstack/react-query";
import type { AlertDto, RetrainingPlan, WindowDto } from "#server/monitoring/contract.ts";
import { api } from "#components/ui/api.ts";

/** One alert with what retraining for it would do. */
export function alertQuery(project: string, number: number) {
  return queryOptions({
    queryKey: [project, "monitors", "alert", number],
    queryFn: ({ signal }) =>
      api<AlertDto & { plan: RetrainingPlan }>(`/api/v1/projects/${project}/alerts/${number}`, { signal }),
  });
}

/** One window with the bars of every distribution. */
export function windowQuery(project: string, monitor: string, startsAt: string) {
  return queryOptions({
    queryKey: [project, "monitors", monitor, "window", startsAt],
    queryFn: ({ signal }) =>
      api<WindowDto>(
        `/api/v1/projects/${project}/monitors/${encodeURIComponent(monitor)}/windows/${encodeURIComponent(startsAt)}`,
        { signal },
      ),
  });
}
