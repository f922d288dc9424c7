import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type {
  EndpointAvailability,
  EndpointTraffic,
  EndpointUsage,
  PredictionDetail,
  PredictionSummary,
  TrafficSpan,
} from "#server/serving/contract.ts";
import { api } from "#components/ui/api.ts";

/** Where an endpoint's API is. */
export function endpointPath(project: string, name: string, rest = ""): string {
  return `/api/v1/projects/${encodeURIComponent(project)}/endpoints/${encodeURIComponent(name)}${rest}`;
}

/** Counts come by the minute, so they are asked for twice in one. */
export function trafficQuery(project: string, name: string, span: TrafficSpan) {
  return queryOptions({
    queryKey: [project, "endpoints", "traffic", name, span],
    queryFn: ({ signal }) => api<EndpointTraffic>(endpointPath(project, name, "/traffic"), { query: { span }, signal }),
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
  });
}

/** Which tokens asked for how much, by day. */
export function usageQuery(project: string, name: string, days: number) {
  return queryOptions({
    queryKey: [project, "endpoints", "usage", name, days],
    queryFn: ({ signal }) => api<EndpointUsage>(endpointPath(project, name, "/usage"), { query: { days }, signal }),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });
}

/** How available it was in the last 30 days, by day. */
export function availabilityQuery(project: string, name: string) {
  return queryOptions({
    queryKey: [project, "endpoints", "availability", name],
    queryFn: ({ signal }) => api<EndpointAvailability>(endpointPath(project, name, "/availability"), { signal }),
    refetchInterval: 60_000,
  });
}

export interface PredictionFilter {
  readonly label: string;
  readonly version: string;
  readonly outcome: string;
}

/** Logged predictions, the newest events first, page by page. */
export function predictionsQuery(project: string, name: string, filter: PredictionFilter) {
  return infiniteQueryOptions({
    queryKey: [project, "predictions", "list", name, filter],
    queryFn: ({ pageParam, signal }) =>
      api<{ predictions: PredictionSummary[]; next: string | null }>(endpointPath(project, name, "/predictions"), {
        query: { ...filter, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last: { next: string | null }) => last.next,
    placeholderData: keepPreviousData,
  });
}

/** One prediction with its lineage. */
export function predictionQuery(project: string, name: string, id: string) {
  return queryOptions({
    queryKey: [project, "predictions", "one", name, id],
    queryFn: ({ signal }) =>
      api<PredictionDetail>(endpointPath(project, name, `/predictions/${encodeURIComponent(id)}`), { signal }),
    enabled: id !== "",
  });
}
