import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { ArmCandidate, ArmDto, ArmReport } from "#server/serving/contract.ts";
import { api } from "#components/ui/api.ts";
import { endpointPath } from "../queries.ts";

/** Where an arm's API is. */
export function armPath(project: string, name: string, id: string, rest = ""): string {
  return endpointPath(project, name, `/arms/${encodeURIComponent(id)}${rest}`);
}

/** All arms of an endpoint, those that run first, then those that ended, the latest first. */
export function armsQuery(project: string, name: string) {
  return queryOptions({
    queryKey: [project, "endpoints", "arms", name],
    queryFn: ({ signal }) => api<ArmDto[]>(endpointPath(project, name, "/arms"), { signal }),
  });
}

/** The versions that could take part, and why others could not. */
export function candidatesQuery(project: string, name: string) {
  return queryOptions({
    queryKey: [project, "endpoints", "candidates", name],
    queryFn: ({ signal }) => api<ArmCandidate[]>(endpointPath(project, name, "/arms/candidates"), { signal }),
  });
}

/** What a split has shown; while it runs it is asked for again, as counts come by the minute. */
export function reportQuery(project: string, name: string, id: string, running: boolean) {
  return queryOptions({
    queryKey: [project, "endpoints", "report", name, id],
    queryFn: ({ signal }) => api<ArmReport>(armPath(project, name, id, "/report"), { signal }),
    refetchInterval: running ? 30_000 : false,
    placeholderData: keepPreviousData,
  });
}
