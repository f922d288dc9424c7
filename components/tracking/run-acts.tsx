"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { plural } from "#components/ui/format.ts";
import { toast } from "#components/ui/toast.tsx";
import { deleteRuns, restoreRuns } from "./queries.ts";

/** Deletes runs after asking, and offers to take them back. */
export function useDeleteRuns(project: string): {
  ask: (ids: readonly string[], after?: () => void) => void;
  dialog: ReactNode;
} {
  const [asked, setAsked] = useState<{ ids: readonly string[]; after?: (() => void) | undefined } | null>(null);
  const queries = useQueryClient();
  const restore = useRestoreRuns(project);
  const count = plural(asked?.ids.length ?? 0, "run");
  const dialog = (
    <ConfirmDialog
      title={`Delete ${count}?`}
      touches={`${count} with metrics, parameters and files. They can be restored from the view of deleted runs.`}
      action={`Delete ${count}`}
      danger
      open={asked !== null}
      onOpenChange={() => setAsked(null)}
      onConfirm={async () => {
        if (!asked) return;
        await deleteRuns(project, asked.ids);
        await queries.invalidateQueries({ queryKey: [project, "runs"] });
        await queries.invalidateQueries({ queryKey: [project, "runs-table"] });
        asked.after?.();
        const { ids } = asked;
        toast.success(`${count} deleted`, { action: { label: "Undo", onClick: () => restore(ids) } });
      }}
    />
  );
  return { ask: (ids, after) => setAsked({ ids, after }), dialog };
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
    },
    onError: (error) => toast.error(error),
  });
  return mutation.mutate;
}
