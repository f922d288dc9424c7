"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { toast } from "#components/ui/toast.tsx";
import type { RunMarkDto } from "#server/tracking/contract.ts";
import { type MarkChange, markRuns, marksQuery } from "./queries.ts";
import type { TableState } from "./table-state.ts";
import { tableKey } from "./use-run-pages.ts";

export interface Marks {
  readonly of: (run: string) => RunMarkDto | undefined;
  readonly pinned: number;
  /** How many runs the table leaves out because the reader hid them. */
  readonly hiddenIn: (state: Pick<TableState, "experiment" | "view">) => number;
  readonly change: (runs: readonly string[], change: MarkChange) => void;
}

/** What the reader marked runs with: kept by the server for this person, shown at once. `initial` is what the server read for this page already. */
export function useMarks(project: string, initial?: readonly RunMarkDto[]): Marks {
  const queries = useQueryClient();
  const { data } = useQuery({ ...marksQuery(project), ...(initial ? { initialData: [...initial] } : {}) });
  const { mutate } = useMutation({
    mutationFn: ({ runs, change }: { runs: readonly string[]; change: MarkChange }) => markRuns(project, runs, change),
    onError: (error) => toast.error(error),
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: [project, "run-marks"] });
      await queries.invalidateQueries({ queryKey: tableKey(project) });
    },
  });
  return useMemo(() => {
    const marks = new Map((data ?? []).map((mark) => [mark.runId, mark]));
    const all = [...marks.values()];
    return {
      of: (run) => marks.get(run),
      pinned: all.filter((mark) => mark.pinned).length,
      hiddenIn: ({ experiment, view }) =>
        all.filter(
          (mark) =>
            mark.hidden &&
            !mark.pinned &&
            (experiment === null || mark.experiment === experiment) &&
            (view === "ALL" || mark.deleted === (view === "DELETED_ONLY")),
        ).length,
      change: (runs, change) => mutate({ runs, change }),
    };
  }, [data, mutate]);
}
