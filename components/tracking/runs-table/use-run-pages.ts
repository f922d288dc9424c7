"use client";

import { useQueries, useQueryClient } from "@tanstack/react-query";
import { type RefObject, useCallback, useMemo } from "react";
import { api } from "#components/ui/api.ts";
import type { RunSummaryDto, RunSummaryPage } from "#server/tracking/contract.ts";
import { type Query, ROWS_PER_PAGE } from "./table-state.ts";
import type { Source } from "./segments.ts";

/** How long a page must stay in sight before it is asked for: pages that a scroll bar flies over are not. */
const REST_MS = 60;

function rest(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, REST_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("Aborted", "AbortError"));
    });
  });
}

/** What the runs table keeps of the server; changes of runs mark all of it stale. */
export const tableKey = (project: string) => [project, "runs-table"] as const;

/** One page of a source. `until` is read when it is asked for: a table that is being read does not shift when runs begin. */
export function pageQuery(project: string, query: Query, page: number, until: RefObject<number | null>) {
  return {
    queryKey: [...tableKey(project), "page", query, page] as const,
    queryFn: async ({ signal }: { signal: AbortSignal }) => {
      if (page > 0) await rest(signal);
      const bound = until.current === null ? {} : { until: until.current };
      return await api<RunSummaryPage>(`/api/v1/projects/${encodeURIComponent(project)}/runs`, {
        query: {
          ...query,
          ...bound,
          maxResults: ROWS_PER_PAGE,
          offset: page * ROWS_PER_PAGE,
          ...(page === 0 ? { count: true } : {}),
        },
        signal,
      });
    },
    staleTime: 30_000,
    // The event stream tells of changes at most twice a second and may miss the last of a burst; a run that goes is looked at again.
    refetchInterval: (state: { state: { data: RunSummaryPage | undefined } }) =>
      state.state.data?.runs.some((run) => run.status === "RUNNING") ? 5000 : (false as const),
  };
}

export interface Needed {
  readonly source: Source;
  readonly page: number;
}

function combined(results: readonly { data: RunSummaryPage | undefined; error: Error | null }[]) {
  return {
    pages: results.map((result) => result.data),
    error: results.find((result) => result.error !== null)?.error ?? null,
  };
}

/** Keeps the needed pages loaded, and finds a run in them: undefined while its page is on the way. */
export function useRunPages(project: string, needed: readonly Needed[], until: RefObject<number | null>) {
  const queries = useQueryClient();
  // The library keeps the combination as it is until what one of the pages holds has changed.
  const { pages, error } = useQueries({
    queries: needed.map(({ source, page }) => pageQuery(project, source.query, page, until)),
    combine: combined,
  });
  const loaded = useMemo(
    () => new Map(needed.map(({ source, page }, i) => [`${source.id} ${page}`, pages[i]])),
    [needed, pages],
  );
  const runAt = useCallback(
    (source: Source, index: number): RunSummaryDto | undefined => {
      const page = Math.floor(index / ROWS_PER_PAGE);
      const found =
        loaded.get(`${source.id} ${page}`) ??
        queries.getQueryData<RunSummaryPage>([...tableKey(project), "page", source.query, page]);
      return found?.runs[index % ROWS_PER_PAGE];
    },
    [loaded, queries, project],
  );
  return { runAt, error };
}
