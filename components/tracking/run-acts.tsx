"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { plural } from "#components/ui/format.ts";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Checkbox } from "#components/ui/toggle.tsx";
import { deleteRuns, restoreRuns, runsBelowQuery } from "./queries.ts";

interface AskedRun {
  readonly id: string;
  readonly name: string | undefined;
}

/** So many are named before the others are counted. */
const NAMED = 3;

/** "search-01, search-02 and 3 more runs"; only the number where no name is known. */
function namesOf(runs: readonly AskedRun[]): string {
  const names = runs.flatMap((run) => run.name ?? []).slice(0, NAMED);
  const others = runs.length - names.length;
  if (names.length === 0) return plural(others, "run");
  if (others > 0) return `${names.join(", ")} and ${others} more ${others === 1 ? "run" : "runs"}`;
  return names.length === 1 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

/** Deletes runs after asking, and offers to take them back. */
export function useDeleteRuns(project: string): {
  /** Without a name a run is only counted: of those that a search selected not all have been read. */
  ask: (runs: readonly AskedRun[], after?: () => void) => void;
  dialog: ReactNode;
} {
  const [asked, setAsked] = useState<{ runs: readonly AskedRun[]; after?: (() => void) | undefined } | null>(null);
  const queries = useQueryClient();
  const restore = useRestoreRuns(project);
  const [withNested, setWithNested] = useState(false);
  const runs = asked?.runs ?? [];
  const named = useMemo(() => asked?.runs.map((run) => run.id) ?? [], [asked]);
  const below = useQuery(runsBelowQuery(project, named));
  const nested = below.data ?? [];
  const ids = withNested ? [...named, ...nested] : named;
  const count = plural(ids.length, "run");
  const dialog = (
    <ConfirmDialog
      title={`Delete ${plural(runs.length, "run")}?`}
      touches={`${namesOf(runs)} with metrics, parameters and files. ${runs.length === 1 ? "It" : "They"} can be restored from the view of deleted runs.`}
      action={`Delete ${count}`}
      danger
      open={asked !== null}
      onOpenChange={() => setAsked(null)}
      onConfirm={async () => {
        if (!asked) return;
        await deleteRuns(project, ids);
        await queries.invalidateQueries({ queryKey: [project, "runs"] });
        await queries.invalidateQueries({ queryKey: [project, "runs-table"] });
        // The numbers beside the experiments come with the page.
        refreshPage();
        asked.after?.();
        toast.success(`${count} deleted`, { action: { label: "Undo", onClick: () => restore(ids) } });
      }}
    >
      {nested.length === 0 ? null : (
        <Checkbox
          label={`Delete the ${plural(nested.length, "nested run")} below ${runs.length === 1 ? "it" : "them"} too; otherwise ${nested.length === 1 ? "it stays" : "they stay"}`}
          checked={withNested}
          onCheckedChange={setWithNested}
        />
      )}
    </ConfirmDialog>
  );
  const ask = (found: readonly AskedRun[], after?: () => void): void => {
    setWithNested(false);
    setAsked({ runs: found, after });
  };
  return { ask, dialog };
}

/** Takes deleted runs back. */
export function useRestoreRuns(project: string): (ids: readonly string[]) => void {
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: (ids: readonly string[]) => restoreRuns(project, ids),
    onSuccess: async (_, ids) => {
      toast.success(`${plural(ids.length, "run")} restored`);
      await queries.invalidateQueries({ queryKey: [project, "runs"] });
      await queries.invalidateQueries({ queryKey: [project, "runs-table"] });
      refreshPage();
    },
    onError: (error) => toast.error(error),
  });
  return mutation.mutate;
}
