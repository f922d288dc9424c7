import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { ServiceCall } from "#server/serving/contract.ts";
import { api } from "#components/ui/api.ts";

/** Where a service's API is. */
export function servicePath(project: string, name: string, rest = ""): string {
  return `/api/v1/projects/${encodeURIComponent(project)}/services/${encodeURIComponent(name)}${rest}`;
}

export interface CallFilter {
  readonly outcome: string;
  readonly requestId: string;
}

/** Logged calls, newest first, page by page. */
export function callsQuery(project: string, name: string, filter: CallFilter) {
  return infiniteQueryOptions({
    queryKey: [project, "services", "calls", name, filter],
    queryFn: ({ pageParam, signal }) =>
      api<{ calls: ServiceCall[]; cursor: string | null }>(servicePath(project, name, "/calls"), {
        query: {
          ...(filter.outcome === "" ? {} : { outcome: filter.outcome }),
          ...(filter.requestId === "" ? {} : { requestId: filter.requestId }),
          cursor: pageParam,
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last: { cursor: string | null }) => last.cursor,
    placeholderData: keepPreviousData,
  });
}

export interface PublishableFile {
  readonly path: string;
  readonly name: string;
  readonly published: string | null;
}

/** Files of the default branch that can be published. */
export function publishableQuery(project: string) {
  return queryOptions({
    queryKey: [project, "services", "files"],
    queryFn: ({ signal }) =>
      api<{ commit: string; files: PublishableFile[] }>(
        `/api/v1/projects/${encodeURIComponent(project)}/services/files`,
        { signal },
      ),
  });
}
