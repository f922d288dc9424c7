"use client";

import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api } from "#components/ui/api.ts";
import { useLiveEvent } from "#components/ui/live.tsx";
import type { Waiting } from "#server/overview/contract.ts";

const NOTHING: Waiting = { reviews: 0, monitoring: 0, pipelines: 0 };
/** A running pipeline announces every step; the rail needs to know no oftener than this. */
const AT_MOST_EVERY_MS = 2000;

function waitingIn(project: string | null) {
  return queryOptions({
    queryKey: [project, "waiting"],
    queryFn: ({ signal }) => api<Waiting>(`/api/v1/projects/${project ?? ""}/waiting`, { signal }),
    enabled: false,
  });
}

/** How many things wait in the sections of the open project: what the page brought, then what the event stream made necessary to ask for. */
export function useWaiting(project: string | null, initial: Waiting | undefined): Readonly<Record<string, number>> {
  const queries = useQueryClient();
  const { data } = useQuery(waitingIn(project));
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  // A page that was made anew knows better than an answer from before.
  useEffect(() => {
    if (initial !== undefined) queries.setQueryData(waitingIn(project).queryKey, initial);
  }, [queries, project, initial]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [project],
  );
  useLiveEvent(["reviews", "monitors", "pipelines"], () => {
    if (project === null) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      // When it fails the counts stay as they were; the next change asks again.
      void queries.query(waitingIn(project)).catch(() => undefined);
    }, AT_MOST_EVERY_MS);
  });
  return project === null ? {} : { ...(data ?? initial ?? NOTHING) };
}
