"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ban, RotateCcw } from "lucide-react";
import { useRouter } from "next/navigation";
import { api } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { plural } from "#components/ui/format.ts";
import { DropdownMenu } from "#components/ui/menu.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { RunDetail } from "#server/pipelines/contract.ts";
import { pipelinesPath, runQuery } from "./queries.ts";

/** Cancel while it runs, run again when it has ended. */
export function RunActs({ project, run }: { project: string; run: RunDetail }) {
  return run.finishedAt === null ? (
    <CancelRun project={project} run={run} />
  ) : (
    <RepeatRun project={project} run={run} />
  );
}

function CancelRun({ project, run }: { project: string; run: RunDetail }) {
  const queries = useQueryClient();
  const running = run.stepRuns.filter((step) => step.status === "running").length;
  const waiting = run.stepRuns.filter((step) => step.status === "pending" || step.status === "ready").length;
  const asked = run.cancelRequestedAt !== null;
  return (
    <ConfirmDialog
      title={`Cancel run ${run.number}?`}
      touches={`${plural(running, "running step")} will be ended and ${plural(waiting, "waiting step")} will not begin. What has finished keeps its outputs.`}
      action="Cancel the run"
      danger
      reason="optional"
      onConfirm={async (reason) => {
        await api(pipelinesPath(project, `pipeline-runs/${run.number}/cancel`), { body: { reason } });
        await queries.invalidateQueries({ queryKey: runQuery(project, run.number).queryKey });
      }}
      trigger={
        <Button icon={<Ban aria-hidden />} disabled={asked}>
          {asked ? "Cancelling" : "Cancel"}
        </Button>
      }
    />
  );
}

function RepeatRun({ project, run }: { project: string; run: RunDetail }) {
  const router = useRouter();
  const repeat = useMutation({
    mutationFn: (steps: "all" | "failed") =>
      api<{ number: number }>(pipelinesPath(project, `pipeline-runs/${run.number}/rerun`), { body: { steps } }),
    onSuccess: ({ number }) => {
      toast.success(`Run ${number} started`, { detail: "With the same commit, parameters and dataset versions." });
      router.push(`/p/${project}/pipelines/runs/${number}`);
    },
    onError: (error) => {
      toast.error(error);
    },
  });
  const done = run.stepRuns.filter((step) => step.status === "succeeded").length;
  if (run.status === "succeeded" || done === 0)
    return (
      <Button icon={<RotateCcw aria-hidden />} loading={repeat.isPending} onClick={() => repeat.mutate("all")}>
        Run again
      </Button>
    );
  return (
    <DropdownMenu
      align="end"
      trigger={
        <Button icon={<RotateCcw aria-hidden />} loading={repeat.isPending}>
          Run again
        </Button>
      }
      items={[
        {
          label: "Only what did not succeed",
          note: `keeps ${plural(done, "result")}`,
          onSelect: () => repeat.mutate("failed"),
        },
        { label: "All steps", onSelect: () => repeat.mutate("all") },
      ]}
    />
  );
}
